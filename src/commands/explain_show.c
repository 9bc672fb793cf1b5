#include <inttypes.h>

#include "base/text.h"
#include "base/util.h"
#include "formats/condition_print.h"
#include "commands/explain.h"
#include "commands/verdict_text.h"
#include "report/report_words.h"
#include "base/screen.h"
#include "tables/argument.h"

static const char *const outcomes[] = {
	[OUTCOME_FAILS] = "fails",
	[OUTCOME_DEPENDS] = "depends",
	[OUTCOME_HOLDS] = "holds",
	[OUTCOME_UNASKED] = "unasked",
};

/* ---------------------------------------------------------------- examples */

static char *example_text(const struct explained *e, const uint64_t args[6])
{
	cleanup_free char *name = call_label((int)e->abi, e->nr, e->call);
	unsigned values = e->unknown, strings = 0;

	for (int i = 0; i < e->expr->n_args; i++)
		if (e->expr->args[i].kind == CALLEXPR_POINTER)
			strings |= 1u << i;
		else if (e->expr->args[i].kind == CALLEXPR_VALUE)
			values |= 1u << i;
	return argument_call_text(name, e->abi, e->call, args, values,
				  strings);
}

/* -------------------------------------------------------------------- text */

static void print_case(const struct explained *e,
		       const struct explained_step *step, bool example,
		       FILE *out)
{
	const struct clause *clause = &step->clause;
	cleanup_free char *reason = verdict_reason(e->policy,
						   &clause->verdict);
	cleanup_free char *cond = NULL, *call = NULL;
	char buf[32];

	if (clause->cond)
		cond = condition_text(clause->cond, e->abi, e->call);
	fprintf(out, "    %-12s %s%s  [%s]%s\n",
		verdict_answer(&clause->verdict, buf),
		cond ? "if " : e->n > 1 ? "else" : "always", cond ? cond : "",
		reason, may_decide(step) ? "" : ": never");
	if (!example)
		return;
	call = example_text(e, step->example);
	fprintf(out, "                 such as %s\n", call);
}

static void print_unknown(const struct explained *e, FILE *out)
{
	const char *comma = "";
	char buf[8];

	for (int i = 0; i < 6; i++)
		if (e->unknown >> i & 1) {
			fprintf(out, "%s%s", comma,
				condition_argument(e->abi, e->call, i, buf));
			comma = ", ";
		}
}

static void print_answer(const struct explained *e, FILE *out)
{
	cleanup_free char *reason = verdict_reason(e->policy, &e->verdict);
	size_t ways = 0;
	char buf[32];

	for (size_t i = 0; i < e->n; i++)
		ways += may_decide(&e->steps[i]);
	if (ways == 1) {
		fprintf(out, "  %s  [%s]\n", verdict_answer(&e->verdict, buf),
			reason);
		return;
	}
	if (e->decided) {
		fprintf(out, "  %s, in each of these cases:\n",
			verdict_answer(&e->verdict, buf));
	} else {
		fputs("  depends on ", out);
		print_unknown(e, out);
		fputs(":\n", out);
	}
	for (size_t i = 0; i < e->n; i++)
		if (may_decide(&e->steps[i]))
			print_case(e, &e->steps[i], true, out);
}

/* Where a step stands: a layer and its level, or neither. */
static void print_level(const struct rule *rule, FILE *out)
{
	cleanup_free char *file = escape_utf8(rule->layer->file, true);

	fprintf(out, "  %s%s, rules that name %s\n", file,
		rule->layer->settings[SET_FINAL].value ? " (final)" : "",
		rule->group ? "a group with the call" : "the call");
}

static bool same_level(const struct rule *a, const struct rule *b)
{
	return a && b && a->layer == b->layer && !a->group == !b->group;
}

static void print_walk(const struct explained *e, FILE *out)
{
	static const char *const words[] = {
		[OUTCOME_FAILS] = "does not hold",
		[OUTCOME_DEPENDS] = "holds for some",
		[OUTCOME_HOLDS] = "decides",
		[OUTCOME_UNASKED] = "not asked",
	};
	const struct rule *last = NULL;
	bool some = false;

	for (size_t i = 0; i < e->n; i++) {
		const struct explained_step *step = &e->steps[i];
		const struct verdict *verdict = &step->clause.verdict;
		cleanup_free char *cond = NULL, *reason = NULL;
		char buf[32];

		if (step->clause.cond)
			cond = condition_text(step->clause.cond, e->abi,
					      e->call);
		if (verdict->rule && !same_level(verdict->rule, last))
			print_level(verdict->rule, out);
		last = verdict->rule;
		reason = verdict_reason(e->policy, verdict);
		fprintf(out, "%s%s: %s%s%s: %s%s\n", last ? "    " : "  ",
			reason, verdict_answer(verdict, buf),
			cond ? " if " : "", cond ? cond : "",
			words[step->outcome],
			some && step->outcome == OUTCOME_HOLDS ? " the rest"
							       : "");
		some |= step->outcome == OUTCOME_DEPENDS;
	}
}

