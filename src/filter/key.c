#include "filter/key.h"

#include <inttypes.h>
#include <link.h>
#include <stdio.h>
#include <string.h>

#include "filter/dispatch.h"

/* What stands where a condition could. */
enum { NO_COND = 0x100, NEVER, UNASKABLE };

typedef unsigned __int128 digest;

/* Tells inputs apart that nobody chose to collide. */
static void add(digest *d, uint64_t word)
{
	/* odd, with bits all over: those of pi */
	static const digest factor =
		(digest)0x243f6a8885a308d3 << 64 | 0x13198a2e03707345;

	*d = (*d ^ word) * factor;
	*d ^= *d >> 67;
}

static void add_bytes(digest *d, const void *bytes, size_t n)
{
	const unsigned char *byte = bytes;

	add(d, n);
	while (n--)
		add(d, *byte++);
}

static void add_test(digest *d, const struct cond *test)
{
	add(d, (uint64_t)test->kind | (uint64_t)test->arg << 8 |
		       (uint64_t)test->bits << 16 |
		       (uint64_t)test->is_signed << 24 |
		       (uint64_t)test->op << 32);
	add(d, test->mask);
	add(d, test->value);
}

/* In prefix form, which is unambiguous; loops along b, as cond_holds(). */
static void add_cond(digest *d, const struct cond *cond)
{
	for (; cond; cond = cond->b) {
		if (cond == &cond_never || cond == &cond_unaskable) {
			add(d, cond == &cond_never ? NEVER : UNASKABLE);
			return;
		}
		if (cond->kind == COND_TEST) {
			add_test(d, cond);
			return;
		}
		add(d, (uint64_t)cond->kind);
		add_cond(d, cond->a);
		if (cond->kind == COND_NOT)
			return;
	}
	add(d, NO_COND);
}

/* A rule is heard through its entries only.  One word says it all for most of
 * them: this is a good part of what a cached start does. */
static inline void add_entries(digest *d, const struct entry *entry)
{
	for (; entry; entry = entry->next) {
		const struct rule *rule = entry->rule;
		bool has_cond = entry->cond != cond_always;

		add(d, entry->call | (uint64_t)rule->action << 32 |
			       (uint64_t)rule->only << 40 |
			       (uint64_t)rule->alone << 41 |
			       (uint64_t)(rule->group != NULL) << 42 |
			       (uint64_t)has_cond << 43 |
			       (uint64_t)(uint16_t)rule->err << 48);
		for (int abi = 0; has_cond && abi < ABI_COUNT; abi++)
			add_cond(d, entry->cond[abi]);
	}
}

static void add_settings(digest *d, const struct setting *settings)
{
	for (int id = 0; id < SET_COUNT; id++)
		add(d, (uint64_t)(uint32_t)settings[id].value |
			       (uint64_t)(settings[id].at.file != NULL) << 32);
}

static void add_layer(digest *d, const struct layer *layer)
{
	add_settings(d, layer->settings);
	for (size_t call = 0; call < syscall_count(); call++)
		add_entries(d, layer->by_call[call]);
	for (const struct entry *e = layer->raw; e; e = e->next_raw)
		add_entries(d, e);
	add(d, CALL_NONE);
}

static void add_policy(digest *d, const struct policy *policy)
{
	add_settings(d, policy->effective);
	for (size_t i = 0; i < policy->n_layers; i++)
		add_layer(d, policy->layers[i]);
}

/* The program's notes hold the linker's digest of it (ld --build-id).  The
 * program itself comes first, before its libraries. */
static int add_notes(struct dl_phdr_info *info, size_t size, void *d)
{
	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &info->dlpi_phdr[i];

		if (ph->p_type == PT_NOTE)
			add_bytes(d, (void *)(info->dlpi_addr + ph->p_vaddr),
				  ph->p_memsz);
	}
	return 1;
}

static void add_tools(digest *d)
{
	char library[24];

	add_bytes(d, VERSION, strlen(VERSION));
	dl_iterate_phdr(add_notes, d);
	dispatch_version(library);
	add_bytes(d, library, strlen(library));
}

struct key key_of(const struct policy *policy, const struct answers *answers,
		  unsigned gates)
{
	digest d = 0;
	struct key key;

	add_tools(&d);
	add(&d, gates);
	add(&d, (uint64_t)answers->watch | (uint64_t)answers->permissive << 8 |
			(uint64_t)answers->count << 9);
	add(&d, policy->tracer_rules);
	add_policy(&d, policy);
	memcpy(key.bytes, &d, sizeof(d));
	return key;
}

void policy_digest(const struct policy *policy,
		   char text[static POLICY_DIGEST_SIZE])
{
	digest d = 0;

	add_policy(&d, policy);
	snprintf(text, POLICY_DIGEST_SIZE, "%016" PRIx64 "%016" PRIx64,
		 (uint64_t)(d >> 64), (uint64_t)d);
}
