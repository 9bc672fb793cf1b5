#include <stdlib.h>

#include "base/screen.h"
#include "base/text.h"
#include "base/wrap.h"
#include "commands/powers.h"
#include "commands/show.h"
#include "commands/verdict_text.h"
#include "formats/settings.h"
#include "review/opened.h"
#include "review/survey.h"

/* Never cut, in whatever terminal. */
static void print_line(enum style style, const char *text)
{
	struct screen screen = screen_on(stdout);

	screen.width = SIZE_MAX;
	screen_put(&screen, style, text);
	screen_newline(&screen);
}

static void heading(const char *text)
{
	putchar('\n');
	print_line(STYLE_BOLD, text);
}

/* "deny EPERM, 3 calls" */
static void heading_count(const char *what, size_t n)
{
	cleanup_free char *text =
		xasprintf("%s, %zu call%s", what, n, n == 1 ? "" : "s");

	heading(text);
}

/* ------------------------------------------------ layers, settings, powers */

static void print_layers(const struct policy *policy)
{
	puts(policy->n_layers > 1 ? "Layers, the outermost first" : "Policy");
	for (size_t i = policy->n_layers; i-- > 0;) {
		const struct layer *layer = policy->layers[i];
		const char *about = layer->description;

		say_on(stdout, "  %s%s%s%s", layer->file, about ? ": " : "",
		       about ? about : "",
		       layer->settings[SET_FINAL].value ? " (final)" : "");
	}
}

static void print_settings(const struct policy *policy)
{
	heading("Settings");
	for (enum setting_id id = 0; id < SET_COUNT; id++) {
		const struct setting *setting = &policy->effective[id];
		cleanup_free char *value = setting_text(id, setting->value);
		cleanup_free char *at = place_text(setting->at);

		if (id != SET_FINAL) /* of a layer */
			printf("  %-14s %-14s %s\n", setting_key(id), value,
			       at);
	}
}

static void print_powers(const struct policy *policy)
{
	struct opened opened[POWER_COUNT];
	bool any = false;

	opened_find(policy, opened);
	heading("What it lets a program do");
	for (int p = 0; p < POWER_COUNT; p++) {
		cleanup_free char *calls = calls_list_text(&opened[p].calls);

		if (opened[p].open)
			power_line(p, calls);
		any |= opened[p].open;
	}
	if (!any)
		puts("  nothing beyond its own memory and descriptors");
	opened_free(opened);
}

/* ------------------------------------------------------------------- calls */

/* The layer that a rule stands in, counted from the outermost. */
static size_t depth_of(const struct policy *policy, const struct rule *rule)
{
	size_t i = policy->n_layers;

	while (rule && i > 0 && policy->layers[i - 1] != rule->layer)
		i--;
	return policy->n_layers - i;
}

