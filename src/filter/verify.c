#include "filter/verify.h"

#include <linux/seccomp.h>

#include "base/util.h"
#include "model/diagram.h"
#include "filter/compile.h"
#include "filter/dispatch.h"
#include "filter/prover_walk.h"
#include "tables/signature.h"

struct question {
	const struct policy *policy;
	const struct answers *answers;
	const struct gate *gate;
	struct diagram_store *store;
	struct decision decision; /* its memory is used again and again */
	uint32_t arch; /* asked about now */
	int abi;       /* its, or -1: foreign */
	unsigned __int128 area; /* of what was compared */
	struct counterexample *example;
	char *why;
};

/* --- what the program has to answer --------------------------------------- */

/* The register that holds words i and i + 1 of the cookie. */
static diagram cookie_half(const struct question *q, uint8_t arg, size_t i)
{
	const uint32_t *cookie = q->gate->cookie;

	return diagram_is(q->store, arg, 64,
			  (uint64_t)cookie[i + 1] << 32 | cookie[i]);
}

static diagram with_cookie(const struct question *q, diagram otherwise)
{
	return diagram_ite(q->store,
			   diagram_and(q->store, cookie_half(q, 4, 0),
				       cookie_half(q, 5, 2)),
			   diagram_leaf(q->store, SECCOMP_RET_ALLOW),
			   otherwise);
}

/* execve with the mark of the launch (gate.h). */
static diagram with_mark(const struct question *q, diagram otherwise)
{
	struct diagram_store *store = q->store;
	diagram goes = q->gate->calls & GATE_HAND_OVER
			       ? diagram_leaf(store,
					      answer_handed_over(q->answers))
			       : otherwise;
	diagram marked = diagram_ite(
		store, diagram_is(store, 3, 32, LAUNCH_SIGN),
		diagram_leaf(store, SECCOMP_RET_ERRNO | q->gate->sign), goes);

	return diagram_ite(store, diagram_is(store, 4, 64, LAUNCH_MARK), marked,
			   otherwise);
}

static diagram expected(struct question *q, uint32_t nr)
{
	enum abi_id machine = q->policy->machine;
	bool is_own = q->abi == (int)machine;
	unsigned gates = q->gate && is_own ? q->gate->calls : 0;
	diagram answer;

	decide_call(q->policy, q->arch, nr, &q->decision);
	answer = diagram_of_decision(q->store, &q->decision, answer_of,
				     q->answers);
	for (size_t i = 0; i < gate_calls_n; i++)
		if (gate_calls[i].nr[machine] == nr && gates & gate_calls[i].bit)
			answer = with_cookie(q, answer);
	if (gates & GATE_SIGN && nr == gate_calls[0].nr[machine])
		answer = with_mark(q, answer);
	return answer;
}

/* --- where it may change -------------------------------------------------- */

static void nearer(uint64_t *next, uint64_t above, uint64_t candidate)
{
	if (candidate > above && candidate < *next)
		*next = candidate;
}

static void nearer_single(uint64_t *next, uint64_t above, uint64_t candidate)
{
	nearer(next, above, candidate);
	nearer(next, above, candidate + 1);
}

static uint64_t next_arch(uint64_t arch)
{
	uint64_t next = (uint64_t)UINT32_MAX + 1;

	for (int i = 0; i < ABI_COUNT; i++)
		nearer_single(&next, arch, abis[i].audit_arch);
	return next;
}

/* Every number of an admitted ABI up to one past the table's last, every raw
 * number that the policy names, and the gate's calls stand for themselves;
 * between these the quarters of the number space (X32_BIT and the sign bit),
 * x32's own numbers and NR_SKIPPED are intervals of their own. */
static uint64_t next_number(const struct question *q, uint64_t nr)
{
	const struct policy *policy = q->policy;
	uint64_t next = (uint64_t)UINT32_MAX + 1;

	if (q->abi >= 0 && abi_counts(policy, q->abi) &&
	    nr <= syscall_last((enum abi_id)q->abi))
		return nr + 1;
	for (size_t i = 0; i < gate_calls_n; i++)
		nearer_single(&next, nr, gate_calls[i].nr[policy->machine]);
	for (uint64_t quarter = 1; quarter < 4; quarter++)
		nearer(&next, nr, quarter * X32_BIT);
	nearer(&next, nr, X32_FIRST);
	nearer(&next, nr, X32_LAST + 1);
	nearer(&next, nr, NR_SKIPPED);
	for (size_t i = 0; i < policy->n_layers; i++)
		for (const struct entry *first = policy->layers[i]->raw; first;
		     first = first->next_raw)
			nearer_single(&next, nr, first->call & ~CALL_RAW);
	return next;
}

/* --- comparing ------------------------------------------------------------ */

/* A runtime's libseccomp kills what is foreign, in its own way, and gives numbers
 * whose names it does not know the default. */
static bool is_runtimes(const struct question *q, diagram found, uint32_t nr)
{
	uint32_t call;

	if (q->abi < 0 || !abi_counts(q->policy, q->abi) ||
	    (nr >= X32_BIT && abi_is_x32(q->abi, nr)))
		return found == diagram_leaf(q->store, SECCOMP_RET_KILL_THREAD);
	call = syscall_by_number((enum abi_id)q->abi, nr);
	return !syscall_row(call) || syscall_has(call, SYSCALL_UNFILTERED) ||
	       dispatch_number(syscall_text(call)) == DISPATCH_UNKNOWN;
}

