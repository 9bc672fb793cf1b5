#include "commands/convert_oci.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>

#include "base/jtree.h"
#include "base/util.h"
#include "filter/dispatch.h"
#include "filter/verify.h"
#include "formats/load.h"
#include "review/difference.h"

enum { PATHS_MAX = 512 }; /* of one call */

static const struct answers plain; /* nobody watches */

struct profile {
	const struct policy *policy;
	struct policy *said; /* what the profile means */
	struct source at;
	bool strict, loose, is_quiet;
	struct diags *diags, notes;
	struct diagram_store *store;
	struct decision decision;      /* of the number in hand */
	diagram answers[SYSCALL_ROWS]; /* DIAGRAM_NONE: not to be named */
	struct dispatch_rules rules;
	struct dispatch_rule paths[PATHS_MAX]; /* of the call in hand */
	size_t n_paths;
};

static diagram answer_to(struct profile *p, const struct policy *policy, int abi,
			 uint32_t nr)
{
	decide_call(policy, abis[abi].audit_arch, nr, &p->decision);
	return diagram_of_decision(p->store, &p->decision, answer_of, &plain);
}

/* The kernel's order, a signed number: the strictest first. */
static int32_t strength(uint32_t answer)
{
	return (int32_t)(answer & SECCOMP_RET_ACTION_FULL);
}

/* The weakest or the strictest answer of the number in hand. */
static uint32_t extreme(const struct profile *p, bool weakest)
{
	uint32_t found = answer_of(&p->decision.clauses[0].verdict, &plain);

	for (size_t i = 1; i < p->decision.n; i++) {
		uint32_t one =
			answer_of(&p->decision.clauses[i].verdict, &plain);

		if (weakest ? strength(one) > strength(found)
			    : strength(one) < strength(found))
			found = one;
	}
	return found;
}

/* --------------------------------------------------- from diagram to rules */

/* Is it one value of a whole argument against all others? */
static bool is_one_value(const struct profile *p, diagram d,
			 struct dispatch_test *test, diagram *equal,
			 diagram *other)
{
	struct diagram_node node = diagram_node(p->store, d);
	unsigned bit = node.bit, end = bit + 64;

	*test = (struct dispatch_test){.mask = UINT64_MAX};
	*other = diagram_node(p->store, node.hi).bit >= end ? node.hi : node.lo;
	for (*equal = d; bit < end && node.bit == bit; bit++) {
		if (node.lo != *other && node.hi != *other)
			return false;
		test->value = test->value << 1 | (node.lo == *other);
		*equal = node.lo == *other ? node.hi : node.lo;
		node = diagram_node(p->store, *equal);
	}
	return bit == end && end % 64 == 0;
}

/* Masks and values are numbers of JSON, which end at 2^63 for many a reader. */
static bool can_be_put(const struct profile *p, const struct dispatch_rule *rule)
{
	bool can = true;

	for (const struct dispatch_test *t = rule->tests; t < rule->tests + 6; t++)
		can &= (t->mask == UINT64_MAX ? t->value : t->mask) <= INT64_MAX;
	return can || rule->answer == p->rules.fallback;
}

static void walk(struct profile *p, diagram d, struct dispatch_rule rule)
{
	struct diagram_node node = diagram_node(p->store, d);
	struct dispatch_test *test = &rule.tests[node.bit / 64 % 6], whole;
	uint64_t bit = UINT64_C(1) << (63 - node.bit % 64);
	diagram equal, other;

	if (p->n_paths == PATHS_MAX)
		return;
	if (node.bit == DIAGRAM_LEAF) {
		rule.answer = node.lo;
		p->paths[p->n_paths++] = rule;
		if (!can_be_put(p, &rule))
			p->n_paths = PATHS_MAX;
	} else if (is_one_value(p, d, &whole, &equal, &other)) {
		*test = whole;
		walk(p, equal, rule);
		test->differs = true;
		walk(p, other, rule);
	} else {
		test->mask |= bit;
		walk(p, node.lo, rule);
		test->value |= bit;
		walk(p, node.hi, rule);
	}
}

/* Fills p->paths; false: there are too many, or one cannot be put. */
static bool find_paths(struct profile *p, diagram d)
{
	p->n_paths = 0;
	if (d != DIAGRAM_NONE)
		walk(p, d, (struct dispatch_rule){0});
	return p->n_paths % PATHS_MAX != 0;
}

/* Calls that get the default are named only where they are so new that who reads
 * the profile would take them for unknown to it: ENOSYS. */
