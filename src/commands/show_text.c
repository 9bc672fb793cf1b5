#include <stdlib.h>

#include "base/text.h"
#include "base/util.h"
#include "formats/condition_print.h"
#include "formats/settings.h"
#include "commands/powers.h"
#include "commands/show.h"
#include "commands/verdict_text.h"
#include "base/wrap.h"
#include "base/screen.h"

/* What the comparisons need beside the calls. */
struct teller {
	const struct policy *policy;
	struct screen screen;
};

static void heading(struct teller *t, const char *text)
{
	screen_newline(&t->screen);
	t->screen.width = SIZE_MAX;
	screen_put(&t->screen, STYLE_BOLD, text);
	screen_newline(&t->screen);
}

/* ---------------------------------------------------------- layers, settings */

static void print_layers(struct teller *t)
{
	FILE *out = t->screen.out;

	fputs(t->policy->n_layers > 1 ? "Layers, the outermost first\n"
				      : "Policy\n", out);
	for (size_t i = t->policy->n_layers; i-- > 0;) {
		const struct layer *layer = t->policy->layers[i];
		cleanup_free char *file = escape_utf8(layer->file, true);
		cleanup_free char *about =
			layer->description
				? escape_utf8(layer->description, true)
				: NULL;

		fprintf(out, "  %s%s%s%s\n", file, about ? ": " : "",
			about ? about : "",
			layer->settings[SET_FINAL].value ? " (final)" : "");
	}
}

static void print_settings(struct teller *t)
{
	heading(t, "Settings");
	for (int id = 0; id < SET_COUNT; id++) {
		const struct setting *setting = &t->policy->effective[id];
		cleanup_free char *value = NULL, *at = NULL;

		if (id == SET_FINAL)
			continue; /* of a layer */
		value = setting_text((enum setting_id)id, setting->value);
		at = place_text(setting->at);
		fprintf(t->screen.out, "  %-14s %-14s %s\n",
			setting_key((enum setting_id)id), value, at);
	}
}

/* ------------------------------------------------------------------- powers */

static void print_powers(struct teller *t)
{
	struct opened opened[POWER_COUNT];
	bool any = false;

	opened_find(t->policy, opened);
	heading(t, "What it lets a program do");
	for (int p = 0; p < POWER_COUNT; p++) {
		cleanup_free char *calls = calls_list_text(&opened[p].calls);

		if (!opened[p].open)
			continue;
		any = true;
		power_line(t->screen.out, p, calls);
	}
	if (!any)
		fputs("  nothing beyond its own memory and descriptors\n",
		      t->screen.out);
	opened_free(opened);
}

/* --------------------------------------------------------------- flat calls */

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

static bool same_reason(const struct teller *t, const struct shown_call *a,
			const struct shown_call *b)
{
	cleanup_free char *x = verdict_reason(t->policy, &a->verdict);
	cleanup_free char *y = verdict_reason(t->policy, &b->verdict);

	return verdict_same(&a->verdict, &b->verdict) && streq(x, y);
}

/* The calls that share verdict and reason; how many they are. */
static size_t print_reason(struct teller *t, const struct shown_call *calls,
			   size_t n)
{
	cleanup_free char *reason =
		verdict_reason(t->policy, &calls[0].verdict);
	struct wrap wrap = wrap_start(t->screen.out, 4);
	size_t i = 0;
	char buf[16];

	t->screen.width = SIZE_MAX;
	screen_put(&t->screen, STYLE_DIM, "  ");
	screen_put(&t->screen, STYLE_DIM, reason);
	screen_newline(&t->screen);
	do
		wrap_word(&wrap, shown_name(&calls[i++], buf));
	while (i < n && same_reason(t, &calls[0], &calls[i]));
	wrap_end(&wrap);
	return i;
}

static void print_flat(struct teller *t, struct shown_call *calls, size_t n)
{
	size_t end;
	char buf[32];

	qsort_r(calls, n, sizeof(*calls), compare_calls, (void *)t->policy);
	for (size_t i = 0; i < n; i = end) {
		cleanup_free char *text = NULL;

		for (end = i; end < n && verdict_same(&calls[i].verdict,
						      &calls[end].verdict);
		     end++)
			;
		text = xasprintf("%s, %zu call%s",
				 verdict_answer(&calls[i].verdict, buf),
				 end - i, end - i == 1 ? "" : "s");
		heading(t, text);
		while (i < end)
			i += print_reason(t, &calls[i], end - i);
	}
}

