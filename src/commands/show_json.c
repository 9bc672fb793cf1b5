#include "base/util.h"
#include "formats/settings.h"
#include "base/jtree.h"
#include "commands/powers.h"
#include "commands/show.h"
#include "commands/verdict_text.h"

static void put_settings(struct jtree *root, const struct policy *policy)
{
	struct jtree *settings = jtree_put_object(root, "settings");

	for (int id = 0; id < SET_COUNT; id++) {
		const struct setting *setting = &policy->effective[id];
		cleanup_free char *value = NULL;
		struct jtree *object;

		if (id == SET_FINAL)
			continue; /* of a layer */
		value = setting_text((enum setting_id)id, setting->value);
		object = jtree_put_object(settings, setting_key((enum setting_id)id));
		jtree_put_text(object, "value", value);
		place_put(object, setting->at);
	}
}

/* The outermost first, as they are asked. */
static void put_layers(struct jtree *root, const struct policy *policy)
{
	struct jtree *layers = jtree_put_list(root, "layers");

	for (size_t i = policy->n_layers; i-- > 0;) {
		const struct layer *layer = policy->layers[i];
		struct jtree *object = jtree_add_object(layers);

		jtree_put_text(object, "file", layer->file);
		jtree_put_text(object, "description", layer->description);
		if (layer->settings[SET_FINAL].value)
			jtree_put_bool(object, "final", true);
	}
}

static void put_powers(struct jtree *root, const struct policy *policy)
{
	struct opened opened[POWER_COUNT];

	opened_find(policy, opened);
	opened_put(root, opened);
	opened_free(opened);
}

static void put_cases(struct jtree *object, const struct decision *decision,
		      enum abi_id abi, uint32_t call)
{
	struct jtree *cases = jtree_put_list(object, "cases");

	for (size_t i = 0; i < decision->n; i++)
		clause_put(jtree_add_object(cases), &decision->clauses[i], abi,
			   call);
}

static void put_abi(struct jtree *list, const struct policy *policy,
		    enum abi_id abi)
{
	struct jtree *object = jtree_add_object(list), *calls, *above;
	struct decision decision = {0};
	struct shown_abi shown;
	char buf[16];

	shown_fill(&shown, policy, abi);
	jtree_put_text(object, "abi", abis[abi].name);
	calls = jtree_put_list(object, "calls");
	for (size_t i = 0; i < shown.n; i++) {
		const struct shown_call *call = &shown.calls[i];
		struct jtree *one = jtree_add_object(calls);

		decide_call(policy, abis[abi].audit_arch, call->nr, &decision);
		jtree_put_text(one, "syscall", shown_name(call, buf));
		jtree_put_number(one, "number", call->nr);
		put_cases(one, &decision, abi, call->call);
	}
	if (shown.has_unnamed)
		verdict_put(jtree_put_object(object, "unnamed"),
			    &shown.unnamed);
	above = jtree_put_object(object, "above");
	jtree_put_number(above, "last", shown.last);
	verdict_put(above, &shown.above);
	decision_free(&decision);
	shown_free(&shown);
}

void show_json(const struct policy *policy, FILE *out)
{
	static const uint64_t no_args[6];
	const uint32_t no_arch = 0; /* of no ABI at all */
	struct jtree *root = jtree_new(), *list;
	struct verdict foreign = decide(policy, no_arch, 0, no_args);

	jtree_put_number(root, "version", 1);
	put_layers(root, policy);
	put_settings(root, policy);
	put_powers(root, policy);
	list = jtree_put_list(root, "abis");
	for (int abi = 0; abi < ABI_COUNT; abi++)
		if (shown_abi_runs(policy, abi))
			put_abi(list, policy, (enum abi_id)abi);
	verdict_put(jtree_put_object(root, "foreign"), &foreign);
	jtree_print(root, out);
}
