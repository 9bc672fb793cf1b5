/* What would come of allowing a call that a policy denies. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "load_fixture.h"
#include "review/check.h"

#define ALLOW "[policy]\ndefault = allow\n"
#define DENY "[policy]\ndefault = deny\n"
#define NAMESPACES                                                             \
	"[deny]\nsyscalls = unshare setns\nclone3 = ENOSYS\n"                  \
	"clone = if clone_flags & 0x7e020000 != 0\n"

struct opening_case {
	const char *policy;
	const char *calls; /* opened together */
	const char *holes; /* those among them that are one, or "" */
};

/* as far as they carry no power */
static const struct opening_case harmless_cases[] = {
	{DENY, "ioctl read", ""},
	{ALLOW NAMESPACES, "clone", ""},
	{DENY, "ptrace", ""},
};

static const struct opening_case cases[] = {
	{ALLOW NAMESPACES, "clone3", "clone3"},
	{ALLOW NAMESPACES, "clone", "clone"},
	/* nobody closes namespaces here */
	{ALLOW "[deny]\nclone3 = ENOSYS\n", "clone3", ""},
	{DENY, "clone3 clone read", ""},
	{DENY, "ioctl read", "ioctl"},
	{DENY, "ptrace bpf read", "ptrace bpf"},
	{ALLOW "[deny]\nsyscalls = @io-uring socket\n", "io_uring_setup",
	 "io_uring_setup"},
	{ALLOW "[deny]\nsyscalls = @open\n", "openat", "openat"},
	{ALLOW "[deny]\nsyscalls = open openat creat\n", "open openat creat",
	 ""},
	/* open already by another call, or by no other */
	{ALLOW "[deny]\nsyscalls = openat\n", "openat", ""},
	{ALLOW "[deny]\nsyscalls = mkdir\n", "mkdir", ""},
};

static void add_words(struct calls *list, const char *names)
{
	cleanup_free char *copy = xstrdup(names);
	char *save, *word = strtok_r(copy, " ", &save);

	for (; word; word = strtok_r(NULL, " ", &save)) {
		assert_int_not_equal(syscall_by_name(word), CALL_NONE);
		calls_add(list, syscall_by_name(word));
	}
}

static void expect(const struct opening_case *c, const powers *only)
{
	struct policy *policy = load_text(c->policy);
	struct calls calls = {0}, want = {0}, got = {0};
	struct findings holes = {0};
	cleanup_free char *got_text = NULL, *want_text = NULL;

	add_words(&calls, c->calls);
	add_words(&want, c->holes);
	opening_holes(policy, &calls, only, &holes);
	for (size_t j = 0; j < holes.n; j++)
		for (size_t k = 0; k < holes.items[j].calls.n; k++)
			calls_add(&got, holes.items[j].calls.items[k]);
	got_text = calls_text(&got);
	want_text = calls_text(&want);
	if (!streq(got_text, want_text))
		fail_msg("%s%s: got \"%s\", wanted \"%s\"", c->policy,
			 c->calls, got_text, want_text);
	findings_free(&holes);
	free(calls.items);
	free(want.items);
	free(got.items);
	policy_free(policy);
}

static void test_holes(void **state)
{
	static const powers none[SYSCALL_ROWS];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		expect(&cases[i], NULL);
	for (size_t i = 0; i < ARRAY_SIZE(harmless_cases); i++)
		expect(&harmless_cases[i], none);
}

/* What is opened runs, whatever the rules say, and nothing else changes. */
static void test_opened_is_one_call(void **state)
{
	static const uint64_t zero[6];
	struct policy *policy = load_text(
		DENY "final = yes\n[kill]\nsyscalls = mkdir rmdir\n");
	const struct cond *set[SYSCALL_ROWS];
	uint32_t call = syscall_by_name("mkdir");

	(void)state;
	for (size_t i = 0; i < SYSCALL_ROWS; i++)
		set[i] = &cond_never;
	set[call] = NULL;
	for (uint32_t i = 0; i < syscall_count(); i++) {
		uint32_t nr = (uint32_t)syscall_number(i, MACHINE);
		struct verdict open, closed;

		policy->opened = set;
		open = decide(policy, abis[MACHINE].audit_arch, nr, zero);
		policy->opened = NULL;
		closed = decide(policy, abis[MACHINE].audit_arch, nr, zero);
		if (i == call)
			assert_int_equal(open.action, ACTION_ALLOW);
		else
			assert_true(verdict_same(&open, &closed));
	}
	policy_free(policy);
}

static void fallback_is(const char *ini, const char *call, const char *want)
{
	struct policy *policy = load_text(ini);
	cleanup_free char *got = opening_fallback(policy, MACHINE,
						  syscall_by_name(call));

	assert_text(got ? got : "", want);
	policy_free(policy);
}

static void test_fallback(void **state)
{
	(void)state;
	fallback_is(ALLOW NAMESPACES, "clone3",
		    "after ENOSYS libc falls back to clone");
	fallback_is(ALLOW "[deny]\nsyscalls = clone clone3\n", "clone3", "");
	fallback_is(ALLOW, "mkdir", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_scratch(test_holes),
		in_scratch(test_opened_is_one_call),
		in_scratch(test_fallback),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
