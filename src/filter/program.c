#include "filter/program.h"

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/util.h"
#include "filter/answer.h"
#include "tables/errname.h"
#include "tables/syscall.h"

void program_free(struct program *program)
{
	free(program->insns);
	*program = (struct program){0};
}

void program_append(struct program *program, struct sock_filter insn)
{
	push(program->insns, program->n, program->cap) = insn;
}

void program_put(struct program *program, uint16_t code, uint32_t k, uint8_t jt,
		 uint8_t jf)
{
	program_append(program, (struct sock_filter)BPF_JUMP(code, k, jt, jf));
}

void program_append_all(struct program *program,
			const struct sock_filter *insns, size_t n)
{
	for (size_t i = 0; i < n; i++)
		program_append(program, insns[i]);
}

/* ---------------------------------------------------------------- opcodes */

/* The opcodes of our programs, the commonest first, each as tcpdump has it and
 * as a statement up to its constant.  The proof takes no others. */
static const struct mnemonic {
	uint16_t code;
	enum { PLAIN, LOAD, NUMBER, RETURN, JUMP, BRANCH } form;
	const char *name, *statement, *inverse;
} mnemonics[] = {
	{BPF_JMP | BPF_JEQ | BPF_K, BRANCH, "jeq", "A == ", "A != "},
	{BPF_RET | BPF_K, RETURN, "ret", "", ""},
	{BPF_JMP | BPF_JGE | BPF_K, BRANCH, "jge", "A >= ", "A < "},
	{BPF_JMP | BPF_JGT | BPF_K, BRANCH, "jgt", "A > ", "A <= "},
	{BPF_LD | BPF_W | BPF_ABS, LOAD, "ld", "", ""},
	{BPF_JMP | BPF_JA, JUMP, "ja", "", ""},
	{BPF_ALU | BPF_AND | BPF_K, NUMBER, "and", "A &= ", ""},
	{BPF_ALU | BPF_XOR | BPF_K, NUMBER, "xor", "A ^= ", ""},
	{BPF_ALU | BPF_OR | BPF_X, PLAIN, "or       x", "A |= X", ""},
	{BPF_MISC | BPF_TAX, PLAIN, "tax", "X = A", ""},
};

static const struct mnemonic *mnemonic_of(const struct sock_filter *insn)
{
	for (size_t i = 0; i < ARRAY_SIZE(mnemonics); i++)
		if (mnemonics[i].code == insn->code)
			return &mnemonics[i];
	return NULL;
}

/* ------------------------------------------------------------------ shape */

static bool known_load(const struct sock_filter *insn)
{
	return insn->k % 4 == 0 && insn->k < sizeof(struct seccomp_data) &&
	       (insn->k < offsetof(struct seccomp_data, instruction_pointer) ||
		insn->k >= offsetof(struct seccomp_data, args));
}

static char *flaw_at(const struct program *program, size_t at)
{
	const struct sock_filter *insn = &program->insns[at];
	const struct mnemonic *m = mnemonic_of(insn);
	size_t left = program->n - at - 1, target = 0;

	if (!m)
		return xasprintf("opcode 0x%02x at instruction %zu is not proved",
				 insn->code, at);
	if (m->form == LOAD && !known_load(insn))
		return xasprintf("the load of offset %u at instruction %zu is "
				 "not proved", insn->k, at);
	if (m->form == RETURN)
		return NULL;
	if (m->form == JUMP)
		target = insn->k;
	if (m->form == BRANCH)
		target = insn->jt > insn->jf ? insn->jt : insn->jf;
	return target < left ? NULL
			     : xasprintf("instruction %zu leads out of the "
					 "program", at);
}

char *program_flaw(const struct program *program)
{
	char *flaw = NULL;

	if (program->n < 1 || program->n > PROGRAM_MAX)
		return xasprintf("%zu instructions; the kernel takes 1 to %d",
				 program->n, PROGRAM_MAX);
	for (size_t at = 0; at < program->n && !flaw; at++)
		flaw = flaw_at(program, at);
	return flaw;
}

/* -------------------------------------------------------------------- raw */

static void raw_insn(FILE *out, const struct sock_filter *insn, size_t at)
{
	const struct mnemonic *m = mnemonic_of(insn);
	size_t next = at + 1;

	fprintf(out, "(%03zu) ", at);
	if (!m)
		fprintf(out, "unimp    0x%x jt %u jf %u k 0x%x\n", insn->code,
			insn->jt, insn->jf, insn->k);
	else if (m->form == PLAIN)
		fprintf(out, "%s\n", m->name);
	else if (m->form == LOAD)
		fprintf(out, "%-8s [%u]\n", m->name, insn->k);
	else if (m->form == JUMP)
		fprintf(out, "%-8s %zu\n", m->name, next + insn->k);
	else if (m->form == BRANCH)
		fprintf(out, "%-8s #0x%-14x jt %-5zu jf %zu\n", m->name,
			insn->k, next + insn->jt, next + insn->jf);
	else
		fprintf(out, "%-8s #0x%x\n", m->name, insn->k);
}

void listing_raw(FILE *out, const struct program *program)
{
	for (size_t i = 0; i < program->n; i++)
		raw_insn(out, &program->insns[i], i);
}

/* ----------------------------------------------------------------- pseudo */

/* What A holds when control comes to an instruction, and whose numbers are
 * meant, as far as all ways to it agree. */
enum content { NOT_REACHED, NUMBER_OF_CALL, ARCHITECTURE, OTHER };

