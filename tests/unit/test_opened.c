/* The powers that a policy leaves open, by effect. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "load_fixture.h"
#include "review/survey.h"

/* "write-files: openat; unknown-calls:" */
static void expect(const char *ini, const char *expected)
{
	struct policy *policy = load_text(ini);
	struct open_power opened[POWER_COUNT];
	char *text = NULL, buf[16];
	size_t size;
	FILE *out = open_memstream(&text, &size);

	opened_find(policy, opened);
	for (int p = 0; p < POWER_COUNT; p++) {
		if (!opened[p].open)
			continue;
		fprintf(out, "%s:", power_name(p));
		for (size_t i = 0; i < opened[p].calls.n; i++)
			fprintf(out, " %s",
				syscall_name(opened[p].calls.items[i], buf));
		fputs("; ", out);
	}
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
	opened_free(opened);
	policy_free(policy);
}

static void test_harmless(void **state)
{
	(void)state;
	expect(HEAD, "");
	expect(HEAD "[allow]\nsyscalls = read write @timer fstat\n", "");
	expect(HEAD "[allow]\nopenat = if flags & O_WRITES == 0\n"
		    "mmap = if prot & PROT_EXEC == 0\n"
		    "ioctl = if cmd in (TCGETS, FIONREAD)\n"
		    "socketpair = if family == AF_UNIX\n", "");
}

static void test_some_arguments(void **state)
{
	(void)state;
	expect(HEAD "[allow]\nopenat = if flags & O_TRUNC != 0\n",
	       "write-files: openat; ");
	expect(HEAD "[allow]\nsocket = if family == AF_INET\n",
	       "socket-tcp: socket; socket-udp: socket; socket-raw: socket; "
	       "socket-other: socket; ");
	expect(HEAD "[allow]\nsocket = if family == AF_INET and type & 15 == "
		    "SOCK_STREAM\n", "socket-tcp: socket; ");
	expect(HEAD "[allow]\nioctl = if cmd in (TIOCSTI, TIOCGWINSZ)\n",
	       "terminal-input: ioctl; ");
	/* open is what runs for some arguments */
	expect(HEAD "[allow]\nsyscalls = execve execveat\n[deny]\n"
		    "execveat = if flags == 0\n",
	       "exec: execve execveat; ");
}

static void test_numbers_without_a_name(void **state)
{
	(void)state;
	expect(HEAD "[allow]\nsyscalls = 500\n", "unknown-calls: 500; ");
	expect("[policy]\ndefault = allow\n[deny]\nsyscalls = @known\n",
	       "unknown-calls:; ");
}

/* i386's mmap has its arguments in memory, so nobody can tell. */
static void test_other_abi(void **state)
{
	(void)state;
	expect("[policy]\ndefault = deny\narchitectures = native x86\n"
	       "[allow]\nsyscalls = mmap\n", "write-exec: mmap; ");
	expect("[policy]\ndefault = deny\narchitectures = native x86\n"
	       "[allow]\nmmap2 = if prot & PROT_WRITE == 0\n", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_scratch(test_harmless),
		in_scratch(test_some_arguments),
		in_scratch(test_numbers_without_a_name),
		in_scratch(test_other_abi),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
