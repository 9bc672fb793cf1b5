/* The kernel's classic BPF machine, run on what is known of a call instead of
 * on a call: arch and nr lie in intervals, the arguments are open.
 *
 * For prover_walk.c, which decides where to go at each jump; this part knows
 * what A and X hold, runs what lies between two jumps, and tells how a test of
 * arch, nr or a constant ends. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"
#include "filter/program.h"

struct interval {
	uint32_t lo, hi; /* both within */
};

struct rect {
	struct interval arch, nr;
};

/* The words of struct seccomp_data, as they are loaded; of the arguments' the
 * even ones are low halves. */
enum { WORD_NR, WORD_ARCH, WORD_ARGS = 4 };

#define VALUE_MAX_TERMS 4

/* (word & mask) ^ flip; a constant is a flip alone, nr and arch stand alone and
 * as they are. */
struct term {
	uint32_t word, mask, flip;
};

/* What A or X holds: the OR of 1 to 4 terms, in words of 32 bits without a gap,
 * so that values can be compared. */
struct value {
	uint32_t n;
	struct term terms[VALUE_MAX_TERMS]; /* unused ones are zero */
};

struct state {
	uint32_t pc;
	struct value a, x;
};

struct machine {
	const struct program *program;
	char **why;     /* the first failure, malloc'd */
	uint32_t steps; /* so far; the machine fails beyond a bound */
};

/* Checks what the rest relies on (known opcodes, loads and jumps in bounds)
 * and sets *state to the start.  false: *why says what is not proved. */
bool machine_start(struct machine *machine, const struct program *program,
		   char **why, struct state *state);

/* Sets *why if it is not set, and returns false; so the next. */
bool machine_too_large(struct machine *machine);
bool machine_not_proved(struct machine *machine, const struct sock_filter *insn,
			const char *what);

/* Runs up to the next conditional jump or RET and returns it; NULL if it
 * failed. */
const struct sock_filter *machine_advance(struct machine *machine,
					  const struct rect *rect,
					  struct state *state);

/* Goes to the target of the conditional jump that state is at. */
static inline void machine_jump(struct state *state,
				const struct sock_filter *insn, bool taken)
{
	state->pc += 1u + (taken ? insn->jt : insn->jf);
}

/* The value of a register; arch and nr are constants where the rectangle
 * leaves them no choice. */
struct value machine_value(const struct rect *rect, const struct value *value);

enum branch {
	NOT_TAKEN,
	TAKEN,
	UNDECIDED, /* both occur within the rectangle */
	OPEN       /* the arguments decide */
};

/* Where to cut an undecided rectangle: the second part starts at `at`. */
struct cut {
	uint32_t word; /* WORD_ARCH or WORD_NR */
	uint32_t at;
};

enum branch machine_test(const struct rect *rect, const struct state *state,
			 const struct sock_filter *insn, struct cut *cut);
