/* What `diff` says of two policies. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "load_fixture.h"
#include "review/difference.h"

/* Every difference as lines: "socket: A | B" and " SAMPLE: A | B". */
static char *compared(const struct policy *a, const struct policy *b)
{
	struct differences differences = {0};
	char *text = NULL, left[32], right[32];
	uint32_t call;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(differences_find(a, b, &differences, &call), 0);
	for (size_t i = 0; i < differences.n; i++) {
		const struct difference *row = &differences.items[i];

		fprintf(out, "%s: %s | %s\n", row->what, row->a, row->b);
		for (size_t j = 0; j < row->n_classes; j++)
			fprintf(out, " %s: %s | %s\n", row->classes[j].sample,
				effect_text(row->classes[j].a, left),
				effect_text(row->classes[j].b, right));
	}
	fclose(out);
	differences_free(&differences);
	return text;
}

static void expect(const char *a, const char *b, const char *expected)
{
	struct policy *in_a, *in_b;
	char *got;

	write_text("a.ini", a);
	write_text("b.ini", b);
	in_a = must_load(NULL, NULL, NAMES("a.ini"));
	in_b = must_load(NULL, NULL, NAMES("b.ini"));
	got = compared(in_a, in_b);
	assert_text(got, expected);
	free(got);
	policy_free(in_a);
	policy_free(in_b);
}

static void test_same_in_effect(void **state)
{
	(void)state;
	expect(HEAD "[allow]\nsyscalls = @sync read\n",
	       "; other words\n[policy]\nerrno = EPERM\ndefault = deny\n"
	       "[allow]\nsyscalls = read sync syncfs fsync fdatasync msync\n"
	       "syscalls = sync_file_range\n[deny]\nsyscalls = mount\n", "");
	/* != and ranges against the other way round */
	expect(HEAD "[allow]\nlisten = if backlog >= 3 and backlog <= 5\n",
	       HEAD "[allow]\nlisten = if not (backlog < 3 or backlog > 5)\n",
	       "");
	expect(HEAD "[allow]\nlisten = if backlog in (3..5)\n",
	       HEAD "[allow]\nlisten = if backlog in (3, 4, 5)\n", "");
}

static void test_calls(void **state)
{
	(void)state;
	expect(HEAD "[allow]\nsyscalls = read\n[kill]\nsyscalls = mount\n",
	       HEAD "[allow]\nsyscalls = write\n[deny]\nmount = EACCES\n",
	       "mount: kill | deny EACCES\n"
	       "read: allow | deny EPERM\n"
	       "write: deny EPERM | allow\n");
	/* a log is no allow */
	expect(HEAD "[allow]\nsyscalls = read\n",
	       HEAD "[log]\nsyscalls = read\n", "read: allow | log\n");
	expect(HEAD "[allow]\nsyscalls = 600\n", HEAD,
	       "600: allow | deny ENOSYS\n");
	expect(HEAD "[allow]\nsyscalls = 600\n",
	       HEAD "[allow]\nsyscalls = 600\n", "");
}

static void test_arguments(void **state)
{
	(void)state;
	expect(HEAD "[allow]\nsocket = if family == AF_UNIX\n",
	       HEAD "[allow]\nsyscalls = socket\n",
	       "socket: allow if family == AF_UNIX, else deny EPERM | allow\n"
	       " socket(AF_INET, _, _): deny EPERM | allow\n");
	/* only what differs is told */
	expect(HEAD "[deny]\nlisten = EACCES if backlog > 9\n"
	       "[allow]\nlisten = if backlog > 5\n",
	       HEAD "[deny]\nlisten = EIO if backlog > 9\n"
	       "[allow]\nlisten = if backlog > 6\n",
	       "listen: deny EACCES if backlog > 9, allow if backlog > 5, "
	       "else deny EPERM | deny EIO if backlog > 9, allow if backlog "
	       "> 6, else deny EPERM\n"
	       " listen(_, 10): deny EACCES | deny EIO\n"
	       " listen(_, 6): allow | deny EPERM\n");
	expect(HEAD "[allow]\nopenat = if flags & O_WRITES == 0\n",
	       HEAD "[allow]\nopenat = if flags & (O_WRONLY|O_RDWR) == 0\n",
	       "openat: allow if flags & O_WRITES == 0, else deny EPERM | "
	       "allow if flags & O_ACCMODE == O_RDONLY, else deny EPERM\n"
	       " openat(_, _, O_RDONLY|O_CREAT, _): deny EPERM | allow\n");
}

static void test_settings(void **state)
{
	(void)state;
	expect(HEAD "architectures = native x86\nforeign = deny\n", HEAD,
	       "foreign ABIs: deny EPERM | kill\n"
	       "all calls of x86: admitted | kill\n");
	expect(HEAD "privileges = keep\n", HEAD,
	       "privileges: keep | drop\n");
	expect(HEAD "speculation = allow\n", HEAD "speculation = default\n",
	       "speculation: allow | mitigate\n");
	expect(HEAD "architectures = native x86\n[allow]\nsyscalls = stime\n",
	       HEAD "architectures = native x86\n",
	       "stime (x86): allow | deny EPERM\n");
}

static void test_numbers(void **state)
{
	struct policy *a, *b;
	char *got;

	(void)state;
	write_text("a.ini", HEAD);
	write_text("b.ini", "[policy]\ndefault = kill\n");
	a = must_load(NULL, NULL, NAMES("a.ini"));
	b = must_load(NULL, NULL, NAMES("b.ini"));
	got = compared(a, b);
	assert_non_null(strstr(got, "\nread: deny EPERM | kill\n"));
	assert_non_null(strstr(
		got, "\nnumbers without a name: deny EPERM | kill\n"));
	/* newer calls are ENOSYS in both */
	assert_null(strstr(got, "numbers above"));
	assert_null(strstr(got, "openat2"));
	free(got);
	policy_free(b);
	write_text("b.ini", "[policy]\ndefault = allow\n");
	b = must_load(NULL, NULL, NAMES("b.ini"));
	got = compared(a, b);
	assert_non_null(strstr(
		got, "\nnumbers above the last name: deny ENOSYS | allow\n"));
	free(got);
	policy_free(a);
	policy_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_scratch(test_same_in_effect),
		in_scratch(test_calls),
		in_scratch(test_arguments),
		in_scratch(test_settings),
		in_scratch(test_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
