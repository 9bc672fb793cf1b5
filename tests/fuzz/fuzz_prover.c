/* A program: what the walk finds in it is what the interpreter answers, call
 * by call, and what the proof says of it holds.  Instructions lie in the input
 * as in memory; what could not be run is bent into shape, so that most of what
 * is tried is a program. */
#include <string.h>

#include "../unit/interpreter.h"
#include "../unit/regions.h"
#include "base/util.h"
#include "fuzz.h"

enum { MAX_LENGTH = 160 };

static const uint16_t opcodes[] = {
	BPF_LD | BPF_W | BPF_ABS,  BPF_ALU | BPF_AND | BPF_K,
	BPF_ALU | BPF_XOR | BPF_K, BPF_ALU | BPF_OR | BPF_X,
	BPF_MISC | BPF_TAX,	   BPF_JMP | BPF_JA,
	BPF_JMP | BPF_JEQ | BPF_K, BPF_JMP | BPF_JGT | BPF_K,
	BPF_JMP | BPF_JGE | BPF_K, BPF_RET | BPF_K,
};

static bool is_known(uint16_t code)
{
	for (size_t i = 0; i < ARRAY_SIZE(opcodes); i++)
		if (opcodes[i] == code)
			return true;
	return false;
}

/* left: how many instructions follow this one. */
static struct sock_filter bend(struct sock_filter insn, size_t left)
{
	if (!is_known(insn.code))
		insn.code = opcodes[insn.code % ARRAY_SIZE(opcodes)];
	if (left == 0)
		insn.code = BPF_RET | BPF_K;
	if (insn.code == (BPF_LD | BPF_W | BPF_ABS) &&
	    (insn.k % 4 || insn.k >= sizeof(struct seccomp_data)))
		insn.k = insn.k % 16 * 4;
	if (BPF_CLASS(insn.code) != BPF_JMP)
		return insn;
	if (BPF_OP(insn.code) == BPF_JA && insn.k >= left)
		insn.k %= (uint32_t)left;
	if (insn.jt >= left)
		insn.jt = (uint8_t)(insn.jt % left);
	if (insn.jf >= left)
		insn.jf = (uint8_t)(insn.jf % left);
	return insn;
}

static struct program read_program(const uint8_t *data, size_t size)
{
	size_t n = size / sizeof(struct sock_filter);
	struct program program = {0};

	for (size_t i = 0; i < n; i++) {
		struct sock_filter insn;

		memcpy(&insn, data + i * sizeof(insn), sizeof(insn));
		program_append(&program, bend(insn, n - 1 - i));
	}
	return program;
}

static diagram find(const struct regions *regions, uint32_t arch, uint32_t nr)
{
	diagram answer = DIAGRAM_NONE;

	for (size_t i = 0; i < regions->n; i++) {
		const struct rect *at = &regions->items[i].at;

		if (arch < at->arch.lo || arch > at->arch.hi ||
		    nr < at->nr.lo || nr > at->nr.hi)
			continue;
		MUST(!answer); /* each once */
		answer = regions->items[i].answer;
	}
	MUST(answer);
	return answer;
}

static void check_walk(struct rng *rng, const struct program *program)
{
	struct diagram_store *store = diagram_store_new(DIAGRAM_BUDGET);
	struct regions regions = {0};
	char *why = NULL;

	if (prover_walk(program, store, regions_add, &regions, &why) < 0) {
		MUST(why && *why);
		free(why);
	} else {
		for (int i = 0; i < 50; i++) {
			struct seccomp_data data = fuzz_call(rng, program);
			uint64_t args[6];

			memcpy(args, data.args, sizeof(args));
			MUST(diagram_eval(store,
					  find(&regions, data.arch,
					       (uint32_t)data.nr),
					  args) == interpret(program, &data));
		}
	}
	regions_free(&regions);
	diagram_store_free(store);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rng rng = fuzz_rng(data, size);
	struct program program = read_program(data, size);

	/* Long ones take the time of many short ones. */
	if (program.n > 0 && program.n <= MAX_LENGTH) {
		check_walk(&rng, &program);
		/* It walks the program again, and the whole policy. */
		if (rng_below(&rng, 4) == 0)
			fuzz_prove(&rng, &program);
	}
	program_free(&program);
	return 0;
}
