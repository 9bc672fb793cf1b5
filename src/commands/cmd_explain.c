/* sandbox explain POLICY CALL: why a call is decided as it is.  That is the
 * decision list of decide.h, walked for a call of which some arguments may be
 * unknown. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/exitcode.h"
#include "base/screen.h"
#include "base/text.h"
#include "base/util.h"
#include "commands/command.h"
#include "commands/telling.h"
#include "formats/callexpr.h"
#include "formats/condition.h"
#include "model/diagram.h"
#include "report/report_words.h"
#include "review/survey.h"
#include "tables/argument.h"

enum outcome {
	OUTCOME_FAILS,   /* for none of the calls meant */
	OUTCOME_DEPENDS, /* for some of them */
	OUTCOME_HOLDS,   /* for all that came so far: decides them */
	OUTCOME_UNASKED, /* everything is decided before */
};

static const struct {
	const char *json, *text;
} outcomes[] = {
	[OUTCOME_FAILS] = {"fails", "does not hold"},
	[OUTCOME_DEPENDS] = {"depends", "holds for some"},
	[OUTCOME_HOLDS] = {"holds", "decides"},
	[OUTCOME_UNASKED] = {"unasked", "not asked"},
};

struct explained_step {
	enum outcome outcome;
	uint64_t example[6]; /* a call that this clause decides, if there is */
};

static bool may_decide(const struct explained_step *step)
{
	return step->outcome == OUTCOME_DEPENDS ||
	       step->outcome == OUTCOME_HOLDS;
}

struct explained {
	/* The question; all borrowed. */
	const struct policy *policy;
	const struct callexpr *expr;
	enum abi_id abi; /* with nr: the call; x32 by its bit */
	uint32_t nr;
	/* The answer. */
	uint32_t call;
	struct decision decision;
	struct explained_step *steps; /* one for each clause */
	/* The steps that may decide; verdict is the first's, and decided says
	 * that all have the same effect. */
	size_t ways;
	struct verdict verdict;
	bool decided;
	/* Arguments that matter and have no value in the expression, by bit. */
	unsigned unknown;
};

/* ------------------------------------------------------------------- steps */

static void take_step(struct explained *e, struct diagram_store *store,
		      size_t i, diagram *left)
{
	const struct cond *cond = e->decision.clauses[i].cond;
	struct explained_step *step = &e->steps[i];
	diagram hit = *left;

	if (cond)
		hit = diagram_and(store, hit, diagram_of_cond(store, cond));
	if (*left == DIAGRAM_FALSE)
		step->outcome = OUTCOME_UNASKED;
	else if (hit == DIAGRAM_FALSE)
		step->outcome = OUTCOME_FAILS;
	else if (hit == *left)
		step->outcome = OUTCOME_HOLDS;
	else
		step->outcome = OUTCOME_DEPENDS;
	if (step->outcome == OUTCOME_DEPENDS)
		e->unknown |= cond_args(cond);
	if (hit != DIAGRAM_NONE)
		diagram_differ(store, hit, DIAGRAM_FALSE, step->example);
	if (hit == *left && hit != DIAGRAM_NONE)
		*left = DIAGRAM_FALSE; /* without making what is known */
	else
		*left = diagram_and(store, *left, diagram_not(store, hit));
}

/* Fills in the answer.  0; -1: the conditions are too large to be followed. */
static int explain_call(struct explained *e)
{
	uint32_t nr = abi_is_x32((int)e->abi, e->nr) ? e->nr & ~X32_BIT
						     : e->nr;
	struct diagram_store *store = diagram_store_new(DIAGRAM_BUDGET);
	diagram left = callexpr_meant(e->expr, store);

	e->call = e->nr & CALL_RAW ? CALL_NONE : syscall_by_number(e->abi, nr);
	decide_call(e->policy, abis[e->abi].audit_arch, e->nr, &e->decision);
	e->steps = xcalloc(e->decision.n, sizeof(*e->steps));
	e->decided = true;
	for (size_t i = 0; i < e->decision.n; i++) {
		const struct verdict *verdict = &e->decision.clauses[i].verdict;

		take_step(e, store, i, &left);
		if (!may_decide(&e->steps[i]))
			continue;
		if (!e->ways++)
			e->verdict = *verdict;
		e->decided &= verdict_same(&e->verdict, verdict);
	}
	diagram_store_free(store);
	e->unknown &= ~callexpr_args(e->expr, CALLEXPR_VALUE);
	return left == DIAGRAM_NONE ? -1 : 0;
}

