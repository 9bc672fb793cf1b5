#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/util.h"
#include "model/diagram.h"
#include "random.h"

static int setup(void **state)
{
	*state = diagram_store_new(DIAGRAM_BUDGET);
	return 0;
}

static int teardown(void **state)
{
	diagram_store_free(*state);
	return 0;
}

static struct cond test_of(uint8_t arg, uint8_t bits, enum cond_op op,
			   uint64_t value)
{
	return (struct cond){.kind = COND_TEST,
			     .arg = arg,
			     .bits = bits,
			     .op = op,
			     .mask = bits == 64 ? UINT64_MAX
						: (1ull << bits) - 1,
			     .value = value};
}

/* Two texts of one condition are one diagram. */
static void same_function_same_diagram(void **state)
{
	struct diagram_store *store = *state;
	struct arena arena = ARENA_INIT, *pool = &arena;
	struct cond less = test_of(1, 32, OP_LT, 8);
	struct cond high_bits = test_of(1, 32, OP_EQ, 0);
	struct cond at_least = test_of(1, 32, OP_GE, 8);
	diagram d;

	high_bits.mask = 0xfffffff8;
	d = diagram_of_cond(store, &less);
	assert_int_equal(d, diagram_of_cond(store, &high_bits));
	assert_int_equal(d,
			 diagram_not(store, diagram_of_cond(store, &at_least)));
	assert_int_equal(d, diagram_of_cond(store, cond_not(pool, &at_least)));
	assert_int_not_equal(d, diagram_of_cond(store, &at_least));
	arena_free(pool);
}

static void always_and_never(void **state)
{
	struct diagram_store *store = *state;
	struct arena arena = ARENA_INIT, *pool = &arena;
	struct cond below_zero = test_of(0, 32, OP_LT, 0);
	struct cond one = test_of(3, 64, OP_EQ, 1),
		    two = test_of(3, 64, OP_EQ, 2);

	assert_int_equal(diagram_of_cond(store, NULL), DIAGRAM_TRUE);
	assert_int_equal(diagram_of_cond(store, &cond_never), DIAGRAM_FALSE);
	assert_int_equal(diagram_of_cond(store, &below_zero), DIAGRAM_FALSE);
	assert_int_equal(diagram_of_cond(store, cond_and(pool, &one, &two)),
			 DIAGRAM_FALSE);
	below_zero.is_signed = true;
	assert_int_not_equal(diagram_of_cond(store, &below_zero),
			     DIAGRAM_FALSE);
	arena_free(pool);
}

static const struct cond *random_test(struct rng *rng, struct arena *pool)
{
	static const uint8_t widths[] = {8, 16, 32, 64};
	uint8_t bits = widths[rng_below(rng, ARRAY_SIZE(widths))];
	struct cond test = {
		.arg = (uint8_t)rng_below(rng, 6),
		.bits = bits,
		.is_signed = rng_below(rng, 2),
		.op = (enum cond_op)rng_below(rng, 6),
		.mask = rng_below(rng, 3) ? UINT64_MAX : rng_edge(rng),
		.value = rng_edge(rng),
	};

	return cond_test(pool, test);
}

static const struct cond *random_cond(struct rng *rng, struct arena *pool,
				      int depth)
{
	const struct cond *a;

	if (depth == 0 || rng_below(rng, 4) == 0)
		return random_test(rng, pool);
	a = random_cond(rng, pool, depth - 1);
	switch (rng_below(rng, 3)) {
	case 0:
		return cond_not(pool, a);
	case 1:
		return cond_and(pool, a, random_cond(rng, pool, depth - 1));
	default:
		return cond_or(pool, a, random_cond(rng, pool, depth - 1));
	}
}

/* Half of the arguments lie at the constants that the condition names. */
static void near_values(struct rng *rng, const struct cond *cond,
			uint64_t args[static 6])
{
	if (cond->kind != COND_TEST) {
		near_values(rng, cond->a, args);
		if (cond->kind != COND_NOT)
			near_values(rng, cond->b, args);
	} else if (rng_below(rng, 2)) {
		args[cond->arg] = cond->value + rng_below(rng, 3) - 1;
		if (rng_below(rng, 2))
			args[cond->arg] |= rng_edge(rng) & ~cond->mask;
	}
}

/* The diagram of a condition holds where the condition does; that it is the
 * same as that of its negation's negation is checked on the way. */
