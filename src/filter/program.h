/* A classic BPF program: an array of instructions that grows, {0} at first; the
 * owner calls program_free().  Nothing here limits the length: the kernel takes
 * PROGRAM_MAX instructions, and the proof refuses more. */
#ifndef SANDBOX_PROGRAM_H
#define SANDBOX_PROGRAM_H

#include <linux/filter.h>
#include <stddef.h>

#define PROGRAM_MAX BPF_MAXINSNS

struct program {
	struct sock_filter *insns;
	size_t n, cap;
};

void program_free(struct program *program);

void program_append(struct program *program, struct sock_filter insn);
void program_append_all(struct program *program,
			const struct sock_filter *insns, size_t n);

#endif