static void print_unasked(const struct explained *e, FILE *out)
{
	for (size_t i = 0; i < e->n_unasked; i++) {
		const struct rule *rule = e->unasked[i].entry->rule;
		cleanup_free char *at = place_text(rule->at);

		fprintf(out, "  %s%s%s: %s: %s\n", at, rule->group ? " " : "",
			rule->group ? rule->group : "",
			action_names[rule->action],
			e->unasked[i].unheeded
				? "ignored: only a rule that names this call "
				  "alone can deny it"
				: "not asked");
	}
	for (size_t i = 0; i < e->n_silent; i++) {
		cleanup_free char *file =
			escape_utf8(e->silent[i]->file, true);

		fprintf(out, "  %s: has no rule for the call\n", file);
	}
}

static void print_title(const struct explained *e, const char *text, FILE *out)
{
	struct screen screen = screen_on(out);
	cleanup_free char *label = call_label((int)e->abi, e->nr, e->call);
	cleanup_free char *shown = escape_utf8(text ? text : label, true);
	cleanup_free char *rest =
		xasprintf("  (%s, number %" PRId32 ")",
			  call_abi((int)e->abi, e->nr), (int32_t)e->nr);

	screen.width = SIZE_MAX;
	screen_put(&screen, STYLE_BOLD, shown);
	screen_put(&screen, STYLE_DIM, rest);
	screen_newline(&screen);
}

void explain_text(const struct explained *e, const char *text, FILE *out)
{
	print_title(e, text, out);
	if (!e->expr->has_args) {
		for (size_t i = 0; i < e->n; i++)
			print_case(e, &e->steps[i], false, out);
	} else {
		print_answer(e, out);
		if (e->verdict.kind != BY_FOREIGN && e->nr != NR_SKIPPED) {
			fputs("How it was decided, from the outermost layer "
			      "inward:\n", out);
			print_walk(e, out);
		}
	}
	print_unasked(e, out);
}

/* -------------------------------------------------------------------- JSON */

static void put_steps(const struct explained *e, struct jtree *object)
{
	struct jtree *steps = jtree_put_list(object, "steps");

	for (size_t i = 0; i < e->n; i++) {
		const struct explained_step *s = &e->steps[i];
		struct jtree *step = jtree_add_object(steps);
		cleanup_free char *example = NULL;

		clause_put(step, &s->clause, e->abi, e->call);
		jtree_put_text(step, "outcome", outcomes[s->outcome]);
		if (!may_decide(s))
			continue;
		example = example_text(e, s->example);
		jtree_put_text(step, "example", example);
	}
}

static void put_unasked(const struct explained *e, struct jtree *object)
{
	struct jtree *list = jtree_put_list(object, "unasked");

	for (size_t i = 0; i < e->n_unasked; i++) {
		const struct rule *rule = e->unasked[i].entry->rule;
		struct jtree *one = jtree_add_object(list);

		jtree_put_text(one, "action", action_names[rule->action]);
		place_put(one, rule->at);
		jtree_put_text(one, "group", rule->group);
		jtree_put_bool(one, "heeded", !e->unasked[i].unheeded);
	}
	list = jtree_put_list(object, "silent");
	for (size_t i = 0; i < e->n_silent; i++)
		jtree_add_text(list, e->silent[i]->file);
}

void explain_put(const struct explained *e, struct jtree *object)
{
	char buf[16];

	jtree_put_text(object, "syscall",
		       call_name((int)e->abi, e->nr, e->call, buf));
	jtree_put_number(object, "number", (int32_t)e->nr);
	jtree_put_text(object, "abi", call_abi((int)e->abi, e->nr));
	jtree_put_bool(object, "decided", e->decided);
	if (e->decided)
		verdict_put(object, &e->verdict);
	put_steps(e, object);
	put_unasked(e, object);
}