static void agrees_with_cond_holds(void **state)
{
	struct diagram_store *store = *state;
	struct rng rng = {20240229};
	size_t held = 0, tried = 0;

	for (int round = 0; round < 2000; round++) {
		struct arena arena = ARENA_INIT, *pool = &arena;
		const struct cond *cond = random_cond(&rng, pool, 3);
		diagram d = diagram_of_cond(store, cond);

		assert_int_not_equal(d, DIAGRAM_NONE);
		for (int i = 0; i < 40; i++, tried++) {
			uint64_t args[6];

			for (int n = 0; n < 6; n++)
				args[n] = rng_edge(&rng);
			near_values(&rng, cond, args);
			held += cond_holds(cond, args);
			assert_int_equal(diagram_eval(store, d, args),
					 cond_holds(cond, args));
		}
		diagram_store_reset(store);
		arena_free(pool);
	}
	print_message("conditions: %zu arguments tried, %zu hold\n", tried,
		      held);
	assert_in_range(held, tried / 4, tried - tried / 4);
}

/* What diagram_differ() finds does differ, and the difference of a condition
 * and "never" is a call for which it holds. */
static void finds_differences(void **state)
{
	struct diagram_store *store = *state;
	struct rng rng = {7};

	for (int round = 0; round < 500; round++) {
		struct arena arena = ARENA_INIT, *pool = &arena;
		const struct cond *a = random_cond(&rng, pool, 2);
		const struct cond *b = random_cond(&rng, pool, 2);
		diagram da = diagram_of_cond(store, a);
		diagram db = diagram_of_cond(store, b);
		uint64_t args[6];

		assert_int_equal(diagram_differ(store, da, db, args), da != db);
		if (da != db)
			assert_true(cond_holds(a, args) != cond_holds(b, args));
		if (diagram_differ(store, da, DIAGRAM_FALSE, args))
			assert_true(cond_holds(a, args));
		diagram_store_reset(store);
		arena_free(pool);
	}
}

static uint32_t errno_leaf(const struct verdict *verdict, const void *context)
{
	return (uint32_t)verdict->err + *(const uint32_t *)context;
}

/* The first clause whose condition holds decides. */
static void folds_a_decision(void **state)
{
	struct diagram_store *store = *state;
	struct cond small = test_of(0, 32, OP_LT, 10);
	struct cond tiny = test_of(0, 32, OP_LT, 5);
	struct clause clauses[] = {
		{&tiny, {.err = 1}}, {&small, {.err = 2}}, {NULL, {.err = 3}}};
	struct decision decision = {.clauses = clauses,
				   .n = ARRAY_SIZE(clauses)};
	uint32_t base = 100;
	diagram d = diagram_of_decision(store, &decision, errno_leaf, &base);

	assert_int_equal(diagram_eval(store, d, (uint64_t[6]){4}), 101);
	assert_int_equal(diagram_eval(store, d, (uint64_t[6]){5}), 102);
	assert_int_equal(diagram_eval(store, d, (uint64_t[6]){10}), 103);
	clauses[0].verdict.err = clauses[1].verdict.err = 3;
	assert_int_equal(
		diagram_of_decision(store, &decision, errno_leaf, &base),
		diagram_leaf(store, 103));
}

/* Sums of bits of distant arguments need exponentially many nodes in any
 * fixed order: pairs (args[0] bit i, args[5] bit i). */
static diagram unruly(struct diagram_store *store, int pairs)
{
	diagram d = DIAGRAM_FALSE;

	for (int i = 0; i < pairs; i++) {
		struct field low = {.arg = 0, .bits = 64, .mask = 1ull << i};
		struct field high = {.arg = 5, .bits = 64, .mask = 1ull << i};

		d = diagram_or(store, d,
			       diagram_and(store,
					   diagram_compare(store, COMPARE_EQ,
							   low, 1ull << i),
					   diagram_compare(store, COMPARE_EQ,
							   high, 1ull << i)));
	}
	return d;
}

static void grows_and_says_when_too_large(void **state)
{
	struct diagram_store *store = *state;
	diagram d = unruly(store, 14);

	assert_true(diagram_store_size(store) > 1u << 14);
	assert_int_equal(
		diagram_eval(store, d, (uint64_t[6]){4, 0, 0, 0, 0, 6}), 1);
	assert_int_equal(
		diagram_eval(store, d, (uint64_t[6]){4, 0, 0, 0, 0, 2}), 0);
	assert_int_equal(unruly(store, 40), DIAGRAM_NONE);
	assert_int_equal(diagram_not(store, DIAGRAM_NONE), DIAGRAM_NONE);
	diagram_store_reset(store);
	assert_int_equal(diagram_store_size(store), 3);
	assert_int_not_equal(unruly(store, 8), DIAGRAM_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(same_function_same_diagram),
		TEST(always_and_never),
		TEST(agrees_with_cond_holds),
		TEST(finds_differences),
		TEST(folds_a_decision),
		TEST(grows_and_says_when_too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