/* -------------------------------------------------------- conditional calls */

static void print_clause(struct teller *t, const struct clause *clause,
			 enum abi_id abi, uint32_t call)
{
	cleanup_free char *reason =
		verdict_reason(t->policy, &clause->verdict);
	cleanup_free char *cond =
		clause->cond ? condition_text(clause->cond, abi, call) : NULL;
	char buf[32];

	fprintf(t->screen.out, "    %-12s %s%s  [%s]\n",
		verdict_answer(&clause->verdict, buf), cond ? "if " : "else",
		cond ? cond : "", reason);
}

static void print_conditional(struct teller *t, const struct shown_abi *shown,
			      size_t n)
{
	struct decision decision = {0};
	cleanup_free char *text = xasprintf("by their arguments, %zu call%s",
					    n, n == 1 ? "" : "s");
	char buf[16];

	if (!n)
		return;
	heading(t, text);
	for (size_t i = 0; i < shown->n; i++) {
		const struct shown_call *call = &shown->calls[i];

		if (!call->conditional)
			continue;
		fprintf(t->screen.out, "  %s\n", shown_name(call, buf));
		decide_call(t->policy, abis[shown->abi].audit_arch, call->nr,
			    &decision);
		for (size_t j = 0; j < decision.n; j++)
			print_clause(t, &decision.clauses[j], shown->abi,
				     call->call);
	}
	decision_free(&decision);
}

/* ------------------------------------------------------------------ the rest */

static void print_rest(struct teller *t, const char *what,
		       const struct verdict *verdict)
{
	cleanup_free char *reason = verdict_reason(t->policy, verdict);
	char buf[32];

	fprintf(t->screen.out, "  %-12s %s  [%s]\n",
		verdict_answer(verdict, buf), what, reason);
}

static void print_abi(struct teller *t, enum abi_id abi)
{
	struct shown_abi shown;
	struct shown_call *flat;
	size_t n = 0;
	cleanup_free char *above = NULL;

	shown_fill(&shown, t->policy, abi);
	heading(t, abis[abi].name);
	flat = xcalloc(shown.n, sizeof(*flat));
	for (size_t i = 0; i < shown.n; i++)
		if (!shown.calls[i].conditional)
			flat[n++] = shown.calls[i];
	print_conditional(t, &shown, shown.n - n);
	print_flat(t, flat, n);
	heading(t, "other numbers");
	if (shown.has_unnamed)
		print_rest(t, "those below without a name",
			   &shown.unnamed);
	above = xasprintf("those above %u", shown.last);
	print_rest(t, above, &shown.above);
	free(flat);
	shown_free(&shown);
}

static void print_foreign(struct teller *t)
{
	static const uint64_t no_args[6];
	const uint32_t no_arch = 0; /* of no ABI at all */
	struct verdict foreign = decide(t->policy, no_arch, 0, no_args);
	struct verdict skipped = decide(t->policy, no_arch, NR_SKIPPED,
					no_args);

	heading(t, "every other ABI");
	print_rest(t, "all their calls, including x32 (x86_64's numbers 512 "
		   "to 547)", &foreign);
	print_rest(t, "number -1, which a debugger skipped, on any ABI",
		   &skipped);
	for (int abi = 0; abi < ABI_COUNT; abi++)
		if (policy_admits(t->policy, abi) && !abis[abi].runs_here)
			fprintf(t->screen.out, "  %s is admitted, but its "
				"programs cannot run on this machine\n",
				abis[abi].name);
}

void show_text(const struct policy *policy, FILE *out)
{
	struct teller t = {policy, screen_on(out)};

	print_layers(&t);
	print_settings(&t);
	print_powers(&t);
	for (int abi = 0; abi < ABI_COUNT; abi++)
		if (shown_abi_runs(policy, abi))
			print_abi(&t, (enum abi_id)abi);
	print_foreign(&t);
}
