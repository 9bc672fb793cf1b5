#include "filter/listing.h"

#include <inttypes.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/util.h"
#include "tables/errname.h"
#include "tables/syscall.h"

/* -------------------------------------------------------------------- raw */

static const struct mnemonic {
	uint16_t code;
	const char *name;
	enum { PLAIN, ABSOLUTE, NUMBER, JUMP, BRANCH } form;
} mnemonics[] = {
	{BPF_LD | BPF_W | BPF_ABS, "ld", ABSOLUTE},
	{BPF_LD | BPF_IMM, "ld", NUMBER},
	{BPF_ALU | BPF_AND | BPF_K, "and", NUMBER},
	{BPF_ALU | BPF_XOR | BPF_K, "xor", NUMBER},
	{BPF_ALU | BPF_OR | BPF_X, "or       x", PLAIN},
	{BPF_MISC | BPF_TAX, "tax", PLAIN},
	{BPF_MISC | BPF_TXA, "txa", PLAIN},
	{BPF_JMP | BPF_JA, "ja", JUMP},
	{BPF_JMP | BPF_JEQ | BPF_K, "jeq", BRANCH},
	{BPF_JMP | BPF_JGT | BPF_K, "jgt", BRANCH},
	{BPF_JMP | BPF_JGE | BPF_K, "jge", BRANCH},
	{BPF_JMP | BPF_JSET | BPF_K, "jset", BRANCH},
	{BPF_RET | BPF_K, "ret", NUMBER},
};

static void raw_insn(FILE *out, const struct sock_filter *insn, size_t at)
{
	const struct mnemonic *m = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(mnemonics) && !m; i++)
		if (mnemonics[i].code == insn->code)
			m = &mnemonics[i];
	fprintf(out, "(%03zu) ", at);
	if (!m) {
		fprintf(out, "unimp    0x%x jt %u jf %u k 0x%x\n", insn->code,
			insn->jt, insn->jf, insn->k);
		return;
	}
	switch (m->form) {
	case PLAIN:
		fprintf(out, "%s\n", m->name);
		break;
	case ABSOLUTE:
		fprintf(out, "%-8s [%u]\n", m->name, insn->k);
		break;
	case NUMBER:
		fprintf(out, "%-8s #0x%x\n", m->name, insn->k);
		break;
	case JUMP:
		fprintf(out, "%-8s %zu\n", m->name, at + 1 + insn->k);
		break;
	case BRANCH:
		fprintf(out, "%-8s #0x%-14x jt %-5zu jf %zu\n", m->name,
			insn->k, at + 1 + insn->jt, at + 1 + insn->jf);
		break;
	}
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