static char *example_text(const struct explained *e, const uint64_t args[6])
{
	cleanup_free char *name = row_label(e);

	return argument_call_text(name, e->abi, e->call, args,
				  callexpr_args(e->expr, CALLEXPR_VALUE) |
					  e->unknown,
				  callexpr_args(e->expr, CALLEXPR_POINTER));
}

/* ----------------------------------------------------- what was not asked */

static bool asks_layers(const struct explained *e)
{
	return e->verdict.kind != BY_FOREIGN && e->nr != NR_SKIPPED;
}

/* Of this rule, or of any in the layer: one can decide a call that it does not
 * name, as socket's rules speak for i386's socketcall. */
static bool has_step(const struct explained *e, const struct layer *layer,
		     const struct rule *rule)
{
	for (size_t i = 0; i < e->decision.n; i++) {
		const struct rule *by = e->decision.clauses[i].verdict.rule;

		if (by && by->layer == layer && (!rule || by == rule))
			return true;
	}
	return false;
}

static void tell_rule(struct jtree *list, const struct explained *e,
		      const struct rule *rule)
{
	bool heeded = rule->alone || !syscall_has(e->call, SYSCALL_IMPLICIT);
	struct jtree *one = jtree_add_object(list);
	cleanup_free char *at = place_text(rule->at);

	jtree_put_text(one, "action", action_names[rule->action]);
	place_put(one, rule->at);
	jtree_put_text(one, "group", rule->group);
	jtree_put_bool(one, "heeded", heeded);
	if (!list)
		say_on(stdout, "  %s%s%s: %s: %s", at, rule->group ? " " : "",
		       rule->group ? rule->group : "",
		       action_names[rule->action],
		       heeded ? "not asked"
			      : "ignored: only a rule that names this call "
				"alone can deny it");
}

/* Rules without a step, and layers that say nothing of the call. */
static void tell_unasked(struct jtree *object, const struct explained *e)
{
	struct jtree *unasked = jtree_put_list(object, "unasked");
	struct jtree *silent = jtree_put_list(object, "silent");
	size_t n = asks_layers(e) ? e->policy->n_layers : 0;

	for (size_t i = n; i-- > 0;)
		for (const struct entry *at =
			     layer_entries(e->policy->layers[i], e->call);
		     at; at = at->next)
			if (!has_step(e, at->rule->layer, at->rule))
				tell_rule(unasked, e, at->rule);
	for (size_t i = n; i-- > 0;) {
		const struct layer *layer = e->policy->layers[i];

		if (layer_entries(layer, e->call) || has_step(e, layer, NULL))
			continue;
		jtree_add_text(silent, layer->file);
		if (!object)
			say_on(stdout, "  %s: has no rule for the call",
			       layer->file);
	}
}

/* -------------------------------------------------------------- the answer */

static void tell_step(struct jtree *object, const struct explained *e,
		      size_t i, bool example)
{
	const struct explained_step *step = &e->steps[i];
	cleanup_free char *call =
		may_decide(step) ? example_text(e, step->example) : NULL;

	clause_tell(object, e->policy, &e->decision.clauses[i], e->abi, e->call,
		    e->decision.n > 1 ? "else" : "always",
		    call ? "" : ": never");
	jtree_put_text(object, "outcome", outcomes[step->outcome].json);
	jtree_put_text(object, "example", call);
	if (example)
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
	const char *answer = effect_name(effect_of(&e->verdict));

	if (e->ways == 1)
		say_on(stdout, "  %s  [%s]", answer, reason);
	else if (e->decided)
		printf("  %s, in each of these cases:\n", answer);
	else
		print_unknown(e);
	for (size_t i = 0; e->ways > 1 && i < e->decision.n; i++)
		if (may_decide(&e->steps[i]))
			tell_step(NULL, e, i, true);
}

