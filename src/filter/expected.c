#include "filter/expected.h"

#include <linux/seccomp.h>
#include <stdlib.h>

#include "base/util.h"

struct builder {
	struct expected *expected;
	const struct policy *policy;
	const struct answers *answers;
	const struct gate *gate;
	struct diagram_store *store;
	/* Where the answer may change above the table's numbers; sorted. */
	uint32_t *starts;
	size_t n_starts, cap_starts;
	struct decision decision; /* its memory is used again and again */
};

static void add_start(struct builder *builder, uint32_t nr)
{
	size_t i = builder->n_starts;

	while (i > 0 && builder->starts[i - 1] > nr)
		i--;
	if (i > 0 && builder->starts[i - 1] == nr)
		return;
	builder->starts = grow(builder->starts, builder->n_starts,
			       &builder->cap_starts, sizeof(*builder->starts));
	memmove(&builder->starts[i + 1], &builder->starts[i],
		(builder->n_starts - i) * sizeof(*builder->starts));
	builder->starts[i] = nr;
	builder->n_starts++;
}

static void add_single(struct builder *builder, uint32_t nr)
{
	add_start(builder, nr);
	add_start(builder, nr + 1);
}

static void add_starts(struct builder *builder)
{
	const struct policy *policy = builder->policy;

	for (size_t i = 0; i < gate_calls_n; i++)
		add_single(builder, gate_calls[i].nr);
	for (uint32_t quarter = 1; quarter < 4; quarter++)
		add_start(builder, quarter * X32_BIT);
	add_start(builder, X32_FIRST);
	add_start(builder, X32_LAST + 1);
	add_start(builder, NR_SKIPPED);
	for (size_t i = 0; i < policy->n_layers; i++)
		for (const struct entry *first = policy->layers[i]->raw; first;
		     first = first->next_raw)
			add_single(builder, first->call & ~CALL_RAW);
}

static uint32_t answer_leaf(const struct verdict *verdict, const void *answers)
{
	return answer_of(verdict, answers);
}

/* The register that holds words i and i + 1 of the cookie. */
static diagram cookie_half(struct builder *builder, uint8_t arg, size_t i)
{
	const uint32_t *cookie = builder->gate->cookie;
	struct field field = {.arg = arg, .bits = 64, .mask = UINT64_MAX};

	return diagram_compare(builder->store, COMPARE_EQ, field,
			       (uint64_t)cookie[i + 1] << 32 | cookie[i]);
}

static bool is_gated(const struct builder *builder, uint32_t arch, uint32_t nr)
{
	if (!builder->gate || !(builder->gate->calls & GATE_COOKIES) ||
	    arch != abis[ABI_NATIVE].audit_arch)
		return false;
	for (size_t i = 0; i < gate_calls_n; i++)
		if (gate_calls[i].nr == nr)
			return builder->gate->calls & gate_calls[i].bit;
	return false;
}

/* execve with the mark of the launch (gate.h). */
static diagram with_mark(struct builder *builder, diagram otherwise)
{
	static const struct field mark = {
		.arg = 4, .bits = 64, .mask = UINT64_MAX};
	static const struct field sign = {
		.arg = 3, .bits = 32, .mask = UINT32_MAX};
	struct diagram_store *store = builder->store;
	diagram goes = builder->gate->calls & GATE_HAND_OVER
			       ? diagram_leaf(store, answer_handed_over(
							     builder->answers))
			       : otherwise;
	diagram marked = diagram_ite(
		store, diagram_compare(store, COMPARE_EQ, sign, LAUNCH_SIGN),
		diagram_leaf(store, SECCOMP_RET_ERRNO | builder->gate->sign),
		goes);

	return diagram_ite(store,
			   diagram_compare(store, COMPARE_EQ, mark,
					   LAUNCH_MARK),
			   marked, otherwise);
}

static bool has_mark(const struct builder *builder, uint32_t arch, uint32_t nr)
{
	return builder->gate && builder->gate->calls & GATE_SIGN &&
	       arch == abis[ABI_NATIVE].audit_arch && nr == gate_calls[0].nr;
}

