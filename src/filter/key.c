#include "filter/key.h"

#include "base/buildid.h"
#include "filter/dispatch.h"

/* What stands where a condition could. */
enum { NO_COND = 0x100, NEVER, UNASKABLE };

static void add_test(struct digest *d, const struct cond *test)
{
	digest_add_u64(d, (uint64_t)test->kind | (uint64_t)test->arg << 8 |
				  (uint64_t)test->bits << 16 |
				  (uint64_t)test->is_signed << 24 |
				  (uint64_t)test->op << 32);
	digest_add_u64(d, test->mask);
	digest_add_u64(d, test->value);
}

/* In prefix form, which is unambiguous; loops along b, as cond_holds(). */
static void add_cond(struct digest *d, const struct cond *cond)
{
	for (; cond; cond = cond->b) {
		if (cond == &cond_never || cond == &cond_unaskable) {
			digest_add_u64(d, cond == &cond_never ? NEVER
							      : UNASKABLE);
			return;
		}
		if (cond->kind == COND_TEST) {
			add_test(d, cond);
			return;
		}
		digest_add_u64(d, (uint64_t)cond->kind);
		add_cond(d, cond->a);
		if (cond->kind == COND_NOT)
			return;
	}
	digest_add_u64(d, NO_COND);
}

/* A rule is heard through its entries only.  One word says it all for most of
 * them: this is a good part of what a cached start does. */
static inline void add_entries(struct digest *d, const struct entry *entry)
{
	for (; entry; entry = entry->next) {
		const struct rule *rule = entry->rule;
		bool has_cond = entry->cond != cond_always;

		digest_add_u64(d, entry->call | (uint64_t)rule->action << 32 |
					  (uint64_t)rule->only << 40 |
					  (uint64_t)rule->alone << 41 |
					  (uint64_t)(rule->group != NULL)
						  << 42 |
					  (uint64_t)has_cond << 43 |
					  (uint64_t)(uint16_t)rule->err << 48);
		for (int abi = 0; has_cond && abi < ABI_COUNT; abi++)
			add_cond(d, entry->cond[abi]);
	}
}

static void add_settings(struct digest *d, const struct setting *settings)
{
	for (int id = 0; id < SET_COUNT; id++)
		digest_add_u64(d, (uint64_t)(uint32_t)settings[id].value |
					  (uint64_t)(settings[id].at.file !=
						     NULL) << 32);
}

static void add_layer(struct digest *d, const struct layer *layer)
{
	add_settings(d, layer->settings);
	for (size_t call = 0; call < syscall_count(); call++)
		add_entries(d, layer->by_call[call]);
	for (const struct entry *e = layer->raw; e; e = e->next_raw)
		add_entries(d, e);
	digest_add_u64(d, CALL_NONE);
}

static void add_tools(struct digest *d)
{
	const unsigned char *id;
	char library[24];
	size_t n;

	digest_add_text(d, VERSION);
	id = build_id(&n);
	digest_add_u64(d, n);
	digest_add(d, id, n);
	digest_add_text(d, dispatch_version(library));
}

struct key key_of(const struct policy *policy, const struct answers *answers,
		  unsigned gates)
{
	struct digest digest;
	struct key key;

	digest_start(&digest);
	add_tools(&digest);
	digest_add_u64(&digest, gates);
	digest_add_u64(&digest, (uint64_t)answers->watch |
					(uint64_t)answers->permissive << 8 |
					(uint64_t)answers->count << 9);
	digest_add_u64(&digest, policy->tracer_rules);
	add_settings(&digest, policy->effective);
	for (size_t i = 0; i < policy->n_layers; i++)
		add_layer(&digest, policy->layers[i]);
	digest_end(&digest, key.bytes);
	return key;
}
