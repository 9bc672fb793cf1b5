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
	char **why; /* the first failure; what is appended then is dropped */
};

static void load(struct compiler *c, size_t offset)
{
	program_put(c->program, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

/* The index of an answer. */
static uint32_t leaf_of(struct compiler *c, diagram answer)
{
	for (size_t i = 0; i < c->n_leaves; i++)
		if (c->leaves[i] == answer)
			return (uint32_t)i;
	push(c->leaves, c->n_leaves, c->cap_leaves) = answer;
	return (uint32_t)c->n_leaves - 1;
}

static void too_large(struct compiler *c, uint32_t audit_arch, uint32_t nr)
{
	struct source at = c->decision.clauses[0].verdict.at;
	cleanup_free char *place = at.file ? source_text(at)
					   : xstrdup("the policy");
	int abi = abi_by_audit_arch(audit_arch);
	uint32_t call = abi < 0 ? CALL_RAW | nr
				: syscall_by_number((enum abi_id)abi, nr);

	if (!*c->why)
		*c->why = xasprintf(
			"the conditions on %s are too large for a filter of %d "
			"instructions (%s is the first of them)",
			syscall_text(call), PROGRAM_MAX, place);
}

static uint32_t leaf_for(struct compiler *c, uint32_t audit_arch, uint32_t nr)
{
	diagram answer;

	decide_call(c->policy, audit_arch, nr, &c->decision);
	answer = diagram_of_decision(c->store, &c->decision, answer_of,
				     c->answers);
	if (!answer)
		too_large(c, audit_arch, nr);
	return leaf_of(c, answer);
}

/* RET_TRACE | leaf, to be replaced once all leaves are known. */
static void end_in(struct compiler *c, uint32_t audit_arch, uint32_t nr)
{
	program_put(c->program, BPF_RET | BPF_K,
		    SECCOMP_RET_TRACE | leaf_for(c, audit_arch, nr), 0, 0);
}

/* The same, where the test of A (BPF_JEQ, BPF_JGE) says that it is this. */
static void end_if(struct compiler *c, uint16_t test, uint32_t k,
		   uint32_t audit_arch)
{
	program_put(c->program, BPF_JMP | test | BPF_K, k, 0, 1);
	end_in(c, audit_arch, k);
}

/* ------------------------------------------------- numbers above the table */

/* Tests of the raw numbers that the policy names, and an end for the rest. */
static void append_raw(struct compiler *c, enum abi_id abi)
{
	const uint32_t arch = abis[abi].audit_arch, last = syscall_last(abi);
	uint32_t nr = last, unnamed = last + 1;

	while ((nr = policy_next_raw(c->policy, abi, nr)) != UINT32_MAX)
		end_if(c, BPF_JEQ, nr, arch);
	while (policy_names(c->policy, CALL_RAW | unnamed))
		unnamed++;
	end_in(c, arch, unnamed);
}

/* if (nr == -1) allow; if (x32) foreign; each raw number; the rest. */
static void append_above(struct compiler *c, enum abi_id abi)
{
	uint32_t arch = abis[abi].audit_arch;

	end_if(c, BPF_JEQ, NR_SKIPPED, arch);
	if (abi == ABI_X86_64) {
		end_if(c, BPF_JGE, X32_BIT, arch);
		program_put(c->program, BPF_JMP | BPF_JGE | BPF_K, X32_FIRST, 0, 2);
		program_put(c->program, BPF_JMP | BPF_JGT | BPF_K, X32_LAST, 1, 0);
		end_in(c, arch, X32_FIRST);
	}
	append_raw(c, abi);
}

/* ------------------------------------------------------------ one ABI */

/* A jump over what follows, whose distance is known only later. */
static size_t open_skip(struct compiler *c)
{
	program_put(c->program, BPF_JMP | BPF_JA, 0, 0, 0);
	return c->program->n - 1;
}

static void close_skip(struct compiler *c, size_t at)
{
	c->program->insns[at].k = (uint32_t)(c->program->n - at - 1);
}

/* The same, for A of which the test is not true. */
static size_t open_test(struct compiler *c, uint16_t test, uint32_t k)
{
	program_put(c->program, BPF_JMP | test | BPF_K, k, 1, 0);
	return open_skip(c);
}

/* Where the test itself reaches so far it needs no jump beside it. */
static void close_test(struct compiler *c, size_t at)
{
	struct sock_filter *insns = c->program->insns;
	size_t distance = c->program->n - at - 1;

	close_skip(c, at);
	if (distance > UINT8_MAX)
		return;
	insns[at - 1].jt = 0;
	insns[at - 1].jf = (uint8_t)distance;
	memmove(insns + at, insns + at + 1, distance * sizeof(*insns));
	c->program->n--;
}

/* execve's mark; if (nr is none of the gated ones) skip; compare the cookie */
static void append_gate(struct compiler *c, unsigned gates)
{
	uint8_t left = (uint8_t)__builtin_popcount(gates & GATE_COOKIES);
	uint32_t handed_over = answer_handed_over(c->answers);
	enum abi_id machine = c->policy->machine;
	size_t skip;

	if (gates & GATE_HAND_OVER) /* a leaf like any other */
		handed_over = SECCOMP_RET_TRACE |
			      leaf_of(c, diagram_leaf(c->store, handed_over));
	if (gates & GATE_SIGN)
		gate_append_exec(c->program, machine, gates, handed_over);
	if (!left)
		return;
	for (size_t i = 0; i < gate_calls_n; i++)
		if (gates & gate_calls[i].bit)
			program_put(c->program, BPF_JMP | BPF_JEQ | BPF_K,
				    gate_calls[i].nr[machine], left--, 0);
	skip = open_skip(c);
	program_append_all(c->program, gate_comparison, GATE_SIZE);
	load(c, offsetof(struct seccomp_data, nr));
	close_skip(c, skip);
}

static void append_dispatch(struct compiler *c, enum abi_id abi)
{
	size_t n = syscall_last(abi) + 1;
	cleanup_free int *leaves = xcalloc(n, sizeof(*leaves));

	for (uint32_t nr = 0; nr < n; nr++)
		leaves[nr] = (int)leaf_for(c, abis[abi].audit_arch, nr);
	/* more leaves than 16 bits name come of more tests than are allowed */
	if (!*c->why && c->program->n <= PROGRAM_MAX)
		dispatch_append(c->program, leaves, n, c->why);
}

static void append_abi(struct compiler *c, enum abi_id abi, unsigned gates)
{
	size_t skip;

	load(c, offsetof(struct seccomp_data, nr));
	skip = open_test(c, BPF_JGT, syscall_last(abi));
	append_above(c, abi);
	close_test(c, skip);
	append_gate(c, abi == c->policy->machine ? gates : 0);
	append_dispatch(c, abi);
}

static void append_abis(struct compiler *c, unsigned gates)
{
	const uint32_t no_arch = 0; /* of no ABI at all */

	load(c, offsetof(struct seccomp_data, arch));
	for_abis (abi, c->policy) {
		size_t skip = open_test(c, BPF_JEQ, abis[abi].audit_arch);

		append_abi(c, abi, gates);
		close_test(c, skip);
		/* Who comes here has loaded the architecture only. */
	}
	load(c, offsetof(struct seccomp_data, nr));
	end_if(c, BPF_JEQ, NR_SKIPPED, no_arch);
	end_in(c, no_arch, 0);
}

/* --------------------------------------------------------------- leaves */

/* Replaces each RET_TRACE | leaf by the leaf's own RET, or by a jump to its
 * argument tests, which come behind the body. */
static void resolve_leaves(struct compiler *c)
{
	cleanup_free size_t *starts = xcalloc(c->n_leaves, sizeof(*starts));
	size_t body = c->program->n;

	for (size_t leaf = 0; leaf < c->n_leaves && !*c->why; leaf++) {
		starts[leaf] = c->program->n;
		if (diagram_node(c->store, c->leaves[leaf]).bit !=
			    DIAGRAM_LEAF &&
		    argtest_append(c->program, c->store, c->leaves[leaf]) < 0)
			*c->why = xasprintf("the argument tests of one call "
					    "exceed %d instructions",
					    PROGRAM_MAX);
	}
	for (size_t i = 0; i < body && !*c->why; i++) {
		struct sock_filter *insn = &c->program->insns[i];
		int leaf = dispatch_leaf(insn);
		struct diagram_node answer;

		if (leaf < 0)
			continue;
		answer = diagram_node(c->store, c->leaves[leaf]);
		if (answer.bit == DIAGRAM_LEAF)
			insn->k = answer.lo;
		else
			*insn = (struct sock_filter)BPF_STMT(
				BPF_JMP | BPF_JA,
				(uint32_t)(starts[leaf] - i - 1));
	}
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

	*why = NULL;
	*program = (struct program){0};
	append_abis(&c, gates);
	if (!*why)
		resolve_leaves(&c);
	if (!*why && program->n > PROGRAM_MAX)
		*why = xasprintf("the filter has %zu instructions, the kernel "
				 "takes %d", program->n, PROGRAM_MAX);
	free(c.leaves);
	decision_free(&c.decision);
	diagram_store_free(c.store);
	return *why ? -1 : 0;
}
