#include "filter/prover_walk.h"

#include <stdlib.h>

#include "base/util.h"
#include "filter/gate.h"

/* Bounds for programs made to be slow (others may have written what is in the
 * cache); ordinary ones take some 10,000 steps. */
#define MAX_STEPS (1u << 20)
#define MAX_REGIONS (1u << 16)
#define MAX_KNOWN (1u << 16)

/* The words of struct seccomp_data, as they are loaded; of the arguments' the
 * even ones are low halves.  Instead of the instruction pointer, which nobody may
 * load: what the comparison of the cookie makes of four of them. */
enum { WORD_NR, WORD_ARCH, WORD_COOKIE, WORD_ARGS = 4 };

/* What A holds.  X is the cookie's alone. */
struct value {
	uint32_t word;
	union {
		uint32_t mask; /* of the word: arch and number are whole */
		uint32_t gate; /* the comparison's first instruction */
	};
};

struct state {
	uint32_t pc;
	struct value a;
};

/* What follows from a state at a jump, within one rectangle. */
struct known {
	struct state state;
	diagram answer;
	uint32_t next; /* known at the same instruction, index + 1 */
};

/* A jump that the arguments decide: on the way to its answer. */
struct pending {
	struct state state;
	diagram test;
	diagram yes; /* what the taken branch answers, once that is known */
};

/* A rectangle that is still to be explored. */
struct part {
	struct rect rect;
	struct state state;
};

/* What waits lies in arrays: a program is as deep as it is long, the stack is
 * not ours to choose. */
struct walk {
	const struct program *program;
	char **why;     /* the first failure */
	uint32_t steps; /* so far */
	struct diagram_store *store;
	region_fn *found;
	void *ctx;
	size_t n_found;
	/* Index + 1 of what is known at each instruction.  Never cleared: what is
	 * of an earlier rectangle leads nowhere, or to another instruction's. */
	uint32_t *heads;
	struct known *known;
	size_t n_known, cap_known;
	struct pending *pending; /* the innermost last */
	size_t n_pending, cap_pending;
	struct part *parts; /* the next one last */
	size_t n_parts, cap_parts;
};

static bool too_large(struct walk *walk)
{
	if (!*walk->why)
		*walk->why = xstrdup("the proof would take too long");
	return false;
}

static bool not_proved(struct walk *walk, uint32_t pc, const char *what)
{
	*walk->why = xasprintf("%s at instruction %u is not proved", what, pc);
	return false;
}

static bool is_return(const struct sock_filter *insn)
{
	return insn->code == (BPF_RET | BPF_K);
}

/* Hands a diagram on; DIAGRAM_NONE is a failure. */
static diagram checked(struct walk *walk, diagram d)
{
	if (!d)
		too_large(walk);
	return d;
}

/* --- from one jump to the next -------------------------------------------- */

/* Does the comparison of a cookie, whichever, begin here?  Whoever comes into the
 * middle of it meets instructions that are not proved. */
static bool is_gate(const struct program *program, uint32_t pc)
{
	const struct sock_filter *at = &program->insns[pc];

	for (size_t i = 0; i < GATE_SUM; i++)
		if (pc + i >= program->n ||
		    at[i].code != gate_comparison[i].code ||
		    (at[i].code == (BPF_LD | BPF_W | BPF_ABS) &&
		     at[i].k != gate_comparison[i].k))
			return false;
	return true;
}

static void load(struct walk *walk, struct state *state)
{
	const struct sock_filter *insn = &walk->program->insns[state->pc];

	if (is_gate(walk->program, state->pc)) {
		state->a = (struct value){WORD_COOKIE, {.gate = state->pc}};
		state->pc += GATE_SUM - 1;
	} else {
		state->a = (struct value){insn->k / 4, {.mask = UINT32_MAX}};
	}
}

/* Runs up to the next conditional jump or RET. */
static bool advance(struct walk *walk, struct state *state)
{
	for (;; state->pc++) {
		const struct sock_filter *insn =
			&walk->program->insns[state->pc];

		if (walk->steps++ > MAX_STEPS)
			return too_large(walk);
		switch (insn->code) {
		case BPF_JMP | BPF_JEQ | BPF_K:
		case BPF_JMP | BPF_JGT | BPF_K:
		case BPF_JMP | BPF_JGE | BPF_K:
		case BPF_RET | BPF_K:
			return true;
		case BPF_JMP | BPF_JA:
			state->pc += insn->k;
			break;
		case BPF_LD | BPF_W | BPF_ABS:
			load(walk, state);
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			if (state->a.word < WORD_ARGS)
				return not_proved(walk, state->pc,
						  "AND on no argument word");
			state->a.mask &= insn->k;
			break;
		default:
			return not_proved(walk, state->pc,
					  "a part of a cookie's comparison");
		}
	}
}

