/* The walk against a plain interpreter, and what it must not understand. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/audit.h>
#include <stdlib.h>

#include "base/util.h"
#include "filter/gate.h"
#include "interpreter.h"
#include "random.h"
#include "regions.h"

#define NR offsetof(struct seccomp_data, nr)
#define ARCH offsetof(struct seccomp_data, arch)
#define LOW(n) (offsetof(struct seccomp_data, args) + 8 * (n))
#define HIGH(n) (LOW(n) + 4)

#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)
#define IMM(k) BPF_STMT(BPF_LD | BPF_IMM, k)
#define AND(k) BPF_STMT(BPF_ALU | BPF_AND | BPF_K, k)
#define XOR(k) BPF_STMT(BPF_ALU | BPF_XOR | BPF_K, k)
#define OR_X BPF_STMT(BPF_ALU | BPF_OR | BPF_X, 0)
#define TAX BPF_STMT(BPF_MISC | BPF_TAX, 0)
#define TXA BPF_STMT(BPF_MISC | BPF_TXA, 0)
#define JA(k) BPF_STMT(BPF_JMP | BPF_JA, k)
#define IF(op, k, jt, jf) BPF_JUMP(BPF_JMP | (op) | BPF_K, k, jt, jf)
#define RET(k) BPF_STMT(BPF_RET | BPF_K, k)

/* gate_comparison, up to the sum of its words. */
#define SUM                                                                    \
	LOAD(LOW(4)), XOR(0), TAX, LOAD(HIGH(4)), XOR(0), OR_X, TAX,           \
		LOAD(LOW(5)), XOR(0), OR_X, TAX, LOAD(HIGH(5)), XOR(0), OR_X

/* Instructions at hand as a program, which must not be freed. */
#define PROGRAM(...)                                                           \
	{                                                                      \
		.insns = (struct sock_filter[]){__VA_ARGS__},                  \
		.n = sizeof((struct sock_filter[]){__VA_ARGS__}) /             \
		     sizeof(struct sock_filter),                               \
	}

static const struct region *region_of(const struct regions *regions,
				      const struct seccomp_data *data)
{
	const struct region *found = NULL;

	for (size_t i = 0; i < regions->n; i++) {
		const struct rect *at = &regions->items[i].at;

		if (data->arch < at->arch.lo || data->arch > at->arch.hi ||
		    (uint32_t)data->nr < at->nr.lo ||
		    (uint32_t)data->nr > at->nr.hi)
			continue;
		assert_null(found); /* they do not overlap */
		found = &regions->items[i];
	}
	assert_non_null(found); /* and cover everything */
	return found;
}

static void check_call(const struct program *program,
		       const struct diagram_store *store,
		       const struct regions *regions,
		       const struct seccomp_data *data)
{
	uint64_t args[6];

	memcpy(args, data->args, sizeof(args));
	assert_int_equal(
		diagram_eval(store, region_of(regions, data)->answer, args),
		interpret(program, data));
}

/* --- random programs ------------------------------------------------------ */

/* Few constants, so that tests are met and words compared more than once. */
static uint32_t pick(struct rng *rng)
{
	static const uint32_t pool[] = {
		0,
		1,
		2,
		5,
		8,
		59,
		AUDIT_ARCH_X86_64,
		AUDIT_ARCH_I386,
		0x40000000,
		0x80000000,
		0xffffff00,
		UINT32_MAX - 1,
		UINT32_MAX,
	};

	if (rng_below(rng, 8) == 0)
		return (uint32_t)rng_edge(rng);
	return pool[rng_below(rng, ARRAY_SIZE(pool))];
}

static uint32_t random_offset(struct rng *rng)
{
	switch (rng_below(rng, 6)) {
	case 0:
		return NR;
	case 1:
		return ARCH;
	default: /* of two arguments only, to come back to them */
		return LOW(4) + 4 * rng_below(rng, 4);
	}
}

static struct sock_filter random_jump(struct rng *rng, uint32_t left)
{
	static const uint16_t ops[] = {BPF_JEQ, BPF_JGT, BPF_JGE};
	uint32_t reach = left < 5 ? left : 5;

