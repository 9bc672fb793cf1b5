/* Memory that is given back all at once. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/arena.h"

static void test_pieces_are_apart(void **state)
{
	enum { N = 3000 };
	struct arena arena = ARENA_INIT;
	unsigned char *pieces[N];

	(void)state;
	for (size_t i = 0; i < N; i++) {
		size_t size = i % 97;

		pieces[i] = arena_alloc(&arena, size);
		assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t),
				 0);
		for (size_t j = 0; j < size; j++)
			assert_int_equal(pieces[i][j], 0);
		memset(pieces[i], (int)(i % 251), size);
	}
	for (size_t i = 0; i < N; i++)
		for (size_t j = 0; j < i % 97; j++)
			assert_int_equal(pieces[i][j], i % 251);
	arena_free(&arena);
}

static void test_large_pieces(void **state)
{
	struct arena arena = ARENA_INIT;
	char *small = arena_strdup(&arena, "small");
	char *large = arena_alloc(&arena, 1 << 20);

	(void)state;
	memset(large, 'x', 1 << 20);
	assert_string_equal(small, "small");
	assert_string_equal(arena_strdup(&arena, "after"), "after");
	arena_free(&arena);
	assert_string_equal(arena_strdup(&arena, "again"), "again");
	arena_free(&arena);
}

static void test_reset(void **state)
{
	struct arena arena = ARENA_INIT;
	char *first;

	(void)state;
	arena_reset(&arena);
	first = arena_strdup(&arena, "first");
	arena_reset(&arena);
	/* the same memory, zeroed again */
	assert_ptr_equal(arena_alloc(&arena, 6), first);
	assert_memory_equal(first, "\0\0\0\0\0", 6);
	/* of several blocks the newest stays */
	arena_alloc(&arena, 1 << 20);
	first = arena_alloc(&arena, 1 << 21);
	arena_reset(&arena);
	assert_ptr_equal(arena_alloc(&arena, 1 << 21), first);
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces_are_apart),
		cmocka_unit_test(test_large_pieces),
		cmocka_unit_test(test_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
