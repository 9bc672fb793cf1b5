#include "filter/prover_machine.h"

#include <linux/seccomp.h>
#include <stdarg.h>
#include <stdlib.h>

/* A bound for programs made to be slow (others may have written what is in
 * the cache); ordinary ones take some 10,000 steps. */
#define MAX_STEPS (1u << 20)

static printf_like(2, 3) bool fail(struct machine *machine, const char *fmt,
				   ...)
{
	va_list args;

	if (*machine->why)
		return false;
	va_start(args, fmt);
	*machine->why = xvasprintf(fmt, args);
	va_end(args);
	return false;
}

bool machine_too_large(struct machine *machine)
{
	return fail(machine, "the proof would take too long");
}

static uint32_t pc_of(const struct machine *machine,
		      const struct sock_filter *insn)
{
	return (uint32_t)(insn - machine->program->insns);
}

bool machine_not_proved(struct machine *machine, const struct sock_filter *insn,
			const char *what)
{
	return fail(machine, "%s at instruction %u is not proved", what,
			    pc_of(machine, insn));
}

/* --- values --------------------------------------------------------------- */

static struct value constant(uint32_t k)
{
	return (struct value){1, {{0, 0, k}}};
}

static bool is_constant(const struct value *value)
{
	return value->n == 1 && value->terms[0].mask == 0;
}

static bool is_arch_or_nr(const struct value *value)
{
	return value->terms[0].mask && value->terms[0].word < WORD_ARGS;
}

static struct interval range_of(const struct rect *rect,
				const struct value *arch_or_nr)
{
	return arch_or_nr->terms[0].word == WORD_ARCH ? rect->arch : rect->nr;
}

struct value machine_value(const struct rect *rect, const struct value *value)
{
	struct interval in = range_of(rect, value);

	return is_arch_or_nr(value) && in.lo == in.hi ? constant(in.lo)
						      : *value;
}

/* value |= term; constants go into the first term.  false: no room. */
static bool add_term(struct value *value, struct term term)
{
	if (is_constant(value)) {
		struct term k = value->terms[0];

		value->terms[0] = term;
		term = k;
	}
	if (term.mask == 0) {
		value->terms[0].mask &= ~term.flip;
		value->terms[0].flip |= term.flip;
		return true;
	}
	if (value->n == VALUE_MAX_TERMS)
		return false;
	value->terms[value->n++] = term;
	return true;
}

/* --- one instruction ------------------------------------------------------ */

/* NULL, or what is not proved. */
static const char *compute(const struct sock_filter *insn, struct value *a,
			   const struct value *x)
{
	switch (BPF_OP(insn->code)) {
	case BPF_AND:
		if (is_arch_or_nr(a))
			return "AND on arch or number";
		for (uint32_t i = 0; i < a->n; i++) {
			a->terms[i].mask &= insn->k;
			a->terms[i].flip &= insn->k;
		}
		return NULL;
	case BPF_XOR:
		if (is_arch_or_nr(a) || a->n != 1)
			return "XOR on anything but one argument word";
		a->terms[0].flip ^= insn->k;
		return NULL;
	default:
		if (is_arch_or_nr(a) || is_arch_or_nr(x))
			return "OR with arch or number";
		for (uint32_t i = 0; i < x->n; i++)
			if (!add_term(a, x->terms[i]))
				return "OR of too many argument words";
		return NULL;
	}
}

static __attribute__((noinline)) bool run(struct machine *machine,
					  const struct rect *rect,
					  const struct sock_filter *insn,
					  struct state *state)
{
	struct value x;
	const char *what;

	switch (insn->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		state->a = (struct value){1, {{insn->k / 4, UINT32_MAX, 0}}};
		return true;
	case BPF_LD | BPF_IMM:
		state->a = constant(insn->k);
		return true;
	case BPF_MISC | BPF_TAX:
		state->x = state->a;
		return true;
	case BPF_MISC | BPF_TXA:
		state->a = state->x;
		return true;
	case BPF_JMP | BPF_JA:
		state->pc += insn->k;
		return true;
	default: /* check_shape() has let nothing else in */
		x = machine_value(rect, &state->x);
		state->a = machine_value(rect, &state->a);
		what = compute(insn, &state->a, &x);
		return !what || machine_not_proved(machine, insn, what);
	}
}

static bool is_stop(const struct sock_filter *insn)
{
	return insn->code == (BPF_RET | BPF_K) ||
	       (BPF_CLASS(insn->code) == BPF_JMP &&
		insn->code != (BPF_JMP | BPF_JA));
}

/* Mostly one jump follows another: run() is called for what lies between. */
const struct sock_filter *machine_advance(struct machine *machine,
					  const struct rect *rect,
					  struct state *state)
{
	for (;; state->pc++) {
		const struct sock_filter *insn =
			&machine->program->insns[state->pc];

		if (machine->steps++ > MAX_STEPS) {
			machine_too_large(machine);
			return NULL;
		}
		if (is_stop(insn))
			return insn;
		if (!run(machine, rect, insn, state))
			return NULL;
	}
}