static bool is_named(const struct profile *p, uint32_t call, int abi)
{
	return strength(p->rules.fallback) < strength(SECCOMP_RET_LOG) &&
	       p->rules.fallback != (SECCOMP_RET_ERRNO | ENOSYS) &&
	       syscall_row(call)->since[abi] > KERNEL(5, 2);
}

/* What is too much becomes one answer, which the comparison tells.  What this
 * libseccomp does not know gets the default under it, which is told here. */
static void find_answers(struct profile *p)
{
	const diagram unsaid = diagram_leaf(p->store, p->rules.fallback);
	cleanup_free char *unknown = xstrdup("");
	bool weaker = false;

	for (uint32_t call = 0; call < syscall_count(); call++) {
		int abi = policy_abi_with(p->policy, call);
		diagram *answer = &p->answers[call];

		if (abi < 0 || !abi_counts(p->policy, abi) ||
		    syscall_has(call, SYSCALL_UNFILTERED))
			continue;
		*answer = answer_to(p, p->policy, abi,
				    (uint32_t)syscall_number(call, abi));
		if (!find_paths(p, *answer))
			*answer = diagram_leaf(p->store, extreme(p, p->loose));
		if (*answer == unsaid && !is_named(p, call, abi))
			*answer = DIAGRAM_NONE;
		if (!*answer || *answer == unsaid || dispatch_number(syscall_text(call)) !=
						 DISPATCH_UNKNOWN)
			continue;
		reprint(&unknown, "%s %s", unknown, syscall_text(call));
		weaker |= strength(p->rules.fallback) >
			  strength(extreme(p, false));
	}
	if (*unknown)
		diag_add(weaker && !p->loose ? p->diags : &p->notes, p->at,
			 "%slibseccomp %s does not know some calls, which get "
			 "the default there:%s", weaker ? "" : "note: ",
			 dispatch_version((char[24]){0}), unknown);
}

/* -------------------------------------------------------------- the profile */

static void put_action(struct jtree *object, uint32_t answer,
		       const char *action, const char *err)
{
	jtree_put_owned(object, action,
			xasprintf("SCMP_ACT_%s", answer_name(answer)));
	if (strength(answer) == SECCOMP_RET_ERRNO)
		jtree_put_number(object, err, answer & SECCOMP_RET_DATA);
}

/* Of MASKED_EQ the mask comes first. */
static void put_test(struct jtree *object, unsigned arg,
		     const struct dispatch_test *test)
{
	bool whole = test->mask == UINT64_MAX;

	jtree_put_number(object, "index", arg);
	jtree_put_number(object, "value",
			 (int64_t)(whole ? test->value : test->mask));
	jtree_put_number(object, "valueTwo", whole ? 0 : (int64_t)test->value);
	jtree_put_text(object, "op", test->differs ? "SCMP_CMP_NE"
				     : whole	   ? "SCMP_CMP_EQ"
						   : "SCMP_CMP_MASKED_EQ");
}

/* For all calls that have the same answer as the first: an entry, and the rules
 * for libseccomp. */
static void put_rule(struct profile *p, struct jtree *entry, uint32_t first,
		     struct dispatch_rule rule)
{
	struct jtree *names = jtree_put_list(entry, "names"), *args;

	for (uint32_t call = first; call < syscall_count(); call++) {
		if (p->answers[call] != p->answers[first])
			continue;
		jtree_add_text(names, syscall_text(call));
		rule.nr = dispatch_number(syscall_text(call));
		if (rule.nr != DISPATCH_UNKNOWN &&
		    rule.answer != p->rules.fallback)
			push(p->rules.items, p->rules.n, p->rules.cap) = rule;
	}
	put_action(entry, rule.answer, "action", "errnoRet");
	args = jtree_put_list(entry, "args");
	for (unsigned arg = 0; arg < 6; arg++)
		if (rule.tests[arg].mask)
			put_test(jtree_add_object(args), arg, &rule.tests[arg]);
}

static void put_rules(struct profile *p, struct jtree *entries)
{
	for (uint32_t call = 0; call < syscall_count(); call++) {
		uint32_t first = 0;

		while (p->answers[first] != p->answers[call])
			first++;
		if (first < call || !find_paths(p, p->answers[call]))
			continue;
		for (size_t i = 0; i < p->n_paths; i++)
			if (p->n_paths == 1 ||
			    p->paths[i].answer != p->rules.fallback)
				put_rule(p, jtree_add_object(entries), call,
					 p->paths[i]);
	}
}