	if (rng_below(rng, 10) == 0)
		return (struct sock_filter)JA(rng_below(rng, reach));
	return (struct sock_filter)IF(ops[rng_below(rng, ARRAY_SIZE(ops))],
				      pick(rng), (uint8_t)rng_below(rng, reach),
				      (uint8_t)rng_below(rng, reach));
}

static struct sock_filter random_insn(struct rng *rng, uint32_t left)
{
	switch (rng_below(rng, 16)) {
	case 0 ... 5:
		return (struct sock_filter)LOAD(random_offset(rng));
	case 6:
		return (struct sock_filter)AND(pick(rng));
	case 7:
		return left < 20 ? (struct sock_filter)RET(0x100 + left)
				 : (struct sock_filter)LOAD(random_offset(rng));
	case 8: /* which is not understood alone */
		return rng_below(rng, 8) ? random_jump(rng, left)
					 : (struct sock_filter)XOR(pick(rng));
	default:
		return random_jump(rng, left);
	}
}

/* With the cookies of pick(); mostly tested as it should be. */
static void append_sum(struct rng *rng, struct program *program)
{
	for (size_t i = 0; i < GATE_SUM; i++) {
		struct sock_filter insn = gate_comparison[i];

		if (insn.code == (BPF_ALU | BPF_XOR | BPF_K))
			insn.k = pick(rng);
		program_append(program, insn);
	}
	program_append(program, (struct sock_filter)IF(
					BPF_JEQ, rng_below(rng, 8) == 0,
					(uint8_t)rng_below(rng, 3),
					(uint8_t)rng_below(rng, 3)));
}

static void random_program(struct rng *rng, struct program *program)
{
	uint32_t n = 3 + rng_below(rng, 38);

	program->n = 0;
	while (program->n < n - 1)
		if (n - program->n > GATE_SUM + 5 &&
		    rng_below(rng, program->n ? 16 : 3) == 0)
			append_sum(rng, program);
		else
			program_append(program,
				       random_insn(rng, n - 1 -
						   (uint32_t)program->n));
	program_append(program, (struct sock_filter)RET(0x100));
}

static struct seccomp_data random_call(struct rng *rng)
{
	struct seccomp_data data = {
		.nr = (int)(pick(rng) + rng_below(rng, 3) - 1),
		.arch = pick(rng) + (rng_below(rng, 3) ? 0 : 1),
	};

	for (int i = 0; i < 6; i++)
		data.args[i] = (uint64_t)(pick(rng) + rng_below(rng, 3) - 1)
				       << 32 |
			       (pick(rng) + rng_below(rng, 3) - 1);
	return data;
}

/* The same, with the cookie of the program's first comparison or nearly so. */
static struct seccomp_data call_with_cookie(struct rng *rng,
					    const struct program *program)
{
	struct seccomp_data data = random_call(rng);
	uint32_t words[4];
	size_t found = 0;

	for (size_t i = 0; i < program->n && found < 4; i++)
		if (program->insns[i].code == (BPF_ALU | BPF_XOR | BPF_K))
			words[found++] = program->insns[i].k;
	if (found == 4)
		memcpy(&data.args[4], words, sizeof(words));
	if (rng_below(rng, 2))
		data.args[4 + rng_below(rng, 2)] ^= 1ull << rng_below(rng, 64);
	return data;
}

static bool has_sum(const struct program *program)
{
	for (size_t i = 0; i < program->n; i++)
		if (program->insns[i].code == (BPF_ALU | BPF_OR | BPF_X))
			return true;
	return false;
}

