#include "model/vacuous.h"

#include <stdlib.h>

#include "base/util.h"
#include "model/diagram.h"
#include "model/decide.h"
#include "tables/signature.h"
#include "tables/syscall.h"

struct vacuous {
	const struct policy *policy;
	struct diags *diags;
	struct diagram_store *store; /* NULL until a condition needs it */
	struct decision decision;
};

/* Is the condition asked on this ABI at all? */
static bool is_asked(const struct vacuous *s, const struct entry *entry, int abi)
{
	return policy_admits(s->policy, abi) && abis[abi].runs_here &&
	       syscall_number(entry->call, (enum abi_id)abi) >= 0 &&
	       entry->cond[abi] != &cond_unaskable;
}

enum holds { NOWHERE_ASKED, NEVER, SOMETIMES, ALWAYS };

/* Never or always on every ABI that asks it; a value too wide for one ABI's
 * registers is no mistake while another can have it. */
static enum holds holds(struct vacuous *s, const struct entry *entry)
{
	enum holds all = NOWHERE_ASKED;

	for (int abi = 0; abi < ABI_COUNT; abi++) {
		diagram d;
		enum holds one;

		if (!is_asked(s, entry, abi))
			continue;
		if (!s->store)
			s->store = diagram_store_new(DIAGRAM_BUDGET);
		d = diagram_of_cond(s->store, entry->cond[abi]);
		one = d == DIAGRAM_FALSE  ? NEVER
		      : d == DIAGRAM_TRUE ? ALWAYS
					  : SOMETIMES;
		all = all == NOWHERE_ASKED || all == one ? one : SOMETIMES;
	}
	return all;
}

/* The list ends before it comes to this rule: at an outright allow of the same
 * file? (An outer layer may well have the last word.) */
static bool ends_in_allow_of(const struct decision *list,
			     const struct layer *layer)
{
	const struct verdict *last = &list->clauses[list->n - 1].verdict;

	return last->action == ACTION_ALLOW && last->rule &&
	       last->rule->layer == layer;
}

/* Does everything that is asked after this rule's clause let the call run? */
static bool adds_nothing(struct vacuous *s, const struct entry *entry)
{
	const struct decision *list = &s->decision;
	int64_t nr = syscall_number(entry->call, ABI_NATIVE);
	size_t i = 0;

	if (entry->rule->action != ACTION_ALLOW || entry->rule->only || nr < 0)
		return false;
	decide_call(s->policy, abis[ABI_NATIVE].audit_arch, (uint32_t)nr,
		    &s->decision);
	while (i < list->n && list->clauses[i].verdict.rule != entry->rule)
		i++;
	if (i == list->n)
		return ends_in_allow_of(list, entry->rule->layer);
	while (i < list->n && list->clauses[i].verdict.action == ACTION_ALLOW)
		i++;
	return i == list->n;
}

/* A test of the condition that has one answer by itself; NULL: none has. */
static const struct cond *settled_test(struct vacuous *s, const struct cond *cond)
{
	const struct cond *found = NULL;

	for (; cond && !found; cond = cond->b) {
		diagram d;

		if (cond->kind != COND_TEST) {
			found = settled_test(s, cond->a);
			continue;
		}
		d = diagram_of_cond(s->store, cond);
		return d == DIAGRAM_TRUE || d == DIAGRAM_FALSE ? cond : NULL;
	}
	return found;
}

/* ", since 'fd' is an unsigned number of 32 bits"; "" where it is for no type's
 * sake. */
static char *reason(struct vacuous *s, const struct entry *entry)
{
	const struct signature *signature =
		signature_of(ABI_NATIVE, entry->call);
	const struct cond *test = settled_test(s, entry->cond[ABI_NATIVE]);

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
	cleanup_free char *why = NULL;
	const char *name;
	char buf[16];

	name = syscall_name(entry->call, buf);
	switch (holds(s, entry)) {
	case NEVER:
		diag_add(s->diags, rule->at,
			 "the condition on %s can never hold%s: the rule does "
			 "nothing", name, why = reason(s, entry));
		return;
	case ALWAYS:
		diag_add(s->diags, rule->at,
			 "the condition on %s always holds%s: write 'always' "
			 "if that is meant", name, why = reason(s, entry));
		return;
	default:
		if (adds_nothing(s, entry))
			diag_add(s->diags, rule->at,
				 "this 'if' adds nothing: %s is allowed anyway "
				 "where it does not hold; write 'only if' to "
				 "deny the rest", name);
	}
}

static void check_entries(struct vacuous *s, const struct entry *entry)
{
	for (; entry; entry = entry->next)
		if (entry->cond[ABI_NATIVE])
			check_entry(s, entry);
}

int vacuous_check(const struct policy *policy, struct diags *diags)
{
	struct vacuous s = {.policy = policy, .diags = diags};
	size_t before = diags->n;

	for (size_t i = 0; i < policy->n_layers; i++)
		for (size_t call = 0; call < syscall_count(); call++)
			check_entries(&s, policy->layers[i]->by_call[call]);
	for (size_t i = 0; i < policy->n_layers; i++)
		for (const struct entry *r = policy->layers[i]->raw; r;
		     r = r->next_raw)
			check_entries(&s, r);
	decision_free(&s.decision);
	diagram_store_free(s.store);
	return diags->n > before ? -1 : 0;
}
