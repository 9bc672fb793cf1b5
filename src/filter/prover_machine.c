#include "filter/prover_machine.h"

#include <linux/seccomp.h>
#include <stdarg.h>
#include <stdlib.h>

/* A bound for programs made to be slow (others may have written what is in
 * the cache); ordinary ones take some 10,000 steps. */
#define MAX_STEPS (1u << 20)
#define MAX_VALUES (1u << 14)

struct stored_value {
	struct value value;
	uint32_t next; /* in the same bucket, id + 1 */
};

bool machine_fail(struct machine *machine, const char *fmt, ...)
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
	return machine_fail(machine, "the proof would take too long");
}

static uint32_t pc_of(const struct machine *machine,
		      const struct sock_filter *insn)
{
	return (uint32_t)(insn - machine->program->insns);
}

bool machine_not_proved(struct machine *machine, const struct sock_filter *insn,
			const char *what)
{
	return machine_fail(machine, "%s at instruction %u is not proved", what,
			    pc_of(machine, insn));
}

/* --- values --------------------------------------------------------------- */

static uint32_t bucket_of(const struct value *value)
{
	uint32_t hash = value->kind;

	for (uint32_t i = 0; i < value->n; i++) {
		hash = (hash ^ value->terms[i].word) * 0x9e3779b1;
		hash = (hash ^ value->terms[i].mask) * 0x85ebca6b;
		hash = (hash ^ value->terms[i].flip) * 0xc2b2ae35;
	}
	return (hash ^ hash >> 16) % MACHINE_BUCKETS;
}

static bool intern(struct machine *machine, const struct value *value,
		   uint32_t *id)
{
	uint32_t *first = &machine->buckets[bucket_of(value)];

	for (uint32_t at = *first; at; at = machine->values[at - 1].next) {
		machine->steps++;
		if (memcmp(&machine->values[at - 1].value, value,
			   sizeof(*value)) == 0) {
			*id = at - 1;
			return true;
		}
	}
	if (machine->n_values == MAX_VALUES)
		return machine_too_large(machine);
	machine->values = grow(machine->values, machine->n_values,
			       &machine->cap_values, sizeof(*machine->values));
	machine->values[machine->n_values] =
		(struct stored_value){*value, *first};
	*id = (uint32_t)machine->n_values++;
	*first = *id + 1;
	return true;
}

static struct value constant(uint32_t k)
{
	return (struct value){VALUE_TERMS, 1, {{0, 0, k}}};
}

static bool is_constant(const struct value *value)
{
	return value->kind == VALUE_TERMS && value->n == 1 &&
	       value->terms[0].mask == 0;
}

struct value machine_value(const struct machine *machine,
			   const struct rect *rect, uint32_t id)
{
	const struct value *value = &machine->values[id].value;
	const struct interval *within =
		value->kind == VALUE_ARCH ? &rect->arch : &rect->nr;

	if (value->kind == VALUE_TERMS || within->lo != within->hi)
		return *value;
	return constant(within->lo);
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

static bool load(struct machine *machine, uint32_t offset, uint32_t *id)
{
	struct value value = {.kind = VALUE_TERMS};

	switch (offset) {
	case offsetof(struct seccomp_data, arch):
		value.kind = VALUE_ARCH;
		break;
	case offsetof(struct seccomp_data, nr):
		value.kind = VALUE_NR;
		break;
	default: /* check_shape() has seen to it that it is an argument's */
		offset -= offsetof(struct seccomp_data, args);
		value.n = 1;
		value.terms[0] = (struct term){offset / 4, UINT32_MAX, 0};
	}
	return intern(machine, &value, id);
}

static bool load_constant(struct machine *machine, uint32_t k, uint32_t *id)
{
	struct value value = constant(k);

	return intern(machine, &value, id);
}

static bool and_k(struct machine *machine, const struct rect *rect,
		  const struct sock_filter *insn, uint32_t *id)
{
	struct value value = machine_value(machine, rect, *id);

	if (value.kind != VALUE_TERMS)
		return machine_not_proved(machine, insn,
					  "AND on arch or number");
	for (uint32_t i = 0; i < value.n; i++) {
		value.terms[i].mask &= insn->k;
		value.terms[i].flip &= insn->k;
	}
	return intern(machine, &value, id);
}

static bool xor_k(struct machine *machine, const struct rect *rect,
		  const struct sock_filter *insn, uint32_t *id)
{
	struct value value = machine_value(machine, rect, *id);

	if (value.kind != VALUE_TERMS || value.n != 1)
		return machine_not_proved(
			machine, insn, "XOR on anything but one argument word");
	value.terms[0].flip ^= insn->k;
	return intern(machine, &value, id);
}

static bool or_x(struct machine *machine, const struct rect *rect,
		 const struct sock_filter *insn, struct state *state)
{
	struct value a = machine_value(machine, rect, state->a);
	struct value x = machine_value(machine, rect, state->x);

	if (a.kind != VALUE_TERMS || x.kind != VALUE_TERMS)
		return machine_not_proved(machine, insn,
					  "OR with arch or number");
	for (uint32_t i = 0; i < x.n; i++)
		if (!add_term(&a, x.terms[i]))
			return machine_not_proved(
				machine, insn, "OR of too many argument words");
	return intern(machine, &a, &state->a);
}

static __attribute__((noinline)) bool run(struct machine *machine,
					  const struct rect *rect,
					  const struct sock_filter *insn,
					  struct state *state)
{
	switch (insn->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		return load(machine, insn->k, &state->a);
	case BPF_LD | BPF_IMM:
		return load_constant(machine, insn->k, &state->a);
	case BPF_ALU | BPF_AND | BPF_K:
		return and_k(machine, rect, insn, &state->a);
	case BPF_ALU | BPF_XOR | BPF_K:
		return xor_k(machine, rect, insn, &state->a);
	case BPF_ALU | BPF_OR | BPF_X:
		return or_x(machine, rect, insn, state);
	case BPF_MISC | BPF_TAX:
		state->x = state->a;
		return true;
	case BPF_MISC | BPF_TXA:
		state->a = state->x;
		return true;
	default: /* JA: check_shape() has let nothing else in */
		state->pc += insn->k;
		return true;
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

enum branch machine_test(const struct machine *machine,
			  const struct rect *rect, const struct state *state,
			  const struct sock_filter *insn, struct cut *cut)
{
	const struct value *value = &machine->values[state->a].value;
	struct interval in = value->kind == VALUE_ARCH ? rect->arch : rect->nr;

	if (value->kind == VALUE_TERMS) {
		if (!is_constant(value))
			return OPEN;
		in = (struct interval){value->terms[0].flip,
				       value->terms[0].flip};
	}
	cut->kind = value->kind;
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
			return machine_fail(
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
		return machine_fail(
			machine,
			"opcode 0x%02x at instruction %u is not proved",
			insn->code, pc_of(machine, insn));
	}
	return target < left ||
	       machine_fail(machine, "instruction %u leads out of the program",
			    pc_of(machine, insn));
}

static bool check_shape(struct machine *machine)
{
	const struct program *program = machine->program;

	if (program->n < 1 || program->n > PROGRAM_MAX)
		return machine_fail(
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
	*state = (struct state){0};
	if (!check_shape(machine) || !load_constant(machine, 0, &state->a))
		return false;
	state->x = state->a;
	return true;
}

void machine_free(struct machine *machine)
{
	free(machine->values);
}
