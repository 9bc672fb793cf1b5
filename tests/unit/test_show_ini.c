/* A policy of several layers as one file, by effect. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "review/flatten.h"
#include "load_fixture.h"
#include "random_policy.h"
#include "review/difference.h"

enum { POLICIES = 1000 };

static void expect(const char *inner, const char *outer, const char *expected)
{
	struct policy *policy;
	char *text, *why = NULL;

	write_text("inner.ini", inner);
	write_text("outer.ini", outer);
	policy = must_load(NULL, NULL, NAMES("inner.ini", "outer.ini"));
	text = show_ini(policy, &why);
	assert_text(text ? text : why, expected);
	free(why);
	free(text);
	policy_free(policy);
}

static void test_layers(void **state)
{
	(void)state;
	expect("[policy]\ndefault = deny\nerrno = EACCES\n"
	       "[allow]\nsyscalls = read write @timer\n",
	       "[policy]\ndescription = less\nerrno = EPERM\n[deny]\n"
	       "syscalls = @timer\nwrite = EBADF if fd == 2\n"
	       "[allow]\ntimes = always\n",
	       "[policy]\ndescription = less\ndefault = deny\nerrno = EPERM\n"
	       "\n[allow]\nsyscalls = read times write\n\n[deny]\n"
	       "write = EBADF if fd == 2\n");
	/* an outer permission lies over an inner denial */
	expect("[policy]\ndefault = allow\n[deny]\nsyscalls = socket\n",
	       "[allow]\nsocket = if family == AF_UNIX\n",
	       "[policy]\ndefault = allow\n\n[allow]\n"
	       "socket = only if family == AF_UNIX\n");
	expect("[policy]\ndefault = allow\n[kill]\nsyscalls = socket\n",
	       "[allow]\nsocket = if family == AF_UNIX\n",
	       "[policy]\ndefault = allow\n\n[kill]\n"
	       "socket = if family != AF_UNIX\n");
}

/* Each list speaks of what any layer denies. */
static void test_quiet(void **state)
{
	(void)state;
	expect("[policy]\ndefault = allow\nquiet = mkdir rmdir\n"
	       "[deny]\nsyscalls = mkdir\n",
	       "[policy]\nquiet = @timer mkdir\n[deny]\nsyscalls = times\n"
	       "rmdir = EBADF\n",
	       "[policy]\ndefault = allow\nquiet = alarm getitimer mkdir rmdir "
	       "setitimer timer_create "
	       "timer_delete\n\ttimer_getoverrun timer_gettime "
	       "timer_gettime64 timer_settime\n\ttimer_settime64 timerfd_create timerfd_gettime "
	       "timerfd_gettime64\n\ttimerfd_settime timerfd_settime64 times\n"
	       "\n[deny]\nsyscalls = mkdir times\nrmdir = EBADF\n");
}

/* An implicit call stands alone, or nobody would ask the rule. */
static void test_implicit(void **state)
{
	(void)state;
	expect("[policy]\ndefault = allow\n[deny]\nexit = always\n",
	       "[allow]\nexit = if error_code == 0\n",
	       "[policy]\ndefault = allow\n\n[allow]\n"
	       "exit = only if error_code == 0\n");
	expect("[policy]\ndefault = kill\n[deny]\nexit = always\n", "[log]\n",
	       "[policy]\ndefault = kill\n\n[deny]\nexit = always\n");
}

/* -------------------------------------------------------------------- random */

static struct policy *load_random(const struct random_policy *text)
{
	static const char *const names[] = {"0.ini", "1.ini", "2.ini"};
	const char *some[4] = {NULL};
	struct policy *policy;
	char *got;

	for (size_t i = 0; i < text->n; i++) {
		write_text(names[i], text->files[i]);
		some[i] = names[i];
	}
	policy = load_all(NULL, NULL, &got, some);
	free(got);
	return policy;
}

static void show(const struct random_policy *text, uint64_t seed,
		 const char *why)
{
	fprintf(stderr, "seed %llu: %s\n", (unsigned long long)seed, why);
	for (size_t i = 0; i < text->n; i++)
		fprintf(stderr, "; --- %zu.ini\n%s", i, text->files[i]);
}

/* Only what other ABIs are admitted for may be beyond one file. */
static void test_random(void **state)
{
	const char *from = getenv("SEED");
	uint64_t seed = from ? strtoull(from, NULL, 10) : 1;
	int refused = 0;

	(void)state;
	for (int n = 0; n < POLICIES; seed++) {
		struct random_policy text;
		struct policy *policy;

		random_policy(&text, seed);
		policy = load_random(&text);
		if (policy) {
			char *why = NULL, *ini = show_ini(policy, &why);

			n++;
			if (!ini && !policy_admits(policy, ABI_X86)) {
				show(&text, seed, why);
				fail();
			}
			refused += !ini;
			free(why);
			free(ini);
			policy_free(policy);
		}
		random_policy_free(&text);
	}
	print_message("%d of %d refused\n", refused, POLICIES);
	assert_true(refused < POLICIES / 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_scratch(test_layers),
		in_scratch(test_quiet),
		in_scratch(test_implicit),
		in_scratch(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
