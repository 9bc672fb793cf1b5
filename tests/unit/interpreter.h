/* The kernel's classic BPF machine, one call at a time: as plain as can be,
 * because the proof is measured against it.  Only what seccomp(2) takes and
 * our programs may use; the caller sees to it that jumps stay inside. */
#ifndef TEST_INTERPRETER_H
#define TEST_INTERPRETER_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter/program.h"

static inline uint32_t interpreter_load(const struct seccomp_data *data,
					uint32_t offset)
{
	uint32_t word;

	if (offset % 4 || offset >= sizeof(*data)) {
		fprintf(stderr, "load of offset %u\n", offset);
		abort();
	}
	memcpy(&word, (const char *)data + offset, sizeof(word));
	return word;
}

static inline int interpreter_jumps(uint16_t code, uint32_t a, uint32_t k)
{
	switch (BPF_OP(code)) {
	case BPF_JEQ:
		return a == k;
	case BPF_JGT:
		return a > k;
	case BPF_JGE:
		return a >= k;
	case BPF_JSET:
		return (a & k) != 0;
	}
	abort();
}

static inline uint32_t interpret(const struct program *program,
				 const struct seccomp_data *data)
{
	uint32_t a = 0, x = 0;

	for (size_t pc = 0; pc < program->n; pc++) {
		const struct sock_filter *insn = &program->insns[pc];

		switch (insn->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			a = interpreter_load(data, insn->k);
			break;
		case BPF_LD | BPF_IMM:
			a = insn->k;
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= insn->k;
			break;
		case BPF_ALU | BPF_XOR | BPF_K:
			a ^= insn->k;
			break;
		case BPF_ALU | BPF_OR | BPF_X:
			a |= x;
			break;
		case BPF_MISC | BPF_TAX:
			x = a;
			break;
		case BPF_MISC | BPF_TXA:
			a = x;
			break;
		case BPF_JMP | BPF_JA:
			pc += insn->k;
			break;
		case BPF_RET | BPF_K:
			return insn->k;
		default:
			if (BPF_CLASS(insn->code) != BPF_JMP) {
				fprintf(stderr, "opcode 0x%02x\n", insn->code);
				abort();
			}
			pc += interpreter_jumps(insn->code, a, insn->k)
				      ? insn->jt
				      : insn->jf;
		}
	}
	fprintf(stderr, "fell off the end\n");
	abort();
}

#endif