static diagram answer_to(struct builder *builder, uint32_t arch, uint32_t nr)
{
	diagram answer;

	decide_call(builder->policy, arch, nr, &builder->decision);
	answer = diagram_of_decision(builder->store, &builder->decision,
				     answer_leaf, builder->answers);
	if (is_gated(builder, arch, nr))
		answer = diagram_ite(
			builder->store,
			diagram_and(builder->store, cookie_half(builder, 4, 0),
				    cookie_half(builder, 5, 2)),
			diagram_leaf(builder->store, SECCOMP_RET_ALLOW),
			answer);
	return has_mark(builder, arch, nr) ? with_mark(builder, answer)
					   : answer;
}

/* Neighbours with the same answer become one segment. */
static bool add_segment(struct builder *builder, const struct piece *piece,
			uint32_t nr)
{
	struct expected *expected = builder->expected;
	diagram answer = answer_to(builder, piece->arch.lo, nr);
	size_t n = expected->n_segments;

	if (n > piece->begin && expected->segments[n - 1].answer == answer)
		return true;
	expected->segments =
		grow(expected->segments, n, &expected->cap_segments,
		     sizeof(*expected->segments));
	expected->segments[expected->n_segments++] =
		(struct segment){nr, answer};
	return answer != DIAGRAM_NONE;
}

/* abi is -1 for architectures that are not in the table. */
static bool add_piece(struct builder *builder, struct interval arch, int abi)
{
	struct expected *expected = builder->expected;
	struct piece *piece = &expected->pieces[expected->n_pieces++];
	uint32_t nr = 0, singles = 1;
	bool ok = true;

	*piece = (struct piece){arch, expected->n_segments, 0};
	if (abi >= 0 && policy_admits(builder->policy, abi))
		singles = syscall_last((enum abi_id)abi) + 2;
	for (; ok && nr < singles; nr++)
		ok = add_segment(builder, piece, nr);
	for (size_t i = 0; ok && i < builder->n_starts; i++)
		if (builder->starts[i] >= nr)
			ok = add_segment(builder, piece, builder->starts[i]);
	piece->end = expected->n_segments;
	return ok;
}

/* The ABI of this machine with the lowest architecture number from `from` on,
 * or -1. */
static int next_abi(uint64_t from)
{
	int next = -1;

	for (int i = 0; i < ABI_COUNT; i++)
		if (abis[i].runs_here && abis[i].audit_arch >= from &&
		    (next < 0 || abis[i].audit_arch < abis[next].audit_arch))
			next = i;
	return next;
}

static bool add_pieces(struct builder *builder)
{
	uint64_t from = 0;
	bool ok = true;

	while (ok && from <= UINT32_MAX) {
		int abi = next_abi(from);
		uint32_t known = abi < 0 ? 0 : abis[abi].audit_arch;
		uint32_t lo = (uint32_t)from;
		uint32_t hi = abi < 0 ? UINT32_MAX : known - 1;

		if (abi >= 0 && known == lo)
			hi = known;
		else
			abi = -1;
		ok = add_piece(builder, (struct interval){lo, hi}, abi);
		from = (uint64_t)hi + 1;
	}
	return ok;
}

int expected_build(struct expected *expected, const struct policy *policy,
		   const struct answers *answers, const struct gate *gate,
		   struct diagram_store *store)
{
	struct builder builder = {
		.expected = expected,
		.policy = policy,
		.answers = answers,
		.gate = gate,
		.store = store,
	};
	bool ok;

	add_starts(&builder);
	ok = add_pieces(&builder);
	free(builder.starts);
	decision_free(&builder.decision);
	return ok ? 0 : -1;
}

void expected_free(struct expected *expected)
{
	free(expected->segments);
	*expected = (struct expected){0};
}

const struct segment *expected_at(const struct expected *expected,
				  const struct piece *piece, uint32_t nr)
{
	size_t lo = piece->begin, hi = piece->end;

	while (hi - lo > 1) {
		size_t middle = lo + (hi - lo) / 2;

		if (expected->segments[middle].first <= nr)
			lo = middle;
		else
			hi = middle;
	}
	return &expected->segments[lo];
}