static void equals_the_interpreter(void **state)
{
	enum { ROUNDS = 1500, CALLS = 100, SLOW = 1000 };
	struct diagram_store *store = diagram_store_new(DIAGRAM_BUDGET);
	struct program program = {0};
	struct rng rng = {424242};
	size_t proved = 0, with_args = 0, with_sum = 0;

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		struct regions regions = {0};
		char *why;

		random_program(&rng, &program);
		/* regions are looked up one by one here: not in millions */
		if (prover_walk(&program, store, regions_add, &regions,
				&why) == 0 &&
		    regions.n < SLOW) {
			proved++;
			with_args += diagram_store_size(store) > 40;
			for (int i = 0; i < CALLS; i++) {
				struct seccomp_data data =
					i % 4 ? random_call(&rng)
					      : call_with_cookie(&rng, &program);

				check_call(&program, store, &regions, &data);
			}
			with_sum += has_sum(&program);
		}
		free(why);
		regions_free(&regions);
		diagram_store_reset(store);
	}
	print_message("%d random programs: %zu understood, %zu of them with "
		      "arguments, %zu with a cookie, %d calls each\n",
		      ROUNDS, proved, with_args, with_sum, CALLS);
	assert_true(proved > ROUNDS / 2);
	assert_true(with_args > ROUNDS / 10);
	assert_true(with_sum > ROUNDS / 20);
	program_free(&program);
	diagram_store_free(store);
}

/* --- the gate ------------------------------------------------------------- */

/* Only the cookie opens it, each of its bits counts, and what stands behind
 * the gate still sees number and arguments. */
static void gate_is_exact(void **state)
{
	const struct gate gate = {
		GATE_EXECVE, {0xdeadbeef, 0, 1, UINT32_MAX}, 0};
	struct diagram_store *store = diagram_store_new(DIAGRAM_BUDGET);
	struct regions regions = {0};
	struct program program = {0};
	struct seccomp_data data = {.nr = 59, .arch = AUDIT_ARCH_X86_64};
	uint64_t args[6] = {0};
	char *why;

	(void)state;
	program_append(&program, (struct sock_filter)LOAD(NR));
	program_append(&program, (struct sock_filter)IF(BPF_JEQ, 59, 0, 16));
	program_append_all(&program, gate_comparison, GATE_SIZE);
	assert_int_equal(program.n, 18);
	gate_arm(&program, &gate);
	program_append(&program, (struct sock_filter)LOAD(NR));
	program_append(&program, (struct sock_filter)IF(BPF_JGT, 58, 0, 2));
	program_append(&program, (struct sock_filter)LOAD(LOW(0)));
	program_append(&program, (struct sock_filter)IF(BPF_JEQ, 7, 1, 0));
	program_append(&program, (struct sock_filter)RET(1));
	program_append(&program, (struct sock_filter)RET(2));

	assert_int_equal(prover_walk(&program, store, regions_add, &regions,
				     &why), 0);
	args[4] = 0xdeadbeef;
	args[5] = (uint64_t)UINT32_MAX << 32 | 1;
	memcpy(data.args, args, sizeof(args));
	check_call(&program, store, &regions, &data);
	assert_int_equal(interpret(&program, &data), SECCOMP_RET_ALLOW);
	for (int bit = 0; bit < 128; bit++) {
		memcpy(data.args, args, sizeof(args));
		data.args[4 + bit / 64] ^= 1ull << bit % 64;
		data.args[0] = bit % 2 ? 7 : 8;
		check_call(&program, store, &regions, &data);
		assert_int_equal(interpret(&program, &data), 1 + bit % 2);
	}
	regions_free(&regions);
	program_free(&program);
	diagram_store_free(store);
}

/* A number that is tested once more behind argument tests cuts the rectangle
 * then. */
static void cuts_late(void **state)
{
	const struct program program = PROGRAM(
		LOAD(HIGH(2)), IF(BPF_JGE, 0xf0, 0, 1), RET(1), LOAD(NR),
		IF(BPF_JGE, 0x40000000, 0, 1), RET(2), LOAD(ARCH),
		IF(BPF_JGE, 0x80000000, 0, 1), RET(3), RET(4));
	struct diagram_store *store = diagram_store_new(DIAGRAM_BUDGET);
	struct regions regions = {0};
	struct rng rng = {99};
	char *why;

	(void)state;
	assert_int_equal(prover_walk(&program, store, regions_add, &regions,
				     &why), 0);
	for (int i = 0; i < 1000; i++) {
		struct seccomp_data data = random_call(&rng);

		check_call(&program, store, &regions, &data);
	}
	regions_free(&regions);
	diagram_store_free(store);
}

