/* generate FOLDER ABI: compiles the cages' policies into C, for
 * src/run/cage-ABI.inc.  Run by `make cage`; test_cage proves what lies there. */
#include <stdio.h>
#include <stdlib.h>

#include "filter/compile.h"
#include "pieces.h"

static void print_head(unsigned pieces, size_t begin, size_t n)
{
	printf("CAGE(%u, %zu, %zu) /*", pieces, begin, n);
	for (size_t i = 0; i < ARRAY_SIZE(cage_layers); i++)
		if (cage_has_layer(pieces, i))
			printf(" %s", cage_layers[i].name);
	printf(" */");
}

static void print_program(const struct program *program)
{
	for (size_t i = 0; i < program->n; i++)
		printf(" I(%x,%x,%x,%x)",
		       program->insns[i].code, program->insns[i].jt,
		       program->insns[i].jf, program->insns[i].k);
	putchar('\n');
}

/* begin: its place among all instructions.  Their number, or -1. */
static int generate(const char *folder, enum abi_id machine, unsigned pieces,
		    size_t begin)
{
	const struct answers answers = {0};
	struct diags diags = DIAGS_INIT;
	struct policy *policy = cage_policy(machine, folder, pieces, &diags);
	struct program program = {0};
	cleanup_free char *why = NULL;
	int n = -1;

	if (policy && compile(policy, &answers, 0, &program, &why) == 0) {
		print_head(pieces, begin, program.n);
		print_program(&program);
		n = (int)program.n;
	}
	diags_print(&diags, stderr);
	if (why)
		fprintf(stderr, "%s\n", why);
	program_free(&program);
	policy_free(policy);
	diags_free(&diags);
	return n;
}

int main(int argc, char **argv)
{
	int machine = argc == 3 ? abi_by_name(argv[2]) : -1;
	size_t begin = 0;

	if (machine < 0)
		return 2;
	/* I(code,jt,jf,k) is an instruction, in hexadecimal; CAGE(pieces, where
	 * it begins, length) the program of its line. */
	printf("/* Made by `make cage` of cage/ for %s. */\n", argv[2]);
	for (unsigned pieces = 0; pieces < 1 << CAGE_PIECES; pieces++) {
		int n = cage_is_used(pieces)
				? generate(argv[1], (enum abi_id)machine,
					   pieces, begin)
				: 0;

		if (n < 0)
			return 1;
		begin += (size_t)n;
	}
	return 0;
}