static void reach(struct lister *l, size_t at, enum content a, int abi)
{
	struct place *place;

	if (at >= l->program->n)
		return;
	place = &l->places[at];
	if (place->a == NOT_REACHED) {
		place->a = a;
		place->abi = abi;
		return;
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

static void mark_target(struct lister *l, size_t at)
{
	if (at < l->program->n)
		l->places[at].is_target = true;
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
		reach(l, next + insn->k, from.a, from.abi);
		mark_target(l, next + insn->k);
	} else if (BPF_CLASS(insn->code) == BPF_JMP) {
		reach(l, next + insn->jt, from.a,
		      is_arch ? abi_by_audit_arch(insn->k) : from.abi);
		reach(l, next + insn->jf, from.a, from.abi);
		if (insn->jt)
			mark_target(l, next + insn->jt);
		if (insn->jf)
			mark_target(l, next + insn->jf);
	} else if (insn->code == (BPF_LD | BPF_W | BPF_ABS)) {
		reach(l, next, loaded(insn->k), from.abi);
	} else if (BPF_CLASS(insn->code) != BPF_RET) {
		reach(l, next, OTHER, from.abi);
	}
}

static void print_load(struct lister *l, uint32_t offset)
{
	uint32_t word = (offset - offsetof(struct seccomp_data, args)) / 4;

	if (loaded(offset) == NUMBER_OF_CALL)
		fputs("A = nr", l->out);
	else if (loaded(offset) == ARCHITECTURE)
		fputs("A = arch", l->out);
	else if (offset >= offsetof(struct seccomp_data, args) && word < 12)
		fprintf(l->out, "A = args[%u].%s", word / 2,
			word % 2 ? "high" : "low");
	else
		fprintf(l->out, "A = data[%u]", offset);
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

static void print_branch(struct lister *l, size_t at)
{
	const struct sock_filter *insn = &l->program->insns[at];
	bool inverse = insn->jt == 0;
	const char *op, *end = "";

	switch (BPF_OP(insn->code)) {
	case BPF_JEQ:
		op = inverse ? "A != " : "A == ";
		break;
	case BPF_JGT:
		op = inverse ? "A <= " : "A > ";
		break;
	case BPF_JGE:
		op = inverse ? "A < " : "A >= ";
		break;
	default:
		op = inverse ? "!(A & " : "A & ";
		end = inverse ? ")" : "";
		break;
	}
	fprintf(l->out, "if (%s", op);
	print_constant(l, &l->places[at], insn->k);
	fprintf(l->out, "%s) goto L%zu", end,
		at + 1 + (inverse ? insn->jf : insn->jt));
	if (insn->jt && insn->jf)
		fprintf(l->out, " else goto L%zu", at + 1 + insn->jf);
}

static void print_return(struct lister *l, uint32_t k)
{
	static const struct {
		uint32_t action;
		const char *name;
	} names[] = {
		{SECCOMP_RET_ALLOW, "ALLOW"},
		{SECCOMP_RET_LOG, "LOG"},
		{SECCOMP_RET_KILL_PROCESS, "KILL_PROCESS"},
		{SECCOMP_RET_KILL_THREAD, "KILL_THREAD"},
		{SECCOMP_RET_TRAP, "TRAP"},
		{SECCOMP_RET_TRACE, "TRACE"},
		{SECCOMP_RET_USER_NOTIF, "USER_NOTIF"},
	};
	uint32_t data = k & SECCOMP_RET_DATA;
	char buf[16];

	if ((k & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO) {
		fprintf(l->out, "return ERRNO(%s)",
			data ? errno_name((int)data, buf) : "0");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].action == (k & SECCOMP_RET_ACTION_FULL)) {
			fprintf(l->out, "return %s", names[i].name);
			return;
		}
	fprintf(l->out, "return 0x%x", k);
}

static void print_statement(struct lister *l, size_t at)
{
	const struct sock_filter *insn = &l->program->insns[at];

	switch (insn->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		print_load(l, insn->k);
		break;
	case BPF_LD | BPF_IMM:
		fprintf(l->out, "A = 0x%x", insn->k);
		break;
	case BPF_ALU | BPF_AND | BPF_K:
		fprintf(l->out, "A &= 0x%x", insn->k);
		break;
	case BPF_ALU | BPF_XOR | BPF_K:
		fprintf(l->out, "A ^= 0x%x", insn->k);
		break;
	case BPF_ALU | BPF_OR | BPF_X:
		fputs("A |= X", l->out);
		break;
	case BPF_MISC | BPF_TAX:
		fputs("X = A", l->out);
		break;
	case BPF_MISC | BPF_TXA:
		fputs("A = X", l->out);
		break;
	case BPF_JMP | BPF_JA:
		fprintf(l->out, "goto L%zu", at + 1 + insn->k);
		break;
	case BPF_RET | BPF_K:
		print_return(l, insn->k);
		break;
	default:
		if (BPF_CLASS(insn->code) == BPF_JMP &&
		    BPF_SRC(insn->code) == BPF_K)
			print_branch(l, at);
		else
			fprintf(l->out, "opcode 0x%x, 0x%x", insn->code,
				insn->k);
	}
}

void listing_pseudo(FILE *out, const struct program *program)
{
	struct lister l = {
		.out = out,
		.program = program,
		.places = xcalloc(program->n, sizeof(*l.places)),
	};

	reach(&l, 0, OTHER, -1);
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