struct place {
	enum content a;
	int abi; /* -1: none, or several */
	bool is_target;
};

struct lister {
	FILE *out;
	const struct program *program;
	struct place *places;
};

static void reach(struct lister *l, size_t at, enum content a, int abi,
		  bool by_jump)
{
	struct place *place = &l->places[at];

	if (at >= l->program->n)
		return;
	if (by_jump)
		place->is_target = true;
	if (place->a == NOT_REACHED) {
		place->a = a;
		place->abi = abi;
	}
	if (place->a != a)
		place->a = OTHER;
	if (place->abi != abi)
		place->abi = -1;
}

static enum content loaded(uint32_t offset)
{
	if (offset == offsetof(struct seccomp_data, nr))
		return NUMBER_OF_CALL;
	return offset == offsetof(struct seccomp_data, arch) ? ARCHITECTURE
							     : OTHER;
}

/* Jumps lead forward only, so one pass sees every way to a place before the
 * place itself. */
static void spread(struct lister *l, size_t at)
{
	const struct sock_filter *insn = &l->program->insns[at];
	const struct place from = l->places[at];
	size_t next = at + 1;
	bool is_arch = from.a == ARCHITECTURE &&
		       insn->code == (BPF_JMP | BPF_JEQ | BPF_K);

	if (insn->code == (BPF_JMP | BPF_JA)) {
		reach(l, next + insn->k, from.a, from.abi, true);
	} else if (BPF_CLASS(insn->code) == BPF_JMP) {
		reach(l, next + insn->jt, from.a,
		      is_arch ? abi_by_audit_arch(insn->k) : from.abi,
		      insn->jt);
		reach(l, next + insn->jf, from.a, from.abi, insn->jf);
	} else if (insn->code == (BPF_LD | BPF_W | BPF_ABS)) {
		reach(l, next, loaded(insn->k), from.abi, false);
	} else if (BPF_CLASS(insn->code) != BPF_RET) {
		reach(l, next, OTHER, from.abi, false);
	}
}

static void print_load(FILE *out, uint32_t offset)
{
	uint32_t word = (offset - offsetof(struct seccomp_data, args)) / 4;

	if (loaded(offset) == NUMBER_OF_CALL)
		fputs("A = nr", out);
	else if (loaded(offset) == ARCHITECTURE)
		fputs("A = arch", out);
	else if (offset >= offsetof(struct seccomp_data, args) && word < 12)
		fprintf(out, "A = args[%u].%s", word / 2,
			word % 2 ? "high" : "low");
	else
		fprintf(out, "A = data[%u]", offset);
}

static void print_constant(struct lister *l, const struct place *place,
			   uint32_t k)
{
	int abi = place->a == ARCHITECTURE ? abi_by_audit_arch(k) : -1;
	uint32_t call;

	if (abi >= 0) {
		fputs(abis[abi].name, l->out);
	} else if (place->a == NUMBER_OF_CALL && place->abi >= 0 &&
		   k < X32_BIT) {
		call = syscall_by_number((enum abi_id)place->abi, k);
		fprintf(l->out, "%u", k);
		if (syscall_row(call))
			fprintf(l->out, " %s", syscall_row(call)->name);
	} else {
		fprintf(l->out, k < 10 ? "%u" : "0x%x", k);
	}
}

static void print_branch(struct lister *l, const struct mnemonic *m, size_t at)
{
	const struct sock_filter *insn = &l->program->insns[at];
	const char *test = insn->jt ? m->statement : m->inverse;

	fprintf(l->out, "if (%s", test);
	print_constant(l, &l->places[at], insn->k);
	fprintf(l->out, ") goto L%zu",
		at + 1 + (insn->jt ? insn->jt : insn->jf));
	if (insn->jt && insn->jf)
		fprintf(l->out, " else goto L%zu", at + 1 + insn->jf);
}

static void print_return(FILE *out, uint32_t k)
{
	const char *name = answer_name(k);
	uint32_t data = k & SECCOMP_RET_DATA;

	if ((k & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO)
		fprintf(out, "return ERRNO(%s)",
			data ? errno_text((int)data) : "0");
	else if (name)
		fprintf(out, "return %s", name);
	else
		fprintf(out, "return 0x%x", k);
}

static void print_statement(struct lister *l, size_t at)
{
	const struct sock_filter *insn = &l->program->insns[at];
	const struct mnemonic *m = mnemonic_of(insn);

	if (!m)
		fprintf(l->out, "opcode 0x%x, 0x%x", insn->code, insn->k);
	else if (m->form == PLAIN)
		fputs(m->statement, l->out);
	else if (m->form == LOAD)
		print_load(l->out, insn->k);
	else if (m->form == JUMP)
		fprintf(l->out, "goto L%zu", at + 1 + insn->k);
	else if (m->form == BRANCH)
		print_branch(l, m, at);
	else if (m->form == RETURN)
		print_return(l->out, insn->k);
	else
		fprintf(l->out, "%s0x%x", m->statement, insn->k);
}

void listing_pseudo(FILE *out, const struct program *program)
{
	struct lister l = {
		.out = out,
		.program = program,
		.places = xcalloc(program->n, sizeof(*l.places)),
	};

	l.places[0] = (struct place){OTHER, -1, false};
	for (size_t i = 0; i < program->n; i++)
		spread(&l, i);
	for (size_t i = 0; i < program->n; i++) {
		if (l.places[i].is_target)
			fprintf(out, "L%zu:\n", i);
		fputc('\t', out);
		print_statement(&l, i);
		fputc('\n', out);
	}
	free(l.places);
}
