/* sandbox show POLICY: what a policy answers to every call. */
#include <stdlib.h>

#include "base/exitcode.h"
#include "base/screen.h"
#include "base/text.h"
#include "base/util.h"
#include "base/wrap.h"
#include "commands/command.h"
#include "commands/telling.h"
#include "filter/verify.h"
#include "formats/settings.h"
#include "report/report_words.h"
#include "review/flatten.h"
#include "review/survey.h"
#include "run/tracer.h"

/* ------------------------------------------------------ the calls of an ABI */

/* One number that has a name, or that the policy names. */
struct shown_call {
	uint32_t nr, call; /* syscall.h */
	struct decision decision;
	struct verdict verdict; /* of its last clause */
};

struct shown_abi {
	enum abi_id abi;
	struct shown_call *calls; /* by number */
	size_t n, cap;
	/* What numbers without a name get, those up to the table's last and
	 * those above it. */
	uint32_t last;
	bool has_unnamed;
	struct verdict unnamed, above;
};

static void add_call(struct shown_abi *shown, const struct policy *policy,
		     uint32_t nr)
{
	struct shown_call *call;

	call = &push(shown->calls, shown->n, shown->cap);
	*call = (struct shown_call){
		.nr = nr,
		.call = syscall_by_number(shown->abi, nr),
	};
	decide_call(policy, abis[shown->abi].audit_arch, nr, &call->decision);
	call->verdict = call->decision.clauses[call->decision.n - 1].verdict;
}

/* Of a number whose arguments do not count. */
static struct verdict answer(const struct policy *policy, uint32_t audit_arch,
			     uint32_t nr)
{
	static const uint64_t no_args[6];

	return decide(policy, audit_arch, nr, no_args);
}

static struct shown_abi shown_of(const struct policy *policy, enum abi_id abi)
{
	struct shown_abi shown = {.abi = abi, .last = syscall_last(abi)};
	uint32_t arch = abis[abi].audit_arch, nr;

	for (nr = 0; nr <= shown.last; nr++)
		if (syscall_by_number(abi, nr) & CALL_RAW &&
		    !policy_names(policy, CALL_RAW | nr)) {
			shown.has_unnamed = true;
			shown.unnamed = answer(policy, arch, nr);
		} else {
			add_call(&shown, policy, nr);
		}
	for (nr = shown.last;
	     (nr = policy_next_raw(policy, abi, nr)) != UINT32_MAX;)
		add_call(&shown, policy, nr);
	for (nr = shown.last + 1; policy_names(policy, CALL_RAW | nr); nr++)
		;
	shown.above = answer(policy, arch, nr);
	return shown;
}

/* ------------------------------------------------ the calls of an ABI: text */

static void heading(const struct jtree *root, const char *text)
{
	if (root)
		return;
	putchar('\n');
	screen_line(stdout, STYLE_BOLD, text);
}

/* "deny EPERM, 3 calls" */
static void heading_count(const char *what, size_t n)
{
	cleanup_free char *text =
		xasprintf("%s, %zu call%s", what, n, n == 1 ? "" : "s");

	heading(NULL, text);
}

static size_t layer_of(const struct rule *rule)
{
	return rule ? rule->layer->place : 0;
}