/* To the target of the conditional jump that state is at. */
static void jump(const struct walk *walk, struct state *state, bool taken)
{
	const struct sock_filter *insn = &walk->program->insns[state->pc];

	state->pc += 1u + (taken ? insn->jt : insn->jf);
}

/* --- the part that depends on arguments ----------------------------------- */

static const enum compare compares[] = {
	[BPF_JEQ >> 4] = COMPARE_EQ,
	[BPF_JGT >> 4] = COMPARE_GT,
	[BPF_JGE >> 4] = COMPARE_GE,
};

static diagram test_word(struct walk *walk, struct value value, enum compare op,
			 uint32_t k)
{
	struct field field = {
		.arg = (uint8_t)((value.word - WORD_ARGS) / 2),
		.shift = value.word % 2 ? 32 : 0,
		.bits = 32,
		.mask = value.mask,
	};

	return diagram_compare(walk->store, op, field, k);
}

/* An OR of words is 0 if each is: each load has its XOR. */
static diagram test_cookie(struct walk *walk, uint32_t gate)
{
	const struct sock_filter *insn = &walk->program->insns[gate];
	struct value value = {.mask = UINT32_MAX};
	diagram all = DIAGRAM_TRUE;

	for (const struct sock_filter *end = insn + GATE_SUM; insn < end; insn++)
		if (insn->code == (BPF_LD | BPF_W | BPF_ABS))
			value.word = insn->k / 4;
		else if (insn->code == (BPF_ALU | BPF_XOR | BPF_K))
			all = diagram_and(walk->store, all,
					  test_word(walk, value, COMPARE_EQ,
						    insn->k));
	return all;
}

static diagram test_args(struct walk *walk, const struct state *state)
{
	const struct sock_filter *insn = &walk->program->insns[state->pc];
	enum compare op = compares[BPF_OP(insn->code) >> 4];

	if (state->a.word != WORD_COOKIE)
		return checked(walk, test_word(walk, state->a, op, insn->k));
	if (op == COMPARE_EQ && insn->k == 0)
		return checked(walk, test_cookie(walk, state->a.gate));
	not_proved(walk, state->pc, "this test of an OR of words");
	return DIAGRAM_NONE;
}

static uint32_t first_known(const struct walk *walk, uint32_t pc)
{
	uint32_t head = walk->heads[pc];

	return head && head <= walk->n_known &&
			       walk->known[head - 1].state.pc == pc
		       ? head : 0;
}

static diagram recall(struct walk *walk, const struct state *state)
{
	const struct known *known;

	for (uint32_t at = first_known(walk, state->pc); at; at = known->next) {
		known = &walk->known[at - 1];
		walk->steps++;
		if (known->state.a.word == state->a.word &&
		    known->state.a.mask == state->a.mask)
			return known->answer;
	}
	return DIAGRAM_NONE;
}

static void remember(struct walk *walk, const struct state *state,
		     diagram answer)
{
	uint32_t next = first_known(walk, state->pc);

	if (walk->n_known == MAX_KNOWN)
		return;
	push(walk->known, walk->n_known, walk->cap_known) =
		(struct known){*state, answer, next};
	walk->heads[state->pc] = (uint32_t)walk->n_known;
}

/* Goes down one branch, the taken one first; one that no arguments lead to may
 * hold anything. */
static bool await_branch(struct walk *walk, struct state *state)
{
	diagram test = test_args(walk, state);

	if (!test)
		return false;
	if (test != DIAGRAM_TRUE && test != DIAGRAM_FALSE)
		push(walk->pending, walk->n_pending, walk->cap_pending) =
			(struct pending){*state, test, DIAGRAM_NONE};
	jump(walk, state, test != DIAGRAM_FALSE);
	return true;
}

/* Up again, with the answer to what was pending, to the next branch that is
 * still to be followed: that in *state and true; false at the top. */
