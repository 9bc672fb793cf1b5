/* The constant programs of sandbox's own processes: each is proved against the
 * policies in contrib/cage/. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "filter/verify.h"
#include "../../contrib/cage/pieces.h"

static const char folder[] = "contrib/cage";

/* All programs of a machine, whichever this one is. */
#define CAGE(pieces, begin, n)
#define I(code, jt, jf, k) {0x##code, 0x##jt, 0x##jf, 0x##k},
static struct sock_filter of_x86_64[] = {
#include "run/cage-x86_64.inc"
};
static struct sock_filter of_aarch64[] = {
#include "run/cage-aarch64.inc"
};
#undef CAGE
#undef I

struct places {
	unsigned begin, n;
};
#define CAGE(pieces, begin, n) [pieces] = {begin, n},
#define I(code, jt, jf, k)
static const struct places in_x86_64[1 << CAGE_PIECES] = {
#include "run/cage-x86_64.inc"
};
static const struct places in_aarch64[1 << CAGE_PIECES] = {
#include "run/cage-aarch64.inc"
};

static void prove_all(enum abi_id machine, struct sock_filter *insns,
		      const struct places *places)
{
	const struct answers answers = {0};
	unsigned proved = 0;

	for (unsigned pieces = 0; pieces < 1 << CAGE_PIECES; pieces++) {
		struct program program = {.insns = insns + places[pieces].begin,
					  .n = places[pieces].n};
		struct diags diags = DIAGS_INIT;
		struct policy *policy;
		char *why = NULL;

		if (!cage_is_used(pieces)) {
			assert_int_equal(program.n, 0);
			continue;
		}
		policy = cage_policy(machine, folder, pieces, &diags);
		diags_print(&diags, stderr);
		assert_non_null(policy);
		if (verify(policy, &answers, NULL, &program, &why) < 0)
			fail_msg("cage %u: %s; after a change to %s: make cage",
				 pieces, why, folder);
		policy_free(policy);
		diags_free(&diags);
		proved++;
	}
	assert_int_equal(proved, 12);
}

static void each_is_what_its_policy_says(void **state)
{
	(void)state;
	prove_all(ABI_X86_64, of_x86_64, in_x86_64);
	prove_all(ABI_AARCH64, of_aarch64, in_aarch64);
}

static void this_machine_has_its_own(void **state)
{
	bool is_x86 = ABI_NATIVE == ABI_X86_64;
	const struct places *places = is_x86 ? in_x86_64 : in_aarch64;

	(void)state;
	for (unsigned pieces = 0; pieces < 1 << CAGE_PIECES; pieces++) {
		struct program program = cage_program(pieces);

		assert_int_equal(program.n, places[pieces].n);
		if (program.n)
			assert_memory_equal(
				program.insns,
				(is_x86 ? of_x86_64 : of_aarch64) +
					places[pieces].begin,
				program.n * sizeof(*program.insns));
	}
}

/* One layer more or less is another program: the proof above would see it. */
static void another_policy_is_told_apart(void **state)
{
	const struct answers answers = {0};
	struct program program = cage_program(CAGE_NOTIFY);
	struct diags diags = DIAGS_INIT;
	struct policy *policy = cage_policy(
		ABI_NATIVE, folder, CAGE_NOTIFY | CAGE_FILES, &diags);
	char *why = NULL;

	(void)state;
	assert_non_null(policy);
	assert_int_equal(verify(policy, &answers, NULL, &program, &why), -1);
	assert_non_null(why);
	free(why);
	policy_free(policy);
	diags_free(&diags);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_what_its_policy_says),
		cmocka_unit_test(this_machine_has_its_own),
		cmocka_unit_test(another_policy_is_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
