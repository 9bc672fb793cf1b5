/* A policy that is written and read again has the same effect, for all calls
 * and arguments.
 *
 * SEED=N begins elsewhere; a failure prints the seed and both texts. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "formats/ini_write.h"
#include "load_fixture.h"
#include "random_policy.h"
#include "review/difference.h"

enum { POLICIES = 1000 };

static char *text_of(const struct policy *policy, size_t layer)
{
	char *text = NULL, *why = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (ini_write(out, policy, policy->layers[layer], &why) < 0)
		fail_msg("not written: %s", why);
	fclose(out);
	return text;
}

static void expect_text(const char *ini, const char *expected)
{
	struct policy *policy = load_text(ini);
	char *text = text_of(policy, 0);

	assert_string_equal(text, expected);
	free(text);
	policy_free(policy);
}

static void test_texts(void **state)
{
	(void)state;
	expect_text("[policy]\ndefault = deny\ndescription = a # thing\n"
		    "errno = EACCES\nkernel = 6.1\n"
		    "architectures = native x86\nfinal = yes\n",
		    "[policy]\ndescription = a\ndefault = deny\n"
		    "errno = EACCES\nkernel = 6.1\n"
		    "architectures = x86_64 x86\nfinal = yes\n");
	expect_text("[policy]\ndefault = deny\n[groups]\n"
		    "@mine = read write\n[allow]\nread = always\n"
		    "syscalls = @mine @timer close\n"
		    "ioctl = only if cmd == TCGETS or cmd == FIONREAD\n"
		    "[deny]\n@mine = EACCES if fd == 7\nsocket = EAFNOSUPPORT "
		    "if family == AF_INET\nclone3 = ENOSYS\n"
		    "syscalls = ptrace 600\n[kill]\nreboot = always\n",
		    "[policy]\ndefault = deny\n\n[groups]\n"
		    "@mine = read write\n\n[allow]\n"
		    "syscalls = read @mine @timer close\n"
		    "ioctl = only if cmd in (TCGETS, FIONREAD)\n\n[deny]\n"
		    "syscalls = ptrace 600\n@mine = EACCES if fd == 7\n"
		    "socket = EAFNOSUPPORT if family == AF_INET\n"
		    "clone3 = ENOSYS\n\n[kill]\nsyscalls = reboot\n");
}

/* exit in a list is implicit all the same; alone it is not. */
static void test_implicit(void **state)
{
	(void)state;
	expect_text("[policy]\ndefault = kill\n[deny]\nsyscalls = exit read\n"
		    "exit_group = always\n[kill]\nsyscalls = exit @aio\n",
		    "[policy]\ndefault = kill\n\n[deny]\nsyscalls = exit read\n"
		    "exit_group = always\n\n[kill]\nsyscalls = exit @aio\n");
	expect_text("[policy]\ndefault = kill\n[deny]\nsyscalls = exit exit\n",
		    "[policy]\ndefault = kill\n\n[deny]\nsyscalls = exit exit\n");
}

/* The same register of two calls has two names. */
static void test_group_conditions(void **state)
{
	(void)state;
	expect_text("[policy]\ndefault = deny\n[groups]\n@two = read dup3\n"
		    "[allow]\n@two = if arg0 == 3\n",
		    "[policy]\ndefault = deny\n\n[groups]\n@two = read\n"
		    "@two-2 = dup3\n\n[allow]\n@two = if fd == 3\n"
		    "@two-2 = if oldfd == 3\n");
}

static void test_wrapping(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	ini_write_line(out, "syscalls",
		       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbb "
		       "cccccccccccc dd eeeeeeeeeeeeeee");
	fclose(out);
	assert_string_equal(text,
			    "syscalls = aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa "
			    "bbbbbbbbbbbbbbbbbbbbbbbbbb\n"
			    "\tcccccccccccc dd eeeeeeeeeeeeeee\n");
	free(text);
}

/* A word that no line can hold goes on behind a bar, as conditions may. */
static void test_long_words(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	ini_write_line(out, "clone",
		       "if clone_flags & (CLONE_NEWNS|CLONE_NEWCGROUP|"
		       "CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWUSER|CLONE_NEWPID|"
		       "CLONE_NEWNET) == 0");
	fclose(out);
	assert_string_equal(text,
			    "clone = if clone_flags & (CLONE_NEWNS|"
			    "CLONE_NEWCGROUP|CLONE_NEWUTS|\n"
			    "\tCLONE_NEWIPC|CLONE_NEWUSER|CLONE_NEWPID|"
			    "CLONE_NEWNET) == 0\n");
	free(text);
}

/* ------------------------------------------------------------ there and back */

static void show(const struct random_policy *text, uint64_t seed,
		 char *const *written)
{
	fprintf(stderr, "seed %llu\n", (unsigned long long)seed);
	for (size_t i = 0; i < text->n; i++)
		fprintf(stderr, "; --- %zu.ini\n%s; --- written\n%s", i,
			text->files[i], written[i]);
}

static void compare(const struct policy *a, const struct policy *b,
		    const struct random_policy *text, uint64_t seed,
		    char *const *written)
{
	struct differences found = {0};
	uint32_t call;

	if (differences_find(a, b, &found, &call) < 0 || found.n) {
		show(text, seed, written);
		for (size_t i = 0; i < found.n; i++)
			fprintf(stderr, "%s: %s, written: %s\n",
				found.items[i].what, found.items[i].a,
				found.items[i].b);
		fail();
	}
	differences_free(&found);
}

static const char *const names[2][4] = {{"0.ini", "1.ini", "2.ini"},
					{"w0.ini", "w1.ini", "w2.ini"}};

static struct policy *load_files(char *const *files, size_t n, int which,
				 char **got)
{
	const char *some[4] = {NULL};

	for (size_t i = 0; i < n; i++) {
		write_text(names[which][i], files[i]);
		some[i] = names[which][i];
	}
	return load_all(NULL, NULL, got, some);
}

/* False: the policy contradicts itself, and there is nothing to write. */
static bool try_one(uint64_t seed)
{
	struct random_policy text;
	struct policy *policy, *again = NULL;
	char *written[3] = {NULL}, *got;
	bool good;

	random_policy(&text, seed);
	policy = load_files(text.files, text.n, 0, &got);
	free(got);
	good = policy != NULL;
	for (size_t i = 0; good && i < text.n; i++)
		written[i] = text_of(policy, i);
	if (good) {
		again = load_files(written, text.n, 1, &got);
		if (!again) {
			show(&text, seed, written);
			fail_msg("%s", got);
		}
		free(got);
		compare(policy, again, &text, seed, written);
	}
	for (size_t i = 0; i < text.n; i++)
		free(written[i]);
	policy_free(again);
	policy_free(policy);
	random_policy_free(&text);
	return good;
}

static void test_there_and_back(void **state)
{
	const char *from = getenv("SEED");
	uint64_t seed = from ? strtoull(from, NULL, 10) : 1;

	(void)state;
	for (int n = 0; n < POLICIES; seed++)
		n += try_one(seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_scratch(test_texts),
		in_scratch(test_implicit),
		in_scratch(test_group_conditions),
		cmocka_unit_test(test_wrapping),
		cmocka_unit_test(test_long_words),
		in_scratch(test_there_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
