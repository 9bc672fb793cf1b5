#include "filter/verify.h"

#include <linux/seccomp.h>
#include <stdlib.h>

#include "base/util.h"
#include "model/diagram.h"
#include "filter/compile.h"
#include "filter/expected.h"
#include "filter/prover_walk.h"
#include "tables/signature.h"

/* --- comparing ------------------------------------------------------------ */

static uint32_t later(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/* The segment of the piece that answers otherwise than the region, or NULL. */
static const struct segment *compare_piece(const struct expected *expected,
					   const struct piece *piece,
					   const struct region *region)
{
	const struct segment *end = &expected->segments[piece->end];
	const struct segment *segment =
		expected_at(expected, piece, region->at.nr.lo);

	for (; segment < end && segment->first <= region->at.nr.hi; segment++)
		if (segment->answer != region->answer)
			return segment;
	return NULL;
}

static bool compare_region(const struct expected *expected,
			   const struct diagram_store *store,
			   const struct region *region,
			   struct counterexample *out)
{
	const struct rect *at = &region->at;

	for (size_t i = 0; i < expected->n_pieces; i++) {
		const struct piece *piece = &expected->pieces[i];
		const struct segment *segment;

		if (piece->arch.hi < at->arch.lo ||
		    piece->arch.lo > at->arch.hi)
			continue;
		segment = compare_piece(expected, piece, region);
		if (!segment)
			continue;
		out->arch = later(piece->arch.lo, at->arch.lo);
		out->nr = later(segment->first, at->nr.lo);
		diagram_differ(store, region->answer, segment->answer,
			       out->args);
		out->program = diagram_eval(store, region->answer, out->args);
		out->policy = diagram_eval(store, segment->answer, out->args);
		return false;
	}
	return true;
}

static uint64_t width(struct interval interval)
{
	return (uint64_t)interval.hi - interval.lo + 1;
}

/* The walk's regions do not overlap, so they are everything if their areas
 * add up to 2^64: a check of the walk, not of the program. */
static bool cover_everything(const struct regions *regions)
{
	unsigned __int128 area = 0;

	for (size_t i = 0; i < regions->n; i++)
		area += (unsigned __int128)width(regions->items[i].at.arch) *
			width(regions->items[i].at.nr);
	return area == (unsigned __int128)1 << 64;
}

static enum proof compare(const struct expected *expected,
			  const struct diagram_store *store,
			  const struct regions *regions,
			  struct counterexample *example, char **why)
{
	if (!cover_everything(regions)) {
		*why = xstrdup("the proof does not cover every call");
		return NOT_PROVED;
	}
	for (size_t i = 0; i < regions->n; i++)
		if (!compare_region(expected, store, &regions->items[i],
				    example))
			return DIFFERENT;
	return PROVED;
}

enum proof prove(const struct policy *policy, const struct answers *answers,
		 const struct gate *gate, const struct program *program,
		 struct counterexample *example, char **why)
{
	struct diagram_store *store = diagram_store_new(DIAGRAM_BUDGET);
	struct expected expected = {0};
	struct regions regions = {0};
	enum proof proof = NOT_PROVED;

	*why = NULL;
	if (prover_walk(program, store, &regions, why) == 0) {
		if (expected_build(&expected, policy, answers, gate, store) < 0)
			*why = xstrdup("the policy is too large to be proved");
		else
			proof = compare(&expected, store, &regions, example,
					why);
	}
	expected_free(&expected);
	regions_free(&regions);
	diagram_store_free(store);
	return proof;
}

/* --- telling -------------------------------------------------------------- */

static const struct {
	uint32_t action;
	const char *name;
} return_actions[] = {
	{SECCOMP_RET_KILL_PROCESS, "KILL_PROCESS"},
	{SECCOMP_RET_KILL_THREAD, "KILL_THREAD"},
	{SECCOMP_RET_TRAP, "TRAP"},
	{SECCOMP_RET_ERRNO, "ERRNO"},
	{SECCOMP_RET_USER_NOTIF, "USER_NOTIF"},
	{SECCOMP_RET_TRACE, "TRACE"},
	{SECCOMP_RET_LOG, "LOG"},
	{SECCOMP_RET_ALLOW, "ALLOW"},
};

static char *answer_text(uint32_t answer)
{
	uint32_t action = answer & SECCOMP_RET_ACTION_FULL;
	uint32_t data = answer & SECCOMP_RET_DATA;

	for (size_t i = 0; i < ARRAY_SIZE(return_actions); i++) {
		if (return_actions[i].action != action)
			continue;
		if (!data && action != SECCOMP_RET_ERRNO)
			return xstrdup(return_actions[i].name);
		return xasprintf("%s(%u)", return_actions[i].name, data);
	}
	return xasprintf("0x%08x", answer);
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
	return xasprintf("%s:%d", verdict.at.file, verdict.at.line);
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
	uint32_t call = abi < 0 || d->nr & CALL_RAW
				? CALL_NONE
				: syscall_by_number((enum abi_id)abi, d->nr);
	cleanup_free char *args = args_text(d, abi, call);
	char buf[16];

	if (abi < 0)
		return xasprintf("call %u(%s) under the unknown architecture "
				 "0x%08x",
				 d->nr, args, d->arch);
	if (!syscall_row(call))
		return xasprintf("call %u(%s) under %s", d->nr, args,
				 abis[abi].name);
	return xasprintf("%s(%s) under %s (number %u)", syscall_name(call, buf),
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
	};

	if (compile(policy, answers, gate.calls, program, why) < 0)
		return -1;
	return verify(policy, answers, &gate, program, why);
}
