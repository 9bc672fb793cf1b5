#include "base/jtree.h"
#include "base/util.h"
#include "commands/powers.h"
#include "commands/show.h"
#include "commands/verdict_text.h"
#include "formats/settings.h"
#include "review/opened.h"
#include "review/survey.h"

static void put_settings(struct jtree *root, const struct policy *policy)
{
	struct jtree *settings = jtree_put_object(root, "settings");

	for (enum setting_id id = 0; id < SET_COUNT; id++) {
		const struct setting *setting = &policy->effective[id];
		struct jtree *object;

		if (id == SET_FINAL)
			continue; /* of a layer */
		object = jtree_put_object(settings, setting_key(id));
		jtree_put_owned(object, "value",
				setting_text(id, setting->value));
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
	struct jtree *list = jtree_put_list(root, "powers");
	struct opened opened[POWER_COUNT];

	opened_find(policy, opened);
	for (int p = 0; p < POWER_COUNT; p++)
		if (opened[p].open)
			calls_put(power_add(list, p), &opened[p].calls);
	opened_free(opened);
}

static void put_calls(struct jtree *list, const struct shown_abi *shown)
{
	char buf[16];

	for (size_t i = 0; i < shown->n; i++) {
		const struct shown_call *call = &shown->calls[i];
		const struct decision *decision = &call->decision;
		struct jtree *one = jtree_add_object(list), *cases;

		jtree_put_text(one, "syscall", syscall_name(call->call, buf));
		jtree_put_number(one, "number", call->nr);
		cases = jtree_put_list(one, "cases");
		for (size_t j = 0; j < decision->n; j++)
			clause_put(jtree_add_object(cases),
				   &decision->clauses[j], shown->abi,
				   call->call);
	}
}

static void put_abi(struct jtree *list, const struct policy *policy,
		    enum abi_id abi)
{
	struct jtree *object = jtree_add_object(list), *above;
	struct shown_abi shown;

	shown_fill(&shown, policy, abi);
	jtree_put_text(object, "abi", abis[abi].name);
	put_calls(jtree_put_list(object, "calls"), &shown);
	if (shown.has_unnamed)
		verdict_put(jtree_put_object(object, "unnamed"),
			    &shown.unnamed);
	above = jtree_put_object(object, "above");
	jtree_put_number(above, "last", shown.last);
	verdict_put(above, &shown.above);
	shown_free(&shown);
}

void show_json(const struct policy *policy)
{
	const uint32_t no_arch = 0; /* of no ABI at all */
	struct verdict foreign = shown_verdict(policy, no_arch, 0);
	struct jtree *root = jtree_new(), *list;

	put_layers(root, policy);
	put_settings(root, policy);
	put_powers(root, policy);
	list = jtree_put_list(root, "abis");
	for (int abi = 0; abi < ABI_COUNT; abi++)
		if (abi_counts(policy, abi))
			put_abi(list, policy, (enum abi_id)abi);
	verdict_put(jtree_put_object(root, "foreign"), &foreign);
	jtree_print(root, stdout);
}
