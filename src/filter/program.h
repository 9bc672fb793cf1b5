/* A classic BPF program: an array of instructions that grows, {0} at first; the
 * owner calls program_free().  Nothing here limits the length: the kernel takes
 * PROGRAM_MAX instructions, and the proof refuses more. */
#pragma once

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define PROGRAM_MAX BPF_MAXINSNS

struct program {
	struct sock_filter *insns;
	size_t n, cap;
};

void program_free(struct program *program);

void program_append(struct program *program, struct sock_filter insn);
/* The same, an instruction by its parts. */
void program_put(struct program *program, uint16_t code, uint32_t k, uint8_t jt,
		 uint8_t jf);
void program_append_all(struct program *program,
			const struct sock_filter *insns, size_t n);

/* NULL, or what the proof need not look at (malloc'd): opcodes that nobody makes,
 * loads and jumps that lead out of what there is, a last instruction that does not
 * return, a length that the kernel does not take. */
char *program_flaw(const struct program *program);

/* For people to read, in one of two ways: any opcode that the proof does not
 * understand (prover_walk.h) is shown as its number. */

/* Instruction by instruction, numbered, as `tcpdump -d` does:
 *
 *     (000) ld       [4]
 *     (001) jeq      #0xc000003e      jt 2    jf 340 */
void listing_raw(FILE *out, const struct program *program);

/* Statements with labels where jumps lead, and names for what is compared:
 *
 *     A = arch
 *     if (A != x86_64) goto L340
 *     A = nr
 *     if (A == 257 openat) goto L12 else goto L40 */
void listing_pseudo(FILE *out, const struct program *program);
