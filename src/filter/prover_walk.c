#include "filter/prover_walk.h"

#include <stdlib.h>

#include "base/util.h"

/* Bounds, as machine_advance()'s, for programs made to be slow. */
#define MAX_REGIONS (1u << 16)
#define MAX_KNOWN (1u << 16)

/* What follows from a state at a jump, within one rectangle. */
struct known {
	struct value a, x;
	diagram answer;
	uint32_t next; /* known at the same instruction, index + 1 */
};

struct head {
	uint32_t generation; /* the rectangle it is about */
	uint32_t first;	     /* index + 1 */
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
	struct machine machine;
	struct diagram_store *store;
	struct regions *regions;
	struct head *heads; /* one for each instruction */
	struct known *known;
	size_t n_known, cap_known;
	struct pending *pending; /* the innermost last */
	size_t n_pending, cap_pending;
	struct part *parts; /* the next one last */
	size_t n_parts, cap_parts;
	uint32_t generation;
};

static bool is_return(const struct sock_filter *insn)
{
	return BPF_CLASS(insn->code) == BPF_RET;
}

/* Hands a diagram on; DIAGRAM_NONE is a failure. */
static diagram checked(struct walk *walk, diagram d)
{
	if (!d)
		machine_too_large(&walk->machine);
	return d;
}

/* --- the part that depends on arguments ----------------------------------- */

static const enum compare compares[] = {
	[BPF_JEQ >> 4] = COMPARE_EQ,
	[BPF_JGT >> 4] = COMPARE_GT,
	[BPF_JGE >> 4] = COMPARE_GE,
	[BPF_JSET >> 4] = COMPARE_SET,
};

static diagram test_term(struct walk *walk, const struct term *term,
			 enum compare op, uint32_t k)
{
	struct field field = {
		.arg = (uint8_t)((term->word - WORD_ARGS) / 2),
		.shift = term->word % 2 ? 32 : 0,
		.bits = 32,
		.mask = term->mask,
		.flip = term->flip,
	};

	return diagram_compare(walk->store, op, field, k);
}

/* An OR of several words is 0 if each is, and has a bit of k if one has. */
static diagram test_args(struct walk *walk, const struct value *value,
			 const struct sock_filter *insn)
{
	enum compare op = compares[BPF_OP(insn->code) >> 4];
	diagram result = test_term(walk, &value->terms[0], op, insn->k);

	if (value->n > 1 && op != COMPARE_SET &&
	    !(op == COMPARE_EQ && insn->k == 0)) {
		machine_not_proved(&walk->machine, insn,
				   "this test of an OR of words");
		return DIAGRAM_NONE;
	}
	for (uint32_t i = 1; i < value->n; i++) {
		diagram d = test_term(walk, &value->terms[i], op, insn->k);

		result = op == COMPARE_SET
				 ? diagram_or(walk->store, result, d)
				 : diagram_and(walk->store, result, d);
	}
	return checked(walk, result);
}

static diagram recall(struct walk *walk, const struct state *state)
{
	struct head *head = &walk->heads[state->pc];

	if (head->generation != walk->generation)
		*head = (struct head){walk->generation, 0};
	for (uint32_t at = head->first; at; at = walk->known[at - 1].next) {
		const struct known *known = &walk->known[at - 1];

		walk->machine.steps++;
		if (memcmp(&known->a, &state->a, sizeof(known->a)) == 0 &&
		    memcmp(&known->x, &state->x, sizeof(known->x)) == 0)
			return known->answer;
	}
	return DIAGRAM_NONE;
}

static void remember(struct walk *walk, const struct state *state,
		     diagram answer)
{
	struct head *head = &walk->heads[state->pc];

	if (walk->n_known == MAX_KNOWN)
		return;
	push(walk->known, walk->n_known, walk->cap_known) =
		(struct known){state->a, state->x, answer, head->first};
	head->first = (uint32_t)walk->n_known;
}

static bool is_constant(diagram test)
{
	return test == DIAGRAM_TRUE || test == DIAGRAM_FALSE;
}

/* Goes down one branch, the taken one first; one that no arguments lead to may
 * hold anything. */
static bool await_branch(struct walk *walk, const struct rect *rect,
			 struct state *state, const struct sock_filter *insn)
{
	struct value value = machine_value(rect, &state->a);
	diagram test = test_args(walk, &value, insn);