static int order(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

/* By verdict, then by what decided, in the order in which it is asked. */
static int compare_calls(const void *va, const void *vb, void *policy)
{
	const struct shown_call *a = va, *b = vb;
	const struct verdict *x = &a->verdict, *y = &b->verdict;
	int by = order(x->action, y->action);

	if (!by)
		by = order((size_t)x->err, (size_t)y->err);
	if (!by && (x->kind > BY_GROUP || y->kind > BY_GROUP))
		by = order(x->kind, y->kind);
	if (!by)
		by = order(depth_of(policy, x->rule), depth_of(policy, y->rule));
	if (!by)
		by = order((size_t)x->at.line, (size_t)y->at.line);
	if (!by && x->rule && y->rule && x->rule->group && y->rule->group)
		by = strcmp(x->rule->group, y->rule->group);
	return by ? by : order(a->nr, b->nr);
}

static bool same_reason(const struct policy *policy, const struct verdict *a,
			const struct verdict *b)
{
	cleanup_free char *x = verdict_reason(policy, a);
	cleanup_free char *y = verdict_reason(policy, b);

	return verdict_same(a, b) && streq(x, y);
}

/* The calls that share verdict and reason; how many they are. */
static size_t print_reason(const struct policy *policy,
			   const struct shown_call *calls, size_t n)
{
	const struct verdict *verdict = &calls[0].verdict;
	cleanup_free char *reason = verdict_reason(policy, verdict);
	struct wrap wrap = wrap_start(stdout, 4);
	size_t i = 0;
	char buf[16];

	reprint(&reason, "  %s", reason);
	print_line(STYLE_DIM, reason);
	do
		wrap_word(&wrap, syscall_name(calls[i++].call, buf));
	while (i < n && same_reason(policy, verdict, &calls[i].verdict));
	wrap_end(&wrap);
	return i;
}

static void print_flat(const struct policy *policy, struct shown_call *calls,
		       size_t n)
{
	size_t end;
	char buf[32];

	qsort_r(calls, n, sizeof(*calls), compare_calls, (void *)policy);
	for (size_t i = 0; i < n; i = end) {
		const struct verdict *verdict = &calls[i].verdict;

		for (end = i;
		     end < n && verdict_same(verdict, &calls[end].verdict);
		     end++)
			;
		heading_count(verdict_answer(verdict, buf), end - i);
		while (i < end)
			i += print_reason(policy, &calls[i], end - i);
	}
}

static void print_conditional(const struct policy *policy,
			      const struct shown_call *call, enum abi_id abi)
{
	const struct decision *decision = &call->decision;
	char buf[16];

	printf("  %s\n", syscall_name(call->call, buf));
	for (size_t i = 0; i < decision->n; i++) {
		clause_print(policy, &decision->clauses[i], abi, call->call,
			     "else");
		putchar('\n');
	}
}

static void print_calls(const struct policy *policy,
			const struct shown_abi *shown)
{
	cleanup_free struct shown_call *flat =
		xcalloc(shown->n, sizeof(*flat));
	size_t n = 0;

	for (size_t i = 0; i < shown->n; i++)
		if (shown->calls[i].decision.n == 1)
			flat[n++] = shown->calls[i];
	if (n < shown->n)
		heading_count("by their arguments", shown->n - n);
	for (size_t i = 0; i < shown->n; i++)
		if (shown->calls[i].decision.n > 1)
			print_conditional(policy, &shown->calls[i], shown->abi);
	print_flat(policy, flat, n);
}

/* ------------------------------------------------------------------ the rest */

static void print_rest(const struct policy *policy, const char *what,
		       struct verdict verdict)
{
	verdict_print(policy, &verdict, 2, what);
	putchar('\n');
}

static void print_abi(const struct policy *policy, enum abi_id abi)
{
	struct shown_abi shown;
	cleanup_free char *above = NULL;

	shown_fill(&shown, policy, abi);
	heading(abis[abi].name);
	print_calls(policy, &shown);
	heading("other numbers");
	if (shown.has_unnamed)
		print_rest(policy, "those below without a name",
			   shown.unnamed);
	above = xasprintf("those above %u", shown.last);
	print_rest(policy, above, shown.above);
	shown_free(&shown);
}

static void print_foreign(const struct policy *policy)
{
	const uint32_t no_arch = 0; /* of no ABI at all */

	heading("every other ABI");
	print_rest(policy, "all their calls, including x32 (x86_64's numbers "
		   "512 to 547)", shown_verdict(policy, no_arch, 0));
	print_rest(policy, "number -1, which a debugger skipped, on any ABI",
		   shown_verdict(policy, no_arch, NR_SKIPPED));
	for (int abi = 0; abi < ABI_COUNT; abi++)
		if (policy_admits(policy, abi) && !abis[abi].runs_here)
			printf("  %s is admitted, but its programs cannot run "
			       "on this machine\n", abis[abi].name);
}

void show_text(const struct policy *policy)
{
	print_layers(policy);
	print_settings(policy);
	print_powers(policy);
	for (int abi = 0; abi < ABI_COUNT; abi++)
		if (abi_counts(policy, abi))
			print_abi(policy, (enum abi_id)abi);
	print_foreign(policy);
}
