/* sandbox explain POLICY CALL: why a call is decided as it is. */
#include <inttypes.h>

#include "base/exitcode.h"
#include "base/screen.h"
#include "base/text.h"
#include "base/util.h"
#include "commands/command.h"
#include "commands/explain.h"
#include "commands/verdict_text.h"
#include "formats/condition_print.h"
#include "report/report_words.h"
#include "tables/argument.h"

static const struct {
	const char *json, *text;
} outcomes[] = {
	[OUTCOME_FAILS] = {"fails", "does not hold"},
	[OUTCOME_DEPENDS] = {"depends", "holds for some"},
	[OUTCOME_HOLDS] = {"holds", "decides"},
	[OUTCOME_UNASKED] = {"unasked", "not asked"},
};

static char *example_text(const struct explained *e, const uint64_t args[6])
{
	cleanup_free char *name = call_label((int)e->abi, e->nr, e->call);

	return argument_call_text(name, e->abi, e->call, args,
				  e->values | e->unknown, e->pointers);
}

/* -------------------------------------------------------------------- text */

static void print_case(const struct explained *e,
		       const struct explained_step *step, bool example)
{
	cleanup_free char *call = NULL;

	clause_print(e->policy, step->clause, e->abi, e->call,
		     e->decision.n > 1 ? "else" : "always",
		     may_decide(step) ? "" : ": never");
	if (!example)
		return;
	call = example_text(e, step->example);
	printf("                 such as %s\n", call);
}

static void print_unknown(const struct explained *e)
{
	const char *before = "  depends on ";
	char buf[8];

	for (int i = 0; i < 6; i++)
		if (e->unknown >> i & 1) {
			printf("%s%s", before,
			       condition_argument(e->abi, e->call, i, buf));
			before = ", ";
		}
	puts(":");
}

static void print_answer(const struct explained *e)
{
	cleanup_free char *reason = verdict_reason(e->policy, &e->verdict);
	size_t ways = 0;
	char buf[32];

	for (size_t i = 0; i < e->decision.n; i++)
		ways += may_decide(&e->steps[i]);
	if (ways == 1) {
		printf("  %s  [%s]\n", verdict_answer(&e->verdict, buf),
		       reason);
		return;
	}
	if (e->decided)
		printf("  %s, in each of these cases:\n",
		       verdict_answer(&e->verdict, buf));
	else
		print_unknown(e);
	for (size_t i = 0; i < e->decision.n; i++)
		if (may_decide(&e->steps[i]))
			print_case(e, &e->steps[i], true);
}

/* A heading for the steps of one layer and level. */
static void print_level(const struct rule *rule)
{
	say_on(stdout, "  %s%s, rules that name %s", rule->layer->file,
	       rule->layer->settings[SET_FINAL].value ? " (final)" : "",
	       rule->group ? "a group with the call" : "the call");
}

static bool same_level(const struct rule *a, const struct rule *b)
{
	return a && b && a->layer == b->layer && !a->group == !b->group;
}

static void print_walk(const struct explained *e)
{
	const struct rule *last = NULL;
	bool some = false;

	puts("How it was decided, from the outermost layer inward:");
	for (size_t i = 0; i < e->decision.n; i++) {
		const struct explained_step *step = &e->steps[i];
		const struct verdict *verdict = &step->clause->verdict;
		cleanup_free char *when =
			clause_when(step->clause, e->abi, e->call);
		cleanup_free char *reason = verdict_reason(e->policy, verdict);
		char buf[32];

		if (verdict->rule && !same_level(verdict->rule, last))
			print_level(verdict->rule);
		last = verdict->rule;
		printf("%s%s: %s%s%s: %s%s\n", last ? "    " : "  ", reason,
		       verdict_answer(verdict, buf), when ? " " : "",
		       when ? when : "", outcomes[step->outcome].text,
		       some && step->outcome == OUTCOME_HOLDS ? " the rest"
							      : "");
		some |= step->outcome == OUTCOME_DEPENDS;
	}
}

static void print_unasked(const struct unasked *unasked)
{
	const struct rule *rule = unasked->rule;
	cleanup_free char *at = NULL;

	if (!rule) {
		say_on(stdout, "  %s: has no rule for the call",
		       unasked->layer->file);
		return;
	}
	at = place_text(rule->at);
	printf("  %s%s%s: %s: %s\n", at, rule->group ? " " : "",
	       rule->group ? rule->group : "", action_names[rule->action],
	       unasked->unheeded ? "ignored: only a rule that names this call "
				   "alone can deny it"
				 : "not asked");
}

static void print_title(const struct explained *e, const char *text)
{
	struct screen screen = screen_on(stdout);
	cleanup_free char *label = call_label((int)e->abi, e->nr, e->call);
	cleanup_free char *shown =
		escape_utf8(e->expr->has_args ? text : label, true);
	cleanup_free char *rest =
		xasprintf("  (%s, number %" PRId32 ")",
			  call_abi((int)e->abi, e->nr), (int32_t)e->nr);

	screen.width = SIZE_MAX;
	screen_put(&screen, STYLE_BOLD, shown);
	screen_put(&screen, STYLE_DIM, rest);
	screen_newline(&screen);
}

