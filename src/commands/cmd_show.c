/* sandbox show POLICY: what a policy answers to every call. */
#include <stdlib.h>

#include "base/exitcode.h"
#include "base/text.h"
#include "base/util.h"
#include "commands/command.h"
#include "commands/powers.h"
#include "commands/show_abi.h"
#include "commands/show_ini.h"
#include "commands/verdict_text.h"
#include "filter/listing.h"
#include "filter/verify.h"
#include "formats/settings.h"
#include "review/opened.h"
#include "review/survey.h"
#include "run/tracer.h"

/* The program that would be loaded, proved, with a cookie of zero. */
static int show_program(const struct policy *policy,
			const struct options *options)
{
	struct answers answers = {
		.watch = tracer_watch(command_tracer(options, policy)),
	};
	struct program program;
	cleanup_free char *why = NULL;
	int ret = compile_proved(policy, &answers, &program, &why);

	if (ret < 0)
		say("sandbox: show: %s", why);
	else if (options->pfc)
		listing_pseudo(stdout, &program);
	else
		listing_raw(stdout, &program);
	program_free(&program);
	return ret < 0 ? EXITCODE_TROUBLE : EXITCODE_OK;
}

static int print_ini(const struct policy *policy)
{
	cleanup_free char *why = NULL, *text = show_ini(policy, &why);

	if (!text) {
		say("sandbox show: one file cannot have the same effect: %s",
		    why);
		return EXITCODE_TROUBLE;
	}
	fputs(text, stdout);
	return EXITCODE_OK;
}

/* The outermost first, as they are asked. */
static void show_layers(struct jtree *root, const struct policy *policy)
{
	struct jtree *layers = jtree_put_list(root, "layers");

	if (!root)
		puts(policy->n_layers > 1 ? "Layers, the outermost first"
					  : "Policy");
	for (size_t i = policy->n_layers; i-- > 0;) {
		const struct layer *layer = policy->layers[i];
		const char *about = layer->description;
		bool final = layer->settings[SET_FINAL].value;
		struct jtree *object = jtree_add_object(layers);

		jtree_put_text(object, "file", layer->file);
		jtree_put_text(object, "description", about);
		if (final)
			jtree_put_bool(object, "final", true);
		if (!root)
			say_on(stdout, "  %s%s%s%s", layer->file,
			       about ? ": " : "", about ? about : "",
			       final ? " (final)" : "");
	}
}

static void show_settings(struct jtree *root, const struct policy *policy)
{
	struct jtree *settings = jtree_put_object(root, "settings");

	if (!root)
		show_heading("Settings");
	for (enum setting_id id = 0; id < SET_COUNT; id++) {
		const struct setting *setting = &policy->effective[id];
		cleanup_free char *value = setting_text(id, setting->value);
		cleanup_free char *at = place_text(setting->at);
		struct jtree *object;

		if (id == SET_FINAL)
			continue; /* of a layer */
		object = jtree_put_object(settings, setting_key(id));
		jtree_put_text(object, "value", value);
		place_put(object, setting->at);
		if (!root)
			printf("  %-14s %-14s %s\n", setting_key(id), value,
			       at);
	}
}

static void show_powers(struct jtree *root, const struct policy *policy)
{
	struct jtree *list = jtree_put_list(root, "powers");
	struct opened opened[POWER_COUNT];
	bool any = root;

	opened_find(policy, opened);
	if (!root)
		show_heading("What it lets a program do");
	for (int p = 0; p < POWER_COUNT; p++) {
		cleanup_free char *calls = calls_list_text(&opened[p].calls);

		if (!opened[p].open)
			continue;
		any = true;
		calls_put(power_add(list, p), &opened[p].calls);
		if (!root)
			power_line(p, calls);
	}
	if (!any)
		puts("  nothing beyond its own memory and descriptors");
	opened_free(opened);
}

static void show_foreign(struct jtree *root, const struct policy *policy)
{
	static const uint64_t no_args[6];
	const uint32_t no_arch = 0; /* of no ABI at all */
	struct verdict foreign = decide(policy, no_arch, 0, no_args);
	struct verdict skipped = decide(policy, no_arch, NR_SKIPPED, no_args);

	if (root) {
		verdict_put(jtree_put_object(root, "foreign"), &foreign);
		return;
	}
	show_heading("every other ABI");
	verdict_print(policy, &foreign, "all their calls, including x32 "
		      "(x86_64's numbers 512 to 547)");
	verdict_print(policy, &skipped,
		      "number -1, which a debugger skipped, on any ABI");
	for (int abi = 0; abi < ABI_COUNT; abi++)
		if (policy_admits(policy, abi) && !abis[abi].runs_here)
			printf("  %s is admitted, but its programs cannot run "
			       "on this machine\n", abis[abi].name);
}

static void show_all(struct jtree *root, const struct policy *policy)
{
	struct jtree *list;

	show_layers(root, policy);
	show_settings(root, policy);
	show_powers(root, policy);
	list = jtree_put_list(root, "abis");
	for (enum abi_id abi = 0; abi < ABI_COUNT; abi++)
		if (abi_counts(policy, (int)abi))
			show_abi(list, policy, abi);
	show_foreign(root, policy);
	jtree_print(root, stdout);
}

int cmd_show(const struct options *options)
{
	struct policy *policy = command_policy(options, 0);
	int status = EXITCODE_OK;

	if (!policy)
		return EXITCODE_TROUBLE;
	if (options->pfc || options->bpf)
		status = show_program(policy, options);
	else if (options->ini)
		status = print_ini(policy);
	else
		show_all(command_json(options), policy);
	policy_free(policy);
	return status;
}
