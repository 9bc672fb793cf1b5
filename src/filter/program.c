#include "filter/program.h"

#include <stdlib.h>

#include "base/util.h"

void program_free(struct program *program)
{
	free(program->insns);
	*program = (struct program){0};
}

void program_append(struct program *program, struct sock_filter insn)
{
	program->insns = grow(program->insns, program->n, &program->cap,
			      sizeof(*program->insns));
	program->insns[program->n++] = insn;
}

void program_append_all(struct program *program,
			const struct sock_filter *insns, size_t n)
{
	for (size_t i = 0; i < n; i++)
		program_append(program, insns[i]);
}