static char *profile_text(struct profile *p)
{
	static const char *const names[ABI_COUNT] = {
		"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_AARCH64"};
	struct jtree *root = jtree_read("{}", 2, &(char *){NULL}), *list;
	size_t n;
	char *text;
	FILE *out = xmemstream(&text, &n);

	put_action(root, p->rules.fallback, "defaultAction", "defaultErrnoRet");
	list = jtree_put_list(root, "architectures");
	for (int abi = 0; abi < ABI_COUNT; abi++)
		if (p->rules.abis >> abi & 1)
			jtree_add_text(list, names[abi]);
	if (p->policy->effective[SET_SPECULATION].value)
		jtree_add_text(jtree_put_list(root, "flags"),
			       "SECCOMP_FILTER_FLAG_SPEC_ALLOW");
	put_rules(p, jtree_put_list(root, "syscalls"));
	jtree_print(root, out);
	fclose(out);
	return text;
}

/* ----------------------------------------------- what became of the policy */

/* What is no call only becomes stricter: foreign ABIs are killed, and runtimes
 * may keep no privileges. */
static void tell(struct profile *p, const struct difference *row)
{
	bool stricter = !has_prefix(row->what, "numbers"), weaker = false;
	struct source at = {0};

	if (row->is_call) {
		diagram is = answer_to(p, p->said, row->abi, row->nr);
		int32_t least = strength(extreme(p, false));
		int32_t most = strength(extreme(p, true));

		if (answer_to(p, p->policy, row->abi, row->nr) == is) {
			p->is_quiet = true;
			return;
		}
		stricter = most <= strength(extreme(p, false));
		weaker = least >= strength(extreme(p, true));
		at = p->decision.clauses[0].verdict.at;
	}
	stricter = (p->strict && stricter) || (p->loose && weaker);
	diag_add(stricter ? &p->notes : p->diags, at.file ? at : p->at,
		 stricter ? "note: %s: '%s' becomes '%s'"
			  : "%s: a profile cannot say '%s', only '%s'",
		 row->what, row->a, row->b);
}

static void check(struct profile *p)
{
	const struct gate gate = {.calls = GATE_RUNTIME};
	struct differences differences = {0};
	struct program program = {0};
	cleanup_free char *why = NULL;
	uint32_t call;

	if (differences_find(p->policy, p->said, &differences, &call) < 0)
		why = xstrdup("it is too large to be compared");
	for (size_t i = 0; i < differences.n; i++)
		tell(p, &differences.items[i]);
	if (p->is_quiet)
		diag_add(&p->notes, p->at, "note: 'quiet' is lost: a runtime "
			 "tells nobody of denials");
	if (!why)
		dispatch_append_rules(&program, abis[ABI_NATIVE].audit_arch,
				      &p->rules, &why);
	if (!why)
		verify(p->said, &plain, &gate, &program, &why);
	if (why)
		diag_add(p->diags, p->at, "the profile is not proved: with "
			 "libseccomp %s %s", dispatch_version((char[24]){0}), why);
	program_free(&program);
	differences_free(&differences);
}

int oci_write(FILE *out, const struct policy *policy, const char *lossy,
	      struct diags *diags)
{
	const struct verdict fallback =
		verdict_of_setting(policy, SET_DEFAULT, BY_DEFAULT);
	struct profile *p = xcalloc(1, sizeof(*p));
	size_t before = diags->n;
	cleanup_free char *text = NULL;

	p->policy = policy;
	p->diags = diags;
	p->at.file = policy->layers[policy->n_layers - 1]->file;
	p->store = diagram_store_new(DIAGRAM_BUDGET);
	p->strict = lossy && streq(lossy, "strict");
	p->loose = lossy && !p->strict;
	p->rules.fallback = answer_of(&fallback, &plain);
	for (int abi = 0; abi < ABI_COUNT; abi++)
		p->rules.abis |= (unsigned)abi_counts(policy, abi) << abi;
	find_answers(p);
	text = profile_text(p);
	p->said = policy_load_text("profile", text, policy->machine, diags);
	if (p->said)
		check(p);
	fputs(text, out);
	before = diags->n - before;
	diags_move(diags, &p->notes);
	policy_free(p->said);
	free(p->rules.items);
	decision_free(&p->decision);
	diagram_store_free(p->store);
	free(p);
	return before ? -1 : 0;
}
