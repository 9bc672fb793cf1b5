/* Conditions that make no sense; found exactly, with decision diagrams. */
#include "base/util.h"
#include "model/diagram.h"
#include "tables/signature.h"
#include "tables/syscall.h"

struct vacuous {
	const struct policy *policy;
	struct diags *diags;
	struct diagram_store *store; /* NULL until a condition needs it */
	struct decision decision;
};

/* Where the condition holds, if that is the same on every ABI that asks it, else
 * DIAGRAM_NONE; a value too wide for one ABI's registers is no mistake while
 * another can have it. */
static diagram holds(struct vacuous *s, const struct entry *entry)
{
	diagram all = DIAGRAM_NONE;

	for_abis (abi, s->policy) {
		diagram d;

		if (syscall_number(entry->call, abi) < 0 ||
		    entry->cond[abi] == &cond_unaskable)
			continue;
		if (!s->store)
			s->store = diagram_store_new(DIAGRAM_BUDGET);
		d = diagram_of_cond(s->store, entry->cond[abi]);
		if (all != DIAGRAM_NONE && all != d)
			return DIAGRAM_NONE;
		all = d;
	}
	return all;
}

/* Does everything that is asked after this rule's clause let the call run? */
static bool adds_nothing(struct vacuous *s, const struct entry *entry)
{
	const struct decision *list = &s->decision;
	const struct verdict *last;
	int64_t nr = syscall_number(entry->call, s->policy->machine);
	size_t i = 0;

	if (entry->rule->action != ACTION_ALLOW || entry->rule->only || nr < 0)
		return false;
	decide_call(s->policy, abis[s->policy->machine].audit_arch,
		    (uint32_t)nr, &s->decision);
	while (i < list->n && list->clauses[i].verdict.rule != entry->rule)
		i++;
	/* The list ends before it comes to this rule: at an outright allow of
	 * the same file? (An outer layer may well have the last word.) */
	last = &list->clauses[list->n - 1].verdict;
	if (i == list->n)
		return last->action == ACTION_ALLOW && last->rule &&
		       last->rule->layer == entry->rule->layer;
	while (i < list->n && list->clauses[i].verdict.action == ACTION_ALLOW)
		i++;
	return i == list->n;
}

/* A test of the condition that has one answer by itself; NULL: none has. */
static const struct cond *settled_test(struct vacuous *s, const struct cond *cond)
{
	diagram d = DIAGRAM_NONE;

	for (; cond && cond->kind != COND_TEST; cond = cond->b) {
		const struct cond *found = settled_test(s, cond->a);

		if (found)
			return found;
	}
	if (cond)
		d = diagram_of_cond(s->store, cond);
	return d == DIAGRAM_TRUE || d == DIAGRAM_FALSE ? cond : NULL;
}

/* ", since 'fd' is an unsigned number of 32 bits"; "" where it is for no type's
 * sake. */
static char *reason(struct vacuous *s, const struct entry *entry)
{
	const struct signature *signature =
		signature_of(s->policy->machine, entry->call);
	const struct cond *test =
		settled_test(s, entry->cond[s->policy->machine]);

	if (!test)
		return xstrdup("");
	if (!signature)
		return xasprintf(", since 'arg%d' is an unsigned number of %d "
				 "bits", test->arg, test->bits);
	return xasprintf(", since '%s' is %s number of %d bits",
			 signature->args[test->arg].name,
			 test->is_signed ? "a signed" : "an unsigned",
			 test->bits);
}

static void check_entry(struct vacuous *s, const struct entry *entry)
{
	const struct rule *rule = entry->rule;
	diagram where = holds(s, entry);
	cleanup_free char *why = NULL;
	const char *name = syscall_text(entry->call);

	if (where == DIAGRAM_FALSE)
		diag_add(s->diags, rule->at,
			 "the condition on %s can never hold%s: the rule does "
			 "nothing", name, why = reason(s, entry));
	else if (where == DIAGRAM_TRUE)
		diag_add(s->diags, rule->at,
			 "the condition on %s always holds%s: write 'always' "
			 "if that is meant", name, why = reason(s, entry));
	else if (adds_nothing(s, entry))
		diag_add(s->diags, rule->at,
			 "this 'if' adds nothing: %s is allowed anyway where "
			 "it does not hold; write 'only if' to deny the rest",
			 name);
}

int vacuous_check(const struct policy *policy, struct diags *diags)
{
	struct vacuous s = {.policy = policy, .diags = diags};
	size_t before = diags->n;

	for_entries (e, policy_next, policy)
		if (e->cond[policy->machine])
			check_entry(&s, e);
	decision_free(&s.decision);
	diagram_store_free(s.store);
	return diags->n > before ? -1 : 0;
}