/* --- not proved ----------------------------------------------------------- */

static const struct refused {
	const char *why;
	struct program program;
} refused[] = {
	{"opcode 0x04 at instruction 0",
	 PROGRAM(BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 1), RET(0))},
	{"opcode 0x16 at instruction 0",
	 PROGRAM({BPF_RET | BPF_A, 0, 0, 0}, RET(0))},
	{"opcode 0x1d at instruction 1",
	 PROGRAM(LOAD(NR), {BPF_JMP | BPF_JEQ | BPF_X, 0, 0, 0}, RET(0))},
	{"opcode 0x28 at instruction 0",
	 PROGRAM(BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 0), RET(0))},
	{"offset 8 at", PROGRAM(LOAD(8), RET(0))}, /* instruction_pointer */
	{"offset 12 at", PROGRAM(LOAD(12), RET(0))},
	{"offset 18 at", PROGRAM(LOAD(18), RET(0))},
	{"offset 64 at", PROGRAM(LOAD(64), RET(0))},
	{"instruction 0 leads out", PROGRAM(LOAD(NR))},
	{"instruction 1 leads out",
	 PROGRAM(LOAD(NR), IF(BPF_JEQ, 0, 1, 0), RET(0))},
	{"instruction 1 leads out",
	 PROGRAM(LOAD(NR), IF(BPF_JEQ, 0, 0, 255), RET(0))},
	{"instruction 0 leads out", PROGRAM(JA(1), RET(0))},
	{"instruction 0 leads out", PROGRAM(JA(UINT32_MAX), RET(0))},
	{"instruction 0 leads out", PROGRAM(JA(UINT32_MAX - 1), RET(0))},
	{"0 instructions", {0}},
	{"AND on no argument word at instruction 1",
	 PROGRAM(LOAD(NR), AND(1), IF(BPF_JEQ, 0, 0, 1), RET(1), RET(0))},
	{"AND on no argument word at instruction 14",
	 PROGRAM(SUM, AND(1), IF(BPF_JEQ, 0, 0, 1), RET(1), RET(0))},
	{"this test of an OR of words at instruction 14",
	 PROGRAM(SUM, IF(BPF_JEQ, 5, 0, 1), RET(1), RET(0))},
	{"this test of an OR of words at instruction 14",
	 PROGRAM(SUM, IF(BPF_JGE, 0, 0, 1), RET(1), RET(0))},
	/* what nobody makes */
	{"opcode 0x00 at instruction 0", PROGRAM(IMM(1), RET(0))},
	{"opcode 0x45 at instruction 1",
	 PROGRAM(LOAD(NR), IF(BPF_JSET, 1, 0, 1), RET(1), RET(0))},
	{"opcode 0x87 at instruction 0", PROGRAM(TXA, RET(0))},
	/* parts of the cookie's comparison */
	{"part of a cookie's comparison at instruction 1",
	 PROGRAM(LOAD(LOW(4)), XOR(1), RET(0))},
	{"part of a cookie's comparison at instruction 1",
	 PROGRAM(LOAD(LOW(4)), TAX, RET(0))},
	{"part of a cookie's comparison at instruction 0", PROGRAM(OR_X, RET(0))},
	{"part of a cookie's comparison at instruction 5", PROGRAM(JA(3), SUM, RET(0))},
	{"part of a cookie's comparison at instruction 1",
	 PROGRAM(LOAD(LOW(4)), XOR(0), TAX, LOAD(HIGH(4)), XOR(0), OR_X, TAX,
		 LOAD(LOW(5)), XOR(0), OR_X, TAX, LOAD(HIGH(3)), XOR(0), OR_X,
		 IF(BPF_JEQ, 0, 0, 1), RET(1), RET(0))},
	{"part of a cookie's comparison at instruction 1",
	 PROGRAM(LOAD(LOW(4)), XOR(0), TAX, LOAD(HIGH(4)), XOR(0), OR_X, TAX,
		 LOAD(LOW(5)), XOR(0), OR_X, TAX, LOAD(HIGH(5)), RET(0))},
	/* which is never come to, but the kernel would refuse it */
	{"opcode 0x16 at instruction 1",
	 PROGRAM(RET(0), {BPF_RET | BPF_A, 0, 0, 0}, RET(0))},
};