static int order(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

/* By effect, then by what decided, in the order in which it is asked. */
static int compare_verdicts(const struct verdict *x, const struct verdict *y)
{
	const char *group = x->rule ? x->rule->group : NULL;
	const char *other = y->rule ? y->rule->group : NULL;
	bool by_rules = x->kind <= BY_GROUP && y->kind <= BY_GROUP;

	return order(x->action, y->action) ?:
	       order((size_t)x->err, (size_t)y->err) ?:
	       order(x->quiet, y->quiet) ?:
	       (by_rules ? 0 : order(x->kind, y->kind)) ?:
	       order(layer_of(y->rule), layer_of(x->rule)) ?:
	       order((size_t)x->at.line, (size_t)y->at.line) ?:
	       (group && other ? strcmp(group, other) : 0);
}

/* Those with conditions come first, by number. */
static int compare_calls(const void *va, const void *vb)
{
	const struct shown_call *a = va, *b = vb;
	bool flat = a->decision.n == 1;

	return order(flat, b->decision.n == 1) ?:
	       (flat ? compare_verdicts(&a->verdict, &b->verdict) : 0) ?:
	       order(a->nr, b->nr);
}

/* Under a heading for each verdict and a line for each reason. */
static void print_flat(const struct policy *policy,
		       const struct shown_call *calls, size_t n)
{
	struct wrap wrap = wrap_start(stdout, 4);
	cleanup_free char *last = xstrdup("");
	size_t end = 0; /* of the calls of this verdict */

	for (size_t i = 0; i < n; i++) {
		cleanup_free char *reason =
			verdict_reason(policy, &calls[i].verdict);
		effect e = effect_of(&calls[i].verdict);
		bool first = i == end;

		reprint(&reason, "  %s", reason);
		if (first || !streq(reason, last)) {
			wrap_end(&wrap);
			while (end < n && effect_of(&calls[end].verdict) == e)
				end++;
			if (first)
				heading_count(effect_name(e), end - i);
			screen_line(stdout, STYLE_DIM, reason);
		}
		reprint(&last, "%s", reason);
		wrap_word(&wrap, syscall_text(calls[i].call));
	}
	wrap_end(&wrap);
}

/* What it gets by its arguments. */
static void tell_call(struct jtree *object, const struct policy *policy,
		      const struct shown_call *call, enum abi_id abi)
{
	const struct decision *decision = &call->decision;
	struct jtree *cases;

	jtree_put_text(object, "syscall", syscall_text(call->call));
	jtree_put_number(object, "number", call->nr);
	cases = jtree_put_list(object, "cases");
	if (!object)
		printf("  %s\n", syscall_text(call->call));
	for (size_t i = 0; i < decision->n; i++)
		clause_tell(jtree_add_object(cases), policy,
			    &decision->clauses[i], abi, call->call, "else", "");
}

static void print_calls(const struct policy *policy, struct shown_abi *shown)
{
	struct shown_call *calls = shown->calls;
	size_t n = 0;

	qsort(calls, shown->n, sizeof(*calls), compare_calls);
	while (n < shown->n && calls[n].decision.n > 1)
		n++;
	if (n)
		heading_count("by their arguments", n);
	for (size_t i = 0; i < n; i++)
		tell_call(NULL, policy, &calls[i], shown->abi);
	print_flat(policy, calls + n, shown->n - n);
}

/* Adds it to the list; NULL: prints it. */
static void show_abi(struct jtree *list, const struct policy *policy,
		     enum abi_id abi)
{
	struct shown_abi shown = shown_of(policy, abi);
	cleanup_free char *those = xasprintf("those above %u", shown.last);
	struct jtree *object = jtree_add_object(list), *calls, *above;

	jtree_put_text(object, "abi", abis[abi].name);
	calls = jtree_put_list(object, "calls");
	heading(object, abis[abi].name);
	if (!object)
		print_calls(policy, &shown);
	for (size_t i = 0; i < shown.n; i++) {
		if (object)
			tell_call(jtree_add_object(calls), policy,
				  &shown.calls[i], abi);
		decision_free(&shown.calls[i].decision);
	}
	free(shown.calls);
	heading(object, "other numbers");
	if (shown.has_unnamed)
		verdict_tell(jtree_put_object(object, "unnamed"), policy,
			     &shown.unnamed, "  ",
			     "those below without a name", "");
	above = jtree_put_object(object, "above");
	jtree_put_number(above, "last", shown.last);
	verdict_tell(above, policy, &shown.above, "  ", those, "");
}

/* --------------------------------------------------------------- the policy */

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
		int final = layer->settings[SET_FINAL].value;
		struct jtree *object = jtree_add_object(layers);

		jtree_put_text(object, "file", layer->file);
		jtree_put_text(object, "description", about);
		if (final)
			jtree_put_bool(object, "final", true);
		if (final == FINAL_ALL)
			jtree_put_bool(object, "ceiling", true);
		if (!root)
			say_on(stdout, "  %s%s%s%s", layer->file,
			       about ? ": " : "", about ? about : "",
			       final_text(layer));
	}
}

static void show_settings(struct jtree *root, const struct policy *policy)
{
	struct jtree *settings = jtree_put_object(root, "settings");

	heading(root, "Settings");
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
			say_on(stdout, "  %-14s %-14s %s", setting_key(id),
			       value, at);
	}
}

static void show_powers(struct jtree *root, const struct policy *policy)
{
	struct jtree *list = jtree_put_list(root, "powers");
	struct open_power opened[POWER_COUNT];
	bool any = root;

	opened_find(policy, opened);
	heading(root, "What it lets a program do");
	for (int p = 0; p < POWER_COUNT; p++) {
		cleanup_free char *calls = calls_text(&opened[p].calls);

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
	const uint32_t no_arch = 0; /* of no ABI at all */
	struct verdict foreign = answer(policy, no_arch, 0);
	struct verdict skipped = answer(policy, no_arch, NR_SKIPPED);

	heading(root, "every other ABI");
	verdict_tell(jtree_put_object(root, "foreign"), policy, &foreign, "  ",
		     "all their calls, including x32 (x86_64's numbers 512 to "
		     "547)", "");
	if (root)
		return;
	verdict_tell(NULL, policy, &skipped, "  ",
		     "number -1, which a debugger skipped, on any ABI", "");
	for (int abi = 0; abi < ABI_COUNT; abi++)
		if (policy_admits(policy, abi) && !abi_counts(policy, abi))
			printf("  %s is admitted, but its programs cannot run "
			       "on this machine\n", abis[abi].name);
}

/* -------------------------------------------------------- other forms of it */

/* The program that would be loaded, proved, with a cookie of zero. */
static int show_program(const struct policy *policy,
			const struct options *options)
{
	struct answers answers = {
		.watch = tracer_watch(command_tracer(options, policy)),
	};
	released_by(program_free) struct program program;
	cleanup_free char *why = NULL;

	if (compile_proved(policy, &answers, &program, &why) < 0) {
		say("sandbox: show: %s", why);
		return EXITCODE_TROUBLE;
	}
	(options->pfc ? listing_pseudo : listing_raw)(stdout, &program);
	return EXITCODE_OK;
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

int cmd_show(const struct options *options)
{
	cleanup_policy struct policy *policy = command_policy(options, 0);
	struct jtree *root, *list;

	if (!policy)
		return EXITCODE_TROUBLE;
	if (options->pfc || options->bpf)
		return show_program(policy, options);
	if (options->ini)
		return print_ini(policy);
	root = command_json(options);
	show_layers(root, policy);
	show_settings(root, policy);
	show_powers(root, policy);
	list = jtree_put_list(root, "abis");
	for_abis (abi, policy)
		show_abi(list, policy, abi);
	show_foreign(root, policy);
	jtree_print(root, stdout, 2);
	return EXITCODE_OK;
}
