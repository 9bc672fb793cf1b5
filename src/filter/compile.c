#include "filter/compile.h"

#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/util.h"
#include "filter/argtest.h"
#include "model/diagram.h"
#include "filter/dispatch.h"
#include "filter/gate.h"
#include "model/decide.h"
#include "tables/syscall.h"

/* What ends a call: its answer as a diagram, mostly a single leaf of it.  The
 * same diagram is the same leaf, so equal answers share their code. */
struct compiler {
	const struct policy *policy;
	const struct answers *answers;
	struct diagram_store *store;
	struct decision decision;
	diagram *leaves;
	size_t n_leaves, cap_leaves;
	struct program *program;
	char **why;
};

static void put(struct compiler *c, uint16_t code, uint32_t k, uint8_t jt,
		uint8_t jf)
{
	program_append(c->program,
		       (struct sock_filter)BPF_JUMP(code, k, jt, jf));
}

static diagram answer_for(struct compiler *c, uint32_t audit_arch, uint32_t nr)
{
	decide_call(c->policy, audit_arch, nr, &c->decision);
	return diagram_of_decision(c->store, &c->decision, answer_leaf,
				   c->answers);
}

/* The index of an answer; -1 if the conditions are too large. */
static int leaf_of(struct compiler *c, diagram answer)
{
	if (!answer)
		return -1;
	for (size_t i = 0; i < c->n_leaves; i++)
		if (c->leaves[i] == answer)
			return (int)i;
	c->leaves = grow(c->leaves, c->n_leaves, &c->cap_leaves,
			 sizeof(*c->leaves));
	c->leaves[c->n_leaves] = answer;
	return (int)c->n_leaves++;
}

static int too_large(struct compiler *c, uint32_t audit_arch, uint32_t nr)
{
	char buf[16];
	const struct verdict *verdict = &c->decision.clauses[0].verdict;
	uint32_t call = syscall_by_number(
		(enum abi_id)abi_by_audit_arch(audit_arch), nr);

	*c->why = xasprintf(
		"the conditions on %s are too large for a filter of %d "
		"instructions (%s:%d is the first of them)",
		syscall_name(call, buf), PROGRAM_MAX,
		verdict->at.file ? verdict->at.file : "the policy",
		verdict->at.line);
	return -1;
}

/* RET_TRACE | leaf, to be replaced once all leaves are known. */
static int end_in(struct compiler *c, uint32_t audit_arch, uint32_t nr)
{
	int leaf = leaf_of(c, answer_for(c, audit_arch, nr));

	if (leaf < 0)
		return too_large(c, audit_arch, nr);
	put(c, BPF_RET | BPF_K, SECCOMP_RET_TRACE | (uint32_t)leaf, 0, 0);
	return 0;
}

/* ------------------------------------------------- numbers above the table */

static uint32_t *raw_numbers(const struct compiler *c, enum abi_id abi,
			     size_t *n)
{
	uint32_t *raw = NULL;
	size_t cap = 0;

	*n = 0;
	for (size_t i = 0; i < c->policy->n_layers; i++)
		for (const struct entry *e = c->policy->layers[i]->raw; e;
		     e = e->next_raw) {
			int64_t nr = syscall_number(e->call, abi);

			if (nr <= syscall_last(abi))
				continue;
			raw = grow(raw, *n, &cap, sizeof(*raw));
			raw[(*n)++] = (uint32_t)nr;
		}
	return raw;
}

/* A number above the table that the policy does not name. */
static uint32_t unnamed(enum abi_id abi, const uint32_t *raw, size_t n)
{
	uint32_t nr = syscall_last(abi) + 1;

	for (size_t i = 0; i < n; i++)
		if (raw[i] == nr) {
			nr++;
			i = (size_t)-1; /* look at all again */
		}
	return nr;
}

/* if (nr == -1) allow; if (x32) foreign; each raw number; the rest. */
static int append_above(struct compiler *c, enum abi_id abi)
{
	uint32_t arch = abis[abi].audit_arch;
	size_t n;
	cleanup_free uint32_t *raw = raw_numbers(c, abi, &n);

	put(c, BPF_JMP | BPF_JEQ | BPF_K, NR_SKIPPED, 0, 1);
	if (end_in(c, arch, NR_SKIPPED) < 0)
		return -1;
	if (abi == ABI_X86_64) {
		put(c, BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1);
		if (end_in(c, arch, X32_BIT) < 0)
			return -1;
		put(c, BPF_JMP | BPF_JGE | BPF_K, X32_FIRST, 0, 2);
		put(c, BPF_JMP | BPF_JGT | BPF_K, X32_LAST, 1, 0);
		if (end_in(c, arch, X32_FIRST) < 0)
			return -1;
	}
	for (size_t i = 0; i < n; i++) {
		put(c, BPF_JMP | BPF_JEQ | BPF_K, raw[i], 0, 1);
		if (end_in(c, arch, raw[i]) < 0)
			return -1;
	}
	return end_in(c, arch, unnamed(abi, raw, n));
}

/* ------------------------------------------------------------ one ABI */

/* A jump whose distance is known only later: JA over what follows. */
static size_t open_skip(struct compiler *c)
{
	put(c, BPF_JMP | BPF_JA, 0, 0, 0);
	return c->program->n - 1;
}

static void close_skip(struct compiler *c, size_t at)
{
	c->program->insns[at].k = (uint32_t)(c->program->n - at - 1);
}