static void says_what_is_not_proved(void **state)
{
	struct diagram_store *store = diagram_store_new(DIAGRAM_BUDGET);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		struct regions regions = {0};
		char *why;

		assert_int_equal(prover_walk(&refused[i].program, store,
					     regions_add, &regions, &why),
				 -1);
		if (!strstr(why, refused[i].why))
			fail_msg("\"%s\" is not in \"%s\"", refused[i].why,
				 why);
		free(why);
		regions_free(&regions);
	}
	diagram_store_free(store);
}

static void refuses_4097_instructions(void **state)
{
	struct diagram_store *store = diagram_store_new(DIAGRAM_BUDGET);
	struct program program = {0};
	struct regions regions = {0};
	char *why;

	(void)state;
	while (program.n < PROGRAM_MAX)
		program_append(&program, (struct sock_filter)RET(0));
	assert_int_equal(prover_walk(&program, store, regions_add, &regions,
				     &why), 0);
	program_append(&program, (struct sock_filter)RET(0));
	assert_int_equal(prover_walk(&program, store, regions_add, &regions,
				     &why), -1);
	assert_non_null(strstr(why, "4097 instructions"));
	free(why);
	regions_free(&regions);
	program_free(&program);
	diagram_store_free(store);
}

static void assert_too_long(const struct program *program)
{
	struct diagram_store *store = diagram_store_new(DIAGRAM_BUDGET);
	struct regions regions = {0};
	char *why;

	assert_int_equal(prover_walk(program, store, regions_add, &regions,
				     &why), -1);
	assert_non_null(strstr(why, "too long"));
	free(why);
	regions_free(&regions);
	diagram_store_free(store);
}

/* Masks of one word pile up along 2^n paths: a program that somebody made to
 * keep the launcher busy is given up in bounded time. */
static void gives_up_on_hostile_programs(void **state)
{
	struct program program = {0};

	(void)state;
	program_append(&program, (struct sock_filter)LOAD(LOW(0)));
	for (unsigned i = 0; i < 800; i++) {
		program_append(&program, (struct sock_filter)IF(
						 BPF_JGE, 1u << i % 32, 0, 1));
		program_append(&program,
			       (struct sock_filter)AND(~(3u << (i + 7) % 31)));
	}
	program_append(&program, (struct sock_filter)IF(BPF_JGE, 77, 0, 1));
	program_append(&program, (struct sock_filter)RET(1));
	program_append(&program, (struct sock_filter)RET(0));
	assert_too_long(&program);
	program_free(&program);
}

/* Tests of single architectures and numbers cut everything into a million
 * rectangles. */
static void gives_up_on_too_many_rectangles(void **state)
{
	static const uint32_t words[] = {ARCH, NR};
	struct program program = {0};

	(void)state;
	for (int word = 0; word < 2; word++) {
		program_append(&program, (struct sock_filter)LOAD(words[word]));
		for (uint32_t i = 1; i <= 500; i++)
			program_append(&program, (struct sock_filter)IF(
							 BPF_JEQ, 2 * i, 0, 0));
	}
	program_append(&program, (struct sock_filter)RET(0));
	assert_too_long(&program);
	program_free(&program);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equals_the_interpreter),
		cmocka_unit_test(gate_is_exact),
		cmocka_unit_test(cuts_late),
		cmocka_unit_test(says_what_is_not_proved),
		cmocka_unit_test(refuses_4097_instructions),
		cmocka_unit_test(gives_up_on_hostile_programs),
		cmocka_unit_test(gives_up_on_too_many_rectangles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
