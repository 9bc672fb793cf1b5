/* Conditions: the width and sign that the kernel uses, masks, and what and,
 * or, not make of "always" and "never". */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/util.h"
#include "model/cond.h"

#define ALL UINT64_MAX

static void test_compare(void **state)
{
	static const struct {
		uint8_t bits;
		bool is_signed;
		enum cond_op op;
		uint64_t mask, value, arg;
		bool holds;
	} rows[] = {
		{64, false, OP_EQ, ALL, 7, 7, true},
		{64, false, OP_EQ, ALL, 7, 8, false},
		{64, false, OP_NE, ALL, 7, 8, true},
		{64, false, OP_NE, ALL, 7, 7, false},
		{64, false, OP_EQ, ALL, 7, 0x100000007, false},
		/* whatever the upper bits hold */
		{32, false, OP_EQ, ALL, 7, 0xffffffff00000007, true},
		{32, false, OP_NE, ALL, 7, 0xffffffff00000007, false},
		{16, false, OP_EQ, ALL, 0777, 0x101ff, true},
		{8, false, OP_EQ, ALL, 1, 0x101, true},
		{32, false, OP_EQ, ALL, 0xffffffffffffffff, 0xffffffff, true},
		/* unsigned order, at the edges */
		{64, false, OP_GT, ALL, 1, ALL, true},
		{32, false, OP_GT, ALL, 1, 0xffffffff, true},
		{32, false, OP_LT, ALL, 5, 5, false},
		{32, false, OP_LE, ALL, 5, 5, true},
		{32, false, OP_GT, ALL, 5, 5, false},
		{32, false, OP_GE, ALL, 5, 5, true},
		{32, false, OP_LE, ALL, 5, 6, false},
		{32, false, OP_GE, ALL, 5, 4, false},
		/* signed order: -1 is below 0 in its own width only */
		{64, true, OP_LT, ALL, 0, ALL, true},
		{64, true, OP_LT, ALL, 0, 0xffffffff, false},
		{32, true, OP_LT, ALL, 0, 0xffffffff, true},
		{32, true, OP_LT, ALL, 0, 0xf00000000, false},
		{16, true, OP_LT, ALL, 0, 0x8000, true},
		{8, true, OP_GE, ALL, 0xfe, 0xff, true},
		{32, true, OP_GT, ALL, 0xfffffffe, 3, true},
		{32, true, OP_GE, ALL, 0x80000000, 0x80000000, true},
		/* masks */
		{32, false, OP_EQ, 3, 1, 0xfd, true},
		{32, false, OP_EQ, 3, 1, 0xfe, false},
		{32, false, OP_NE, 8, 0, 8, true},
		{32, false, OP_EQ, 0xff00000000, 0, 0xff00000000, true},
		{64, false, OP_EQ, 0xff00000000, 0, 0xff00000000, false},
		{32, true, OP_LT, 0x80000000, 0, 0x80000001, true},
	};
	struct arena arena = ARENA_INIT, *pool = &arena;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const uint64_t args[6] = {9, 9, 9, 9, 9, rows[i].arg};
		const struct cond *c = cond_test(pool, (struct cond){
			.arg = 5, .bits = rows[i].bits, .op = rows[i].op,
			.is_signed = rows[i].is_signed,
			.mask = rows[i].mask, .value = rows[i].value});

		if (cond_holds(c, args) != rows[i].holds)
			fail_msg("row %zu", i);
	}
	arena_free(pool);
}

static const struct cond *arg_is(struct arena *pool, uint8_t arg,
				 uint64_t value)
{
	return cond_test(pool, (struct cond){.arg = arg, .bits = 64,
					     .op = OP_EQ, .mask = ALL,
					     .value = value});
}

static void test_join(void **state)
{
	struct arena arena = ARENA_INIT, *pool = &arena;
	const struct cond *a = arg_is(pool, 0, 1), *b = arg_is(pool, 1, 1);
	const struct cond *and = cond_and(pool, a, b);
	const struct cond *or = cond_or(pool, a, b);

	(void)state;
	for (uint64_t x = 0; x < 2; x++) {
		for (uint64_t y = 0; y < 2; y++) {
			const uint64_t args[6] = {x, y};

			assert_int_equal(cond_holds(and, args), x && y);
			assert_int_equal(cond_holds(or, args), x || y);
			assert_int_equal(cond_holds(cond_not(pool, or), args),
					 !(x || y));
		}
	}
	arena_free(pool);
}

static void test_always_and_never(void **state)
{
	struct arena arena = ARENA_INIT, *pool = &arena;
	const struct cond *a = arg_is(pool, 0, 1), *no = &cond_never;
	const uint64_t args[6] = {0, 1, ALL, 0, 0, 0};

	(void)state;
	assert_ptr_equal(cond_and(pool, NULL, a), a);
	assert_ptr_equal(cond_and(pool, a, NULL), a);
	assert_ptr_equal(cond_and(pool, no, a), no);
	assert_ptr_equal(cond_and(pool, a, no), no);
	assert_ptr_equal(cond_and(pool, NULL, no), no);
	assert_ptr_equal(cond_and(pool, a, a), a);
	assert_null(cond_and(pool, NULL, NULL));
	assert_null(cond_or(pool, NULL, a));
	assert_null(cond_or(pool, a, NULL));
	assert_null(cond_or(pool, no, NULL));
	assert_ptr_equal(cond_or(pool, no, a), a);
	assert_ptr_equal(cond_or(pool, a, no), a);
	assert_ptr_equal(cond_or(pool, no, no), no);
	assert_ptr_equal(cond_not(pool, NULL), no);
	assert_null(cond_not(pool, no));
	assert_ptr_equal(cond_not(pool, cond_not(pool, a)), a);
	assert_true(cond_holds(NULL, args));
	assert_false(cond_holds(no, args));
	arena_free(pool);
}

/* Nodes stay where they are while the pool grows, and a chain is as long as
 * it likes. */
static void test_pool(void **state)
{
	enum { LONG = 100000 };
	struct arena arena = ARENA_INIT, *pool = &arena;

	(void)state;
	for (int round = 0; round < 2; round++) {
		const struct cond *any = &cond_never;
		uint64_t args[6] = {LONG - 1};

		for (uint64_t i = 0; i < LONG; i++)
			any = cond_or(pool, arg_is(pool, 0, i), any);
		assert_true(cond_holds(any, args));
		args[0] = 0;
		assert_true(cond_holds(any, args));
		args[0] = LONG;
		assert_false(cond_holds(any, args));
		arena_reset(pool);
	}
	arena_free(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_join),
		cmocka_unit_test(test_always_and_never),
		cmocka_unit_test(test_pool),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