/* A leaf like any other: it may be RET_TRACE. */
static uint32_t handed_over(struct compiler *c)
{
	uint32_t answer = answer_handed_over(c->answers);

	return SECCOMP_RET_TRACE |
	       (uint32_t)leaf_of(c, diagram_leaf(c->store, answer));
}

/* execve's mark; if (nr is none of the gated ones) skip; compare the cookie */
static void append_gate(struct compiler *c, unsigned gates)
{
	uint8_t left = (uint8_t)__builtin_popcount(gates & GATE_COOKIES);
	size_t skip;

	if (gates & GATE_SIGN)
		gate_append_exec(c->program, gates,
				 gates & GATE_HAND_OVER ? handed_over(c) : 0);
	if (!left)
		return;
	for (size_t i = 0; i < gate_calls_n; i++)
		if (gates & gate_calls[i].bit)
			put(c, BPF_JMP | BPF_JEQ | BPF_K, gate_calls[i].nr,
			    left--, 0);
	skip = open_skip(c);
	gate_append(c->program);
	close_skip(c, skip);
}

static int append_dispatch(struct compiler *c, enum abi_id abi)
{
	size_t n = syscall_last(abi) + 1;
	cleanup_free uint16_t *leaves = xcalloc(n, sizeof(*leaves));

	for (size_t nr = 0; nr < n; nr++) {
		int leaf = leaf_of(c, answer_for(c, abis[abi].audit_arch,
						 (uint32_t)nr));

		if (leaf < 0)
			return too_large(c, abis[abi].audit_arch, (uint32_t)nr);
		leaves[nr] = (uint16_t)leaf;
	}
	return dispatch_append(c->program, abis[abi].audit_arch, leaves, n,
			       c->why);
}

static int append_abi(struct compiler *c, enum abi_id abi, unsigned gates)
{
	size_t skip;

	put(c, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0,
	    0);
	put(c, BPF_JMP | BPF_JGT | BPF_K, syscall_last(abi), 1, 0);
	skip = open_skip(c);
	if (append_above(c, abi) < 0)
		return -1;
	close_skip(c, skip);
	append_gate(c, abi == ABI_NATIVE ? gates : 0);
	return append_dispatch(c, abi);
}

static int append_foreign(struct compiler *c)
{
	const uint32_t no_arch = 0; /* of no ABI at all */

	put(c, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0,
	    0);
	put(c, BPF_JMP | BPF_JEQ | BPF_K, NR_SKIPPED, 0, 1);
	if (end_in(c, no_arch, NR_SKIPPED) < 0)
		return -1;
	return end_in(c, no_arch, 0);
}

static int append_abis(struct compiler *c, unsigned gates)
{
	put(c, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch), 0,
	    0);
	for (int abi = 0; abi < ABI_COUNT; abi++) {
		size_t skip;

		if (!policy_admits(c->policy, abi) || !abis[abi].runs_here)
			continue;
		put(c, BPF_JMP | BPF_JEQ | BPF_K, abis[abi].audit_arch, 1, 0);
		skip = open_skip(c);
		if (append_abi(c, (enum abi_id)abi, gates) < 0)
			return -1;
		close_skip(c, skip);
		/* Who comes here has loaded the architecture only. */
	}
	return append_foreign(c);
}

/* --------------------------------------------------------------- leaves */

/* The code of the leaves that are no constant, behind the body; starts[leaf]
 * is where. */
static int append_leaves(struct compiler *c, size_t *starts)
{
	for (size_t leaf = 0; leaf < c->n_leaves; leaf++) {
		starts[leaf] = c->program->n;
		if (diagram_is_leaf(c->store, c->leaves[leaf]))
			continue;
		if (argtest_append(c->program, c->store, c->leaves[leaf]) < 0) {
			*c->why = xasprintf("the argument tests of one call "
					    "exceed %d instructions",
					    PROGRAM_MAX);
			return -1;
		}
	}
	return 0;
}

/* Replaces each RET_TRACE | leaf by the leaf's own RET, or by a jump to its
 * argument tests. */
static int resolve_leaves(struct compiler *c)
{
	cleanup_free size_t *starts = xcalloc(c->n_leaves, sizeof(*starts));
	size_t body = c->program->n;

	if (append_leaves(c, starts) < 0)
		return -1;
	for (size_t i = 0; i < body; i++) {
		struct sock_filter *insn = &c->program->insns[i];
		int leaf = dispatch_leaf(insn);
		diagram answer;

		if (leaf < 0)
			continue;
		answer = c->leaves[leaf];
		if (diagram_is_leaf(c->store, answer))
			insn->k = diagram_leaf_value(c->store, answer);
		else
			*insn = (struct sock_filter)BPF_STMT(
				BPF_JMP | BPF_JA,
				(uint32_t)(starts[leaf] - i - 1));
	}
	return 0;
}

int compile(const struct policy *policy, const struct answers *answers,
	    unsigned gates, struct program *program, char **why)
{
	struct compiler c = {
		.policy = policy,
		.answers = answers,
		.store = diagram_store_new(DIAGRAM_BUDGET),
		.program = program,
		.why = why,
	};
	int result;

	*why = NULL;
	program_init(program);
	result = append_abis(&c, gates);
	if (result == 0)
		result = resolve_leaves(&c);
	if (result == 0 && program->n > PROGRAM_MAX) {
		*why = xasprintf("the filter has %zu instructions, the kernel "
				 "takes %d", program->n, PROGRAM_MAX);
		result = -1;
	}
	free(c.leaves);
	decision_free(&c.decision);
	diagram_store_free(c.store);
	return result;
}
