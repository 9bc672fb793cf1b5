/* The policy as a seccomp profile of Docker, Podman and OCI runtimes.
 *
 * Each path through a call's diagram is a rule, so that no two rules meet and
 * their order is of no account.  At last libseccomp makes a program of the rules,
 * as it does for a runtime, and that is proved to answer as the profile says. */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>

#include "base/jtree.h"
#include "base/util.h"
#include "commands/export.h"
#include "filter/dispatch.h"
#include "filter/verify.h"

enum { PATHS_MAX = 512 }; /* of one call */

struct profile {
	struct export export;
	diagram answers[SYSCALL_ROWS]; /* DIAGRAM_NONE: not to be named */
	struct dispatch_rules rules;
	struct dispatch_rule paths[PATHS_MAX]; /* of the call in hand */
	size_t n_paths;
};

/* --------------------------------------------------- from diagram to rules */

/* Is it one value of a whole argument against all others? */
static bool is_one_value(const struct profile *p, diagram d,
			 struct dispatch_test *test, diagram *equal,
			 diagram *other)
{
	struct diagram_node node = diagram_node(p->export.store, d);
	unsigned bit = node.bit, end = bit + 64;

	*test = (struct dispatch_test){.mask = UINT64_MAX};
	*other = diagram_node(p->export.store, node.hi).bit >= end ? node.hi : node.lo;
	for (*equal = d; bit < end && node.bit == bit; bit++) {
		if (node.lo != *other && node.hi != *other)
			return false;
		test->value = test->value << 1 | (node.lo == *other);
		*equal = node.lo == *other ? node.hi : node.lo;
		node = diagram_node(p->export.store, *equal);
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
	struct diagram_node node = diagram_node(p->export.store, d);
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
	return answer_strength(p->rules.fallback) < answer_strength(SECCOMP_RET_LOG) &&
	       p->rules.fallback != (SECCOMP_RET_ERRNO | ENOSYS) &&
	       syscall_row(call)->since[abi] > KERNEL(5, 2);
}

/* What is too much becomes one answer, which the comparison tells. */
static void find_answers(struct profile *p)
{
	struct export *export = &p->export;
	const diagram unsaid = diagram_leaf(export->store, export->fallback);

	for (uint32_t call = 0; call < syscall_count(); call++) {
		int abi = export_abi(export, call);
		diagram answer;

		if (abi < 0)
			continue;
		answer = export_answer(export, export->policy, call);
		if (!find_paths(p, answer))
			answer = diagram_leaf(export->store,
					      export_one_answer(export));
		if (answer == unsaid && !is_named(p, call, abi))
			continue;
		p->answers[call] = answer;
		if (answer != unsaid)
			export_knows(export, call);
	}
}

/* -------------------------------------------------------------- the profile */

static void put_action(struct jtree *object, uint32_t answer,
		       const char *action, const char *err)
{
	jtree_put_owned(object, action,
			xasprintf("SCMP_ACT_%s", answer_name(answer)));
	if (answer_strength(answer) == SECCOMP_RET_ERRNO)
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

/* For i386 libseccomp rewrites socket() and the like as socketcall() and ipc(),
 * whatever their arguments, where no rule before says what these answer. */
static void put_rules(struct profile *p, struct jtree *entries, bool rewritten)
{
	const diagram early[] = {p->answers[syscall_by_name("socketcall")],
				 p->answers[syscall_by_name("ipc")]};

	for (uint32_t call = 0; call < syscall_count(); call++) {
		diagram answer = p->answers[call];
		uint32_t first = 0;

		while (p->answers[first] != answer)
			first++;
		if ((answer == early[0] || answer == early[1]) == rewritten ||
		    first < call || !find_paths(p, answer))
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
	for_abis (abi, p->export.policy)
		jtree_add_text(list, names[abi]);
	if (p->export.policy->effective[SET_SPECULATION].value)
		jtree_add_text(jtree_put_list(root, "flags"),
			       "SECCOMP_FILTER_FLAG_SPEC_ALLOW");
	list = jtree_put_list(root, "syscalls");
	put_rules(p, list, false);
	put_rules(p, list, true);
	jtree_print(root, out, 2);
	fclose(out);
	return text;
}

/* What libseccomp makes of the rules. */
static void prove_rules(struct profile *p)
{
	const struct gate gate = {.calls = GATE_RUNTIME};
	struct program program = {0};
	cleanup_free char *why = NULL;

	dispatch_append_rules(&program, &p->rules, &why);
	if (!why)
		verify(p->export.said, &nobody_watches, &gate, &program, &why);
	if (why)
		diag_add(p->export.diags, p->export.at, "the profile is not "
			 "proved: with libseccomp %s %s",
			 dispatch_version((char[24]){0}), why);
	program_free(&program);
}

int oci_write(FILE *out, const struct policy *policy,
	      const struct options *options, struct diags *diags)
{
	struct profile *p = xcalloc(1, sizeof(*p));
	cleanup_free char *text = NULL;
	int ret;

	export_open(&p->export, "profile", policy, options->lossy, diags);
	p->rules.fallback = p->export.fallback;
	for_abis (abi, policy)
		p->rules.abis |= 1u << abi;
	find_answers(p);
	text = profile_text(p);
	export_compare(&p->export, text);
	if (p->export.said)
		prove_rules(p);
	fputs(text, out);
	ret = export_close(&p->export);
	free(p->rules.items);
	free(p);
	return ret;
}