static void print_explained(const struct explained *e, const char *text)
{
	print_title(e, text);
	if (e->expr->has_args)
		print_answer(e);
	else
		for (size_t i = 0; i < e->decision.n; i++)
			print_case(e, &e->steps[i], false);
	if (e->expr->has_args && e->verdict.kind != BY_FOREIGN &&
	    e->nr != NR_SKIPPED)
		print_walk(e);
	for (size_t i = 0; i < e->n_unasked; i++)
		print_unasked(&e->unasked[i]);
}

/* -------------------------------------------------------------------- JSON */

static void put_step(struct jtree *step, const struct explained *e,
		     const struct explained_step *s)
{
	clause_put(step, s->clause, e->abi, e->call);
	jtree_put_text(step, "outcome", outcomes[s->outcome].json);
	if (may_decide(s))
		jtree_put_owned(step, "example", example_text(e, s->example));
}

static void put_unasked(struct jtree *list, const struct unasked *unasked)
{
	struct jtree *one = jtree_add_object(list);

	jtree_put_text(one, "action", action_names[unasked->rule->action]);
	place_put(one, unasked->rule->at);
	jtree_put_text(one, "group", unasked->rule->group);
	jtree_put_bool(one, "heeded", !unasked->unheeded);
}

static void put_explained(struct jtree *object, const struct explained *e)
{
	struct jtree *steps, *unasked, *silent;
	char buf[16];

	jtree_put_text(object, "syscall",
		       call_name((int)e->abi, e->nr, e->call, buf));
	jtree_put_number(object, "number", (int32_t)e->nr);
	jtree_put_text(object, "abi", call_abi((int)e->abi, e->nr));
	jtree_put_bool(object, "decided", e->decided);
	if (e->decided)
		verdict_put(object, &e->verdict);
	steps = jtree_put_list(object, "steps");
	for (size_t i = 0; i < e->decision.n; i++)
		put_step(jtree_add_object(steps), e, &e->steps[i]);
	unasked = jtree_put_list(object, "unasked");
	silent = jtree_put_list(object, "silent");
	for (size_t i = 0; i < e->n_unasked; i++)
		if (e->unasked[i].rule)
			put_unasked(unasked, &e->unasked[i]);
		else
			jtree_add_text(silent, e->unasked[i].layer->file);
}

/* ----------------------------------------------------------- the command */

/* The mistake, the text, and a mark under the place. */
static void complain(const struct callexpr *expr, const char *text)
{
	cleanup_free char *before = xstrndup(text, expr->error_at);
	cleanup_free char *shown_before = escape_utf8(before, true);

	say("sandbox: explain: column %zu: %s", expr->error_at + 1, expr->error);
	say("  %s", text);
	say("  %*s^", (int)utf8_columns(shown_before), "");
}

/* e has its question. */
static int explain_on(struct explained e, const char *text, struct jtree *list)
{
	int ret = explain_call(&e);

	if (ret < 0) {
		say("sandbox: explain: the conditions on this call are too "
		    "large to analyse");
	} else if (list) {
		put_explained(jtree_add_object(list), &e);
	} else {
		if (e.abi != e.expr->abi) /* another was explained before */
			putchar('\n');
		print_explained(&e, text);
	}
	explained_free(&e);
	return ret;
}

/* A bare name stands for the call on every ABI that the policy admits. */
static int explain_all(const struct policy *policy, const struct callexpr *expr,
		       const char *text, struct jtree *list)
{
	struct explained e = {
		.policy = policy,
		.expr = expr,
		.abi = expr->abi,
		.nr = expr->nr,
	};
	int ret = explain_on(e, text, list);

	if (expr->has_abi || expr->has_args || !syscall_row(expr->call))
		return ret;
	for (e.abi = 0; ret == 0 && e.abi < ABI_COUNT; e.abi++) {
		int64_t nr = syscall_number(expr->call, e.abi);

		e.nr = (uint32_t)nr;
		if (e.abi != expr->abi && nr >= 0 &&
		    policy_admits(policy, (int)e.abi))
			ret = explain_on(e, text, list);
	}
	return ret;
}

static int explain(const struct options *options, const struct callexpr *expr)
{
	struct policy *policy = command_policy(options, 0);
	struct jtree *root;
	int ret;

	if (!policy)
		return EXITCODE_TROUBLE;
	root = command_json(options);
	jtree_put_text(root, "asked", options->operands[1]);
	ret = explain_all(policy, expr, options->operands[1],
			  jtree_put_list(root, "calls"));
	jtree_print(root, stdout);
	policy_free(policy);
	return ret < 0 ? EXITCODE_TROUBLE : EXITCODE_OK;
}

int cmd_explain(const struct options *options)
{
	const char *text = options->operands[1];
	struct callexpr expr;
	int status = EXITCODE_TROUBLE;

	if (callexpr_parse(&expr, text) < 0)
		complain(&expr, text);
	else
		status = explain(options, &expr);
	callexpr_free(&expr);
	return status;
}
