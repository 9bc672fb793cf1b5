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

static void each_is_what_its_policy_says(void **state)
{
	const struct answers answers = {0};
	unsigned proved = 0;

	(void)state;
	for (unsigned pieces = 0; pieces < 1 << CAGE_PIECES; pieces++) {
		struct program program = cage_program(pieces);
		struct diags diags = DIAGS_INIT;
		struct policy *policy;
		char *why = NULL;

		if (!cage_is_used(pieces)) {
			assert_int_equal(program.n, 0);
			continue;
		}
		policy = cage_policy(folder, pieces, &diags);
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

/* One layer more or less is another program: the proof above would see it. */
static void another_policy_is_told_apart(void **state)
{
	const struct answers answers = {0};
	struct program program = cage_program(CAGE_NOTIFY);
	struct diags diags = DIAGS_INIT;
	struct policy *policy = cage_policy(folder, CAGE_NOTIFY | CAGE_FILES,
					    &diags);
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
		cmocka_unit_test(another_policy_is_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