static bool same_answer(struct question *q, diagram found, uint32_t nr)
{
	struct counterexample *out = q->example;
	diagram answer = expected(q, nr);

	if (answer == found || (q->gate && q->gate->calls & GATE_RUNTIME &&
				is_runtimes(q, found, nr)))
		return true;
	if (!answer) {
		q->why = xstrdup("the policy is too large to be proved");
		return false;
	}
	out->arch = q->arch;
	out->nr = nr;
	diagram_differ(q->store, found, answer, out->args);
	out->program = diagram_eval(q->store, found, out->args);
	out->policy = diagram_eval(q->store, answer, out->args);
	return false;
}

static uint64_t width(struct interval interval)
{
	return (uint64_t)interval.hi - interval.lo + 1;
}

static bool compare(void *ctx, const struct rect *at, diagram found)
{
	struct question *q = ctx;

	q->area += (unsigned __int128)width(at->arch) * width(at->nr);
	for (uint64_t arch = at->arch.lo; arch <= at->arch.hi;
	     arch = next_arch(arch)) {
		q->arch = (uint32_t)arch;
		q->abi = abi_by_audit_arch(q->arch);
		for (uint64_t nr = at->nr.lo; nr <= at->nr.hi;
		     nr = next_number(q, nr))
			if (!same_answer(q, found, (uint32_t)nr))
				return false;
	}
	return true;
}

enum proof prove(const struct policy *policy, const struct answers *answers,
		 const struct gate *gate, const struct program *program,
		 struct counterexample *example, char **why)
{
	struct question q = {
		.policy = policy,
		.answers = answers,
		.gate = gate,
		.store = diagram_store_new(DIAGRAM_BUDGET),
		.example = example,
	};
	bool same = prover_walk(program, q.store, compare, &q, why) == 0;

	if (!*why)
		*why = q.why;
	/* The rectangles do not overlap, so they are everything if their areas
	 * add up to 2^64: a check of the walk, not of the program. */
	if (same && q.area != (unsigned __int128)1 << 64)
		*why = xstrdup("the proof does not cover every call");
	decision_free(&q.decision);
	diagram_store_free(q.store);
	return *why ? NOT_PROVED : same ? PROVED : DIFFERENT;
}

/* --- telling -------------------------------------------------------------- */

static char *answer_text(uint32_t answer)
{
	const char *name = answer_name(answer);
	uint32_t data = answer & SECCOMP_RET_DATA;

	if (!name)
		return xasprintf("0x%08x", answer);
	if (!data && (answer & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_ERRNO)
		return xstrdup(name);
	return xasprintf("%s(%u)", name, data);
}

/* Whose word it is: a line, or the name of a rule that has none. */
static char *origin_text(const struct policy *policy,
			 const struct answers *answers,
			 const struct counterexample *d)
{
	struct verdict verdict = decide(policy, d->arch, d->nr, d->args);

	if (answer_of(&verdict, answers) != d->policy)
		return xstrdup("launch gate");
	if (!verdict.at.file)
		return xstrdup(verdict_kind_names[verdict.kind]);
	return source_text(verdict.at);
}

/* As many arguments as the call has, and those beyond that matter. */
static char *args_text(const struct counterexample *d, int abi, uint32_t call)
{
	const struct signature *signature =
		abi < 0 ? NULL : signature_of((enum abi_id)abi, call);
	int n = signature && signature->n >= 0 ? signature->n : 6;
	char *text = xstrdup("");

	for (int i = n; i < 6; i++)
		if (d->args[i])
			n = i + 1;
	for (int i = 0; i < n; i++)
		reprint(&text, "%s%s0x%llx", text, i ? ", " : "",
			(unsigned long long)d->args[i]);
	return text;
}

static char *call_text(const struct counterexample *d)
{
	int abi = abi_by_audit_arch(d->arch);
	uint32_t call = abi < 0 ? CALL_NONE
				: syscall_by_number((enum abi_id)abi, d->nr);
	cleanup_free char *args = args_text(d, abi, call);

	if (abi < 0)
		return xasprintf("call %u(%s) under the unknown architecture "
				 "0x%08x",
				 d->nr, args, d->arch);
	if (!syscall_row(call))
		return xasprintf("call %u(%s) under %s", d->nr, args,
				 abis[abi].name);
	return xasprintf("%s(%s) under %s (number %u)", syscall_text(call),
			 args, abis[abi].name, d->nr);
}

int verify(const struct policy *policy, const struct answers *answers,
	   const struct gate *gate, const struct program *program, char **why)
{
	struct counterexample example;
	enum proof proof =
		prove(policy, answers, gate, program, &example, why);

	if (proof == DIFFERENT) {
		cleanup_free char *ours = answer_text(example.program);
		cleanup_free char *theirs = answer_text(example.policy);
		cleanup_free char *origin =
			origin_text(policy, answers, &example);
		cleanup_free char *call = call_text(&example);

		*why = xasprintf("the program answers %s and the policy %s "
				 "(%s) to %s",
				 ours, theirs, origin, call);
	}
	return proof == PROVED ? 0 : -1;
}

int compile_proved(const struct policy *policy, const struct answers *answers,
		   struct program *program, char **why)
{
	struct gate gate = {
		.calls = gate_needed(policy, GATE_FORKED, answers),
		.sign = SIGN_UNDRAWN,
	};

	if (compile(policy, answers, gate.calls, program, why) < 0)
		return -1;
	return verify(policy, answers, &gate, program, why);
}