/* A heading for the steps of one layer and level. */
static void print_level(const struct rule *rule, const struct rule *last)
{
	if (!rule || (last && rule->layer == last->layer &&
		      !rule->group == !last->group))
		return;
	say_on(stdout, "  %s%s, rules that name %s", rule->layer->file,
	       final_text(rule->layer),
	       rule->group ? "a group with the call" : "the call");
}

static void print_walk(const struct explained *e)
{
	const struct rule *last = NULL;
	bool some = false;

	puts("How it was decided, from the outermost layer inward:");
	for (size_t i = 0; i < e->decision.n; i++) {
		const struct clause *clause = &e->decision.clauses[i];
		const struct verdict *verdict = &clause->verdict;
		enum outcome outcome = e->steps[i].outcome;
		cleanup_free char *when = clause_text(clause, e->abi, e->call);
		cleanup_free char *reason = verdict_reason(e->policy, verdict);

		print_level(verdict->rule, last);
		last = verdict->rule;
		say_on(stdout, "%s%s: %s%s%s: %s%s", last ? "    " : "  ",
		       reason, effect_name(effect_of(verdict)), when ? " if " : "",
		       when ? when : "", outcomes[outcome].text,
		       some && outcome == OUTCOME_HOLDS ? " the rest" : "");
		some |= outcome == OUTCOME_DEPENDS;
	}
}

static void print_title(const struct explained *e, const char *text)
{
	struct screen screen = screen_on(stdout);
	cleanup_free char *label = row_label(e);
	cleanup_free char *shown =
		escape_utf8(e->expr->has_args ? text : label, true);
	cleanup_free char *rest =
		xasprintf("  (%s, number %" PRId32 ")",
			  row_abi(e), (int32_t)e->nr);

	screen.width = SIZE_MAX;
	screen_put(&screen, STYLE_BOLD, shown);
	screen_put(&screen, STYLE_DIM, rest);
	screen_newline(&screen);
}

static void put_explained(struct jtree *object, const struct explained *e)
{
	struct jtree *steps;

	jtree_put_text(object, "syscall", row_name(e));
	jtree_put_number(object, "number", (int32_t)e->nr);
	jtree_put_text(object, "abi", row_abi(e));
	jtree_put_bool(object, "decided", e->decided);
	if (e->decided)
		verdict_tell(object, e->policy, &e->verdict, "", "", "");
	steps = jtree_put_list(object, "steps");
	for (size_t i = 0; i < e->decision.n; i++)
		tell_step(jtree_add_object(steps), e, i, false);
	tell_unasked(object, e);
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
	bool has_args = e.expr->has_args;

	if (ret < 0) {
		say("sandbox: explain: the conditions on this call are too "
		    "large to analyse");
	} else if (list) {
		put_explained(jtree_add_object(list), &e);
	} else {
		if (e.abi != e.expr->abi) /* another was explained before */
			putchar('\n');
		print_title(&e, text);
		for (size_t i = 0; !has_args && i < e.decision.n; i++)
			tell_step(NULL, &e, i, false);
		if (has_args)
			print_answer(&e);
		if (has_args && asks_layers(&e))
			print_walk(&e);
		tell_unasked(NULL, &e);
	}
	free(e.steps);
	decision_free(&e.decision);
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
	for_abis (abi, policy) {
		int64_t nr = syscall_number(expr->call, abi);

		e.abi = abi;
		e.nr = (uint32_t)nr;
		if (ret == 0 && abi != expr->abi && nr >= 0)
			ret = explain_on(e, text, list);
	}
	return ret;
}

int cmd_explain(const struct options *options)
{
	const char *text = options->operands[1];
	enum abi_id machine = request_machine(&options->request);
	cleanup_policy struct policy *policy = NULL;
	released_by(callexpr_free) struct callexpr expr;
	struct jtree *root;
	int ret;

	if (callexpr_parse(&expr, machine, text) < 0)
		complain(&expr, text);
	else
		policy = command_policy(options, 0);
	if (!policy)
		return EXITCODE_TROUBLE;
	root = command_json(options);
	jtree_put_text(root, "asked", text);
	ret = explain_all(policy, &expr, text, jtree_put_list(root, "calls"));
	jtree_print(root, stdout, 2);
	return ret < 0 ? EXITCODE_TROUBLE : EXITCODE_OK;
}