	if (!test)
		return false;
	push(walk->pending, walk->n_pending, walk->cap_pending) =
		(struct pending){*state, test, DIAGRAM_NONE};
	machine_jump(state, insn, test != DIAGRAM_FALSE);
	return true;
}

/* Up again, with the answer to what was pending, to the next branch that is
 * still to be followed: that in *state and true; false at the top. */
static bool ascend(struct walk *walk, diagram *answer, struct state *state)
{
	while (*answer && walk->n_pending) {
		struct pending *at = &walk->pending[walk->n_pending - 1];

		if (!at->yes && !is_constant(at->test)) {
			at->yes = *answer;
			*state = at->state;
			machine_jump(state,
				     &walk->machine.program->insns[state->pc],
				     false);
			return true;
		}
		if (!is_constant(at->test))
			*answer = checked(walk, diagram_ite(walk->store,
							    at->test, at->yes,
							    *answer));
		if (*answer)
			remember(walk, &at->state, *answer);
		walk->n_pending--;
	}
	return false;
}

/* --- rectangles of arch and nr -------------------------------------------- */

static bool add_region(struct walk *walk, const struct rect *rect,
		       diagram answer)
{
	struct regions *regions = walk->regions;

	if (!checked(walk, answer))
		return false;
	push(regions->items, regions->n, regions->cap) =
		(struct region){*rect, answer};
	return true;
}

/* The upper part waits, the lower one is left. */
static void cut_in_two(struct walk *walk, struct rect *rect, struct state state,
		       struct cut cut)
{
	struct rect above = *rect;

	if (cut.word == WORD_ARCH) {
		rect->arch.hi = cut.at - 1;
		above.arch.lo = cut.at;
	} else {
		rect->nr.hi = cut.at - 1;
		above.nr.lo = cut.at;
	}
	push(walk->parts, walk->n_parts, walk->cap_parts) =
		(struct part){above, state};
}

/* One part becomes a region; what is cut off it is left for later.  A cut that
 * the arguments' part needs is made before it: there the walk begins anew, with
 * what it knows, which holds for the smaller rectangle too. */
static bool explore(struct walk *walk, struct rect rect, struct state state)
{
	const struct sock_filter *insn;
	struct state start = state;
	diagram answer;
	struct cut cut;

	walk->generation++;
	walk->n_known = walk->n_pending = 0;
	while ((insn = machine_advance(&walk->machine, &rect, &state))) {
		enum branch outcome =
			is_return(insn) ? OPEN
					: machine_test(&rect, &state, insn,
						       &cut);

		if (outcome == TAKEN || outcome == NOT_TAKEN) {
			machine_jump(&state, insn, outcome == TAKEN);
			continue;
		}
		if (!walk->n_pending)
			start = state;
		if (outcome == UNDECIDED) {
			if (walk->regions->n + walk->n_parts == MAX_REGIONS)
				return machine_too_large(&walk->machine);
			cut_in_two(walk, &rect, start, cut);
			walk->n_pending = 0;
			state = start;
			continue;
		}
		answer = is_return(insn) ? diagram_leaf(walk->store, insn->k)
					 : recall(walk, &state);
		if (!answer && !is_return(insn)) {
			if (!await_branch(walk, &rect, &state, insn))
				return false;
		} else if (!ascend(walk, &answer, &state)) {
			return add_region(walk, &rect, answer);
		}
	}
	return false;
}

int prover_walk(const struct program *program, struct diagram_store *store,
		 struct regions *regions, char **why)
{
	struct walk walk = {.store = store, .regions = regions};
	struct part first = {.rect = {{0, UINT32_MAX}, {0, UINT32_MAX}}};
	bool ok = machine_start(&walk.machine, program, why, &first.state);

	walk.heads = xcalloc(program->n, sizeof(*walk.heads));
	push(walk.parts, walk.n_parts, walk.cap_parts) = first;
	while (ok && walk.n_parts) {
		struct part part = walk.parts[--walk.n_parts];

		ok = explore(&walk, part.rect, part.state);
	}
	free(walk.heads);
	free(walk.known);
	free(walk.pending);
	free(walk.parts);
	return ok ? 0 : -1;
}

void regions_free(struct regions *regions)
{
	free(regions->items);
	*regions = (struct regions){0};
}