static bool ascend(struct walk *walk, diagram *answer, struct state *state)
{
	while (*answer && walk->n_pending) {
		struct pending *at = &walk->pending[walk->n_pending - 1];

		if (!at->yes) {
			at->yes = *answer;
			*state = at->state;
			jump(walk, state, false);
			return true;
		}
		*answer = checked(walk, diagram_ite(walk->store, at->test,
						    at->yes, *answer));
		if (*answer)
			remember(walk, &at->state, *answer);
		walk->n_pending--;
	}
	return false;
}

/* --- rectangles of arch and nr -------------------------------------------- */

enum branch {
	NOT_TAKEN,
	TAKEN,
	UNDECIDED, /* both occur within the rectangle */
	OPEN       /* the arguments decide, or it is a RET */
};

static struct interval *side_of(struct rect *rect, uint32_t word)
{
	return word == WORD_ARCH ? &rect->arch : &rect->nr;
}

/* Where it is undecided, *at is where to cut: the second part starts there. */
static enum branch outcome_of(const struct walk *walk, struct rect *rect,
			      const struct state *state, uint32_t *at)
{
	const struct sock_filter *insn = &walk->program->insns[state->pc];
	const struct interval *in = side_of(rect, state->a.word);
	/* of which the test holds; none of JGT UINT32_MAX */
	uint64_t lo = insn->k, hi = UINT32_MAX;

	if (is_return(insn) || state->a.word >= WORD_COOKIE)
		return OPEN;
	if (BPF_OP(insn->code) == BPF_JEQ)
		hi = lo;
	if (BPF_OP(insn->code) == BPF_JGT)
		lo++;
	if (in->hi < lo || in->lo > hi)
		return NOT_TAKEN;
	if (in->lo >= lo && in->hi <= hi)
		return TAKEN;
	*at = (uint32_t)(in->lo < lo ? lo : hi + 1);
	return UNDECIDED;
}

/* The upper part, from `at` on, waits; the lower one is left. */
static void cut_in_two(struct walk *walk, struct rect *rect, struct state state,
		       uint32_t word, uint32_t at)
{
	struct part above = {*rect, state};

	side_of(rect, word)->hi = at - 1;
	side_of(&above.rect, word)->lo = at;
	push(walk->parts, walk->n_parts, walk->cap_parts) = above;
}

/* One part becomes a region; what is cut off it is left for later.  A cut that
 * the arguments' part needs is made before it: there the walk begins anew, with
 * what it knows, which holds for the smaller rectangle too. */
static bool explore(struct walk *walk, struct rect rect, struct state state)
{
	struct state start = state;
	uint32_t at;

	walk->n_known = walk->n_pending = 0;
	while (advance(walk, &state)) {
		const struct sock_filter *insn = &walk->program->insns[state.pc];
		enum branch outcome = outcome_of(walk, &rect, &state, &at);
		diagram answer;

		if (outcome == TAKEN || outcome == NOT_TAKEN) {
			jump(walk, &state, outcome == TAKEN);
			continue;
		}
		if (!walk->n_pending)
			start = state;
		if (outcome == UNDECIDED) {
			if (walk->n_found + walk->n_parts == MAX_REGIONS)
				return too_large(walk);
			cut_in_two(walk, &rect, start, state.a.word, at);
			walk->n_pending = 0;
			state = start;
			continue;
		}
		answer = is_return(insn) ? diagram_leaf(walk->store, insn->k)
					 : recall(walk, &state);
		if (!answer && !is_return(insn)) {
			if (!await_branch(walk, &state))
				return false;
		} else if (!ascend(walk, &answer, &state)) {
			walk->n_found++;
			return checked(walk, answer) &&
			       walk->found(walk->ctx, &rect, answer);
		}
	}
	return false;
}

int prover_walk(const struct program *program, struct diagram_store *store,
		region_fn *found, void *ctx, char **why)
{
	struct walk walk = {.program = program, .why = why, .store = store,
			    .found = found, .ctx = ctx};
	/* The kernel starts with A at 0, as any word is without its bits. */
	struct part part = {
		.rect = {{0, UINT32_MAX}, {0, UINT32_MAX}},
		.state = {.a = {.word = WORD_ARGS}},
	};
	bool ok;

	*why = program_flaw(program);
	ok = !*why;
	walk.heads = xcalloc(program->n, sizeof(*walk.heads));
	push(walk.parts, walk.n_parts, walk.cap_parts) = part;
	while (ok && walk.n_parts) {
		part = walk.parts[--walk.n_parts];
		ok = explore(&walk, part.rect, part.state);
	}
	free(walk.heads);
	free(walk.known);
	free(walk.pending);
	free(walk.parts);
	return ok ? 0 : -1;
}
