/* What a tracer adds to a policy, and lists whose memory is used again. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "scenario.h"

static const struct verdict busy = {
	.action = DENY, .err = EBUSY, .kind = BY_TRACER};
static const struct verdict untraced = {
	.action = DENY, .err = EPERM, .kind = BY_TRACER};
static const struct verdict no_clone3 = {
	.action = DENY, .err = ENOSYS, .kind = BY_TRACER};
static const struct verdict traceme = {
	.action = DENY, .err = EPERM, .kind = BY_TRACER, .told = true};

static void test_tracer_rules(void **state)
{
	const struct scenario s = {
		.by_default = ALLOW, .x86 = true,
		.lines = {{0, ALLOW, "seccomp", IS1, .only = true}}};
	const struct verdict run = {
		.action = ALLOW, .kind = BY_DEFAULT, .at = {NULL, 100}};
	const struct verdict rule = {
		.action = ALLOW, .kind = BY_RULE, .at = {NULL, 1}};
	const struct verdict closed = {
		.action = DENY, .err = EPERM, .kind = BY_RULE, .at = {NULL, 1}};
	const uint64_t listener[6] = {1, 0x9}, plain[6] = {1, 0x800000001};
	const uint64_t elsewhere[6] = {2, 8}, flag[6] = {0x800100};
	struct policy *policy = build(&s);

	(void)state;
	expect(policy, X64, 317, listener, rule);
	expect(policy, X64, 56, flag, run);
	policy->tracer_rules = ADD_NO_LISTENER;
	expect(policy, X64, 317, listener, busy);
	expect(policy, X86, 354, listener, busy);
	expect(policy, X64, 317, plain, rule);
	expect(policy, X64, 317, elsewhere, closed); /* no denial changes */
	expect(policy, X64, 56, flag, run);
	expect(policy, X64, 435, zero, run);
	policy->tracer_rules = ADD_NO_UNTRACED;
	expect(policy, X64, 56, flag, untraced);
	expect(policy, X86, 120, flag, untraced);
	expect(policy, X64, 56, zero, run);
	expect(policy, X64, 56, (uint64_t[6]){0x80000000000000}, run);
	expect(policy, X64, 101, zero, traceme);
	expect(policy, X86, 26, zero, traceme);
	expect(policy, X64, 101, (uint64_t[6]){16}, run);
	expect(policy, X64, 435, zero, no_clone3);
	expect(policy, X86, 435, zero, no_clone3);
	expect(policy, X64, 317, listener, rule);
	policy_free(policy);
}

/* Every clause that runs gets the rule, none twice, the list stays one. */
static void test_tracer_rules_in_lists(void **state)
{
	const struct scenario s = {
		.by_default = KILL,
		.lines = {{0, LOG, "seccomp", IS1}, {0, ALLOW, "seccomp", IS2},
			  {0, DENY, "clone3", IS1}, {0, ALLOW, "clone3", IS2}}};
	struct policy *policy = build(&s);
	struct decision list = {0};

	(void)state;
	policy->tracer_rules = ADD_NO_LISTENER | ADD_NO_UNTRACED;
	decide_call(policy, X64, 317, &list);
	check_list(&list);
	assert_int_equal(list.n, 5);
	expect(policy, X64, 317, (uint64_t[6]){1, 8}, busy);
	expect(policy, X64, 317, (uint64_t[6]){2, 8}, busy);
	expect(policy, X64, 317, (uint64_t[6]){3, 8}, (struct verdict){
		.action = KILL, .kind = BY_DEFAULT, .at = {NULL, 100}});
	decide_call(policy, X64, 435, &list);
	check_list(&list);
	assert_int_equal(list.n, 3);
	expect(policy, X64, 435, (uint64_t[6]){1}, (struct verdict){
		.action = DENY, .err = EPERM, .kind = BY_RULE, .at = {NULL, 3}});
	expect(policy, X64, 435, (uint64_t[6]){2}, no_clone3);
	decision_free(&list);
	policy_free(policy);
}

/* One decision is used for every number of a start. */
static void test_reuse(void **state)
{
	const struct scenario s = {
		.by_default = DENY, .final = 1, .x86 = true,
		.lines = {{0, ALLOW, "read", IS1},
			  {0, DENY, "read", .group = "@g"},
			  {1, ALLOW, "read"}, {1, ALLOW, "socket"}}};
	struct policy *policy = build(&s);
	struct decision list = {0};

	(void)state;
	policy->tracer_rules = ADD_NO_LISTENER | ADD_NO_UNTRACED;
	for (int round = 0; round < 3; round++) {
		for (uint32_t nr = 0; nr < 600; nr++) {
			decide_call(policy, X86, nr, &list);
			check_list(&list);
			decide_call(policy, X64, nr, &list);
			check_list(&list);
		}
	}
	decide_call(policy, X64, 0, &list);
	assert_int_equal(list.n, 2);
	assert_false(cond_holds(list.clauses[0].cond, (uint64_t[6]){1}));
	assert_true(cond_holds(list.clauses[0].cond, (uint64_t[6]){2}));
	decision_free(&list);
	assert_null(list.clauses);
	policy_free(policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tracer_rules),
		cmocka_unit_test(test_tracer_rules_in_lists),
		cmocka_unit_test(test_reuse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