/* --- tests of arch, nr and constants -------------------------------------- */

/* For all of [lo, hi]; where it is undecided, *at is where to cut: the second
 * part starts there. */
static enum branch test_ge(struct interval in, uint32_t k, uint32_t *at)
{
	*at = k;
	return in.lo >= k ? TAKEN : in.hi < k ? NOT_TAKEN : UNDECIDED;
}

static enum branch test_eq(struct interval in, uint32_t k, uint32_t *at)
{
	if (k < in.lo || k > in.hi)
		return NOT_TAKEN;
	*at = in.lo < k ? k : k + 1;
	return in.lo == in.hi ? TAKEN : UNDECIDED;
}

/* The bits above the highest in which lo and hi differ are the same all over
 * the interval and may decide.  If not, a cut at that bit fixes one more. */
static enum branch test_set(struct interval in, uint32_t k, uint32_t *at)
{
	uint32_t free = in.lo ^ in.hi;

	for (unsigned shift = 1; shift < 32; shift *= 2)
		free |= free >> shift;
	*at = in.hi & ~(free >> 1);
	if (in.lo & ~free & k)
		return TAKEN;
	return free & k ? UNDECIDED : NOT_TAKEN;
}

static enum branch test_interval(const struct sock_filter *insn,
				  struct interval in, uint32_t *at)
{
	switch (BPF_OP(insn->code)) {
	case BPF_JEQ:
		return test_eq(in, insn->k, at);
	case BPF_JGE:
		return test_ge(in, insn->k, at);
	case BPF_JGT:
		return insn->k == UINT32_MAX ? NOT_TAKEN
					     : test_ge(in, insn->k + 1, at);
	default:
		return test_set(in, insn->k, at);
	}
}

enum branch machine_test(const struct rect *rect, const struct state *state,
			 const struct sock_filter *insn, struct cut *cut)
{
	const struct value *value = &state->a;
	struct interval in = range_of(rect, value);

	if (is_constant(value))
		in.lo = in.hi = value->terms[0].flip;
	else if (!is_arch_or_nr(value))
		return OPEN;
	cut->word = value->terms[0].word;
	return test_interval(insn, in, &cut->at);
}

/* --- the shape ------------------------------------------------------------ */

static bool known_load(const struct sock_filter *insn)
{
	return insn->k % 4 == 0 && insn->k < sizeof(struct seccomp_data) &&
	       (insn->k < offsetof(struct seccomp_data, instruction_pointer) ||
		insn->k >= offsetof(struct seccomp_data, args));
}

/* Everything that later steps rely on: known opcodes, loads in bounds, and
 * jumps that stay within the program, whose last instruction returns. */
static bool check_insn(struct machine *machine, const struct sock_filter *insn)
{
	size_t left = machine->program->n - pc_of(machine, insn) - 1;
	size_t target = 0;

	switch (insn->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		if (!known_load(insn))
			return fail(
				machine,
				"the load of offset %u at instruction %u "
				"is not proved",
				insn->k, pc_of(machine, insn));
		break;
	case BPF_LD | BPF_IMM:
	case BPF_ALU | BPF_AND | BPF_K:
	case BPF_ALU | BPF_XOR | BPF_K:
	case BPF_ALU | BPF_OR | BPF_X:
	case BPF_MISC | BPF_TAX:
	case BPF_MISC | BPF_TXA:
		break;
	case BPF_RET | BPF_K:
		return true;
	case BPF_JMP | BPF_JA:
		target = insn->k;
		break;
	case BPF_JMP | BPF_JEQ | BPF_K:
	case BPF_JMP | BPF_JGT | BPF_K:
	case BPF_JMP | BPF_JGE | BPF_K:
	case BPF_JMP | BPF_JSET | BPF_K:
		target = insn->jt > insn->jf ? insn->jt : insn->jf;
		break;
	default:
		return fail(
			machine,
			"opcode 0x%02x at instruction %u is not proved",
			insn->code, pc_of(machine, insn));
	}
	return target < left ||
	       fail(machine, "instruction %u leads out of the program",
			    pc_of(machine, insn));
}

static bool check_shape(struct machine *machine)
{
	const struct program *program = machine->program;

	if (program->n < 1 || program->n > PROGRAM_MAX)
		return fail(
			machine, "%zu instructions; the kernel takes 1 to %d",
			program->n, PROGRAM_MAX);
	for (size_t i = 0; i < program->n; i++)
		if (!check_insn(machine, &program->insns[i]))
			return false;
	return true;
}

bool machine_start(struct machine *machine, const struct program *program,
		   char **why, struct state *state)
{
	*machine = (struct machine){.program = program, .why = why};
	*why = NULL;
	/* The kernel starts with A and X at 0. */
	*state = (struct state){0, constant(0), constant(0)};
	return check_shape(machine);
}
