/* What programs did, read back: just what is there, or nothing at all. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/util.h"
#include "learn/seen_read.h"
#include "seen_fixture.h"

#define ROW(...) "{\"version\": 1, \"counts\": [" __VA_ARGS__ "]}"

static const struct seen_call *seen_find(const struct seen *seen,
					 enum abi_id abi, uint32_t call)
{
	for (size_t i = 0; i < seen->n; i++)
		if (seen->calls[i].abi == abi && seen->calls[i].call == call)
			return &seen->calls[i];
	return NULL;
}

static int read_back(const char *text, size_t n, struct seen *seen, char **why)
{
	struct seen_rows rows = {0};
	int ret = seen_read(text, n, &rows, why);

	for (size_t i = 0; ret == 0 && i < rows.n; i++)
		if (rows.items[i].call.call != CALL_NONE)
			seen_add(seen, &rows.items[i].call);
	seen_rows_free(&rows);
	return ret;
}

static void test_rows(void **state)
{
	static const char text[] =
		"{\"version\": 1, \"mode\": \"learn\", \"denied\": ["
		"{\"syscall\": \"connect\", \"abi\": \"x86_64\", \"number\": 42, "
		"\"hits\": 1, \"first\": {\"args\": []}, \"rule\": null},"
		"{\"syscall\": \"?\", \"abi\": \"unknown\", \"hits\": 1}],"
		"\"counts\": ["
		"{\"syscall\": \"openat\", \"number\": 257, \"abi\": \"x86_64\","
		" \"hits\": 3, \"powers\": [\"write-files\"]},"
		"{\"syscall\": \"ioctl\", \"abi\": \"x86\", \"hits\": 2, "
		"\"values\": [\"TCGETS\", 21523, \"0x1234\"], "
		"\"more_values\": true, \"powers\": [\"device-ioctl\"]},"
		"{\"syscall\": \"462\", \"number\": 462, \"abi\": \"x86_64\", "
		"\"hits\": 9, \"powers\": []},"
		"{\"syscall\": \"-1\", \"number\": -1, \"abi\": \"x86_64\", "
		"\"hits\": 9},"
		"{\"syscall\": \"read\", \"number\": 0, \"abi\": \"x32\", "
		"\"hits\": 9},"
		"{\"syscall\": \"read\", \"hits\": 1},"
		"{\"syscall\": \"execve\", \"hits\": 1, \"powers\": []}]}";
	struct seen seen = {0};
	const struct seen_call *call;
	char *why;

	(void)state;
	assert_int_equal(read_back(text, strlen(text), &seen, &why), 0);
	/* not read(2): what it asked for is not there */
	assert_int_equal(seen.n, 5);
	call = seen_find(&seen, ABI_X86_64, syscall_by_name("openat"));
	assert_int_equal(call->hits, 3);
	assert_int_equal(call->uses.powers, POWER_SET(POWER_WRITE_FILES));
	call = seen_find(&seen, ABI_X86, syscall_by_name("ioctl"));
	assert_int_equal(call->uses.n_values, 3);
	assert_int_equal(call->uses.values[0], 0x1234);
	assert_int_equal(call->uses.values[2], 21523);
	assert_true(call->uses.more_values);
	call = seen_find(&seen, ABI_NATIVE, syscall_by_name("execve"));
	assert_int_equal(call->uses.powers, POWER_SET(POWER_EXEC));
	/* once more */
	assert_int_equal(read_back(text, strlen(text), &seen, &why), 0);
	assert_int_equal(seen.n, 5);
	call = seen_find(&seen, ABI_X86_64, syscall_by_name("openat"));
	assert_int_equal(call->hits, 6);
	seen_release(&seen);
}

static const struct {
	const char *text, *why; /* a part of it */
} hostile[] = {
	{"", "neither a report in JSON"},
	{"[]", "neither a report in JSON"},
	{"null", "neither a report in JSON"},
	{"\"text\"", "neither a report in JSON"},
	{"{", "line 1: "},
	{"{\"version\": 1, \"counts\": [}", "line 1: "},
	{"{}", "no \"version\": 1"},
	{"{\"version\": 2}", "no \"version\": 1"},
	{"{\"version\": \"1\"}", "no \"version\": 1"},
	{"{\"version\": 1.0}", "no \"version\": 1"},
	{"{\"version\": 1, \"version\": 1}", "line 1: duplicate"},
	{"{\"version\": 1, \"counts\": {}}", "counts: no list"},
	{"{\"version\": 1, \"counts\": \"all\"}", "counts: no list"},
	{"{\"version\": 1, \"counts\": null}", "counts: no list"},
	{"{\"version\": 1} x", "line 1: "},
	{"{\"version\": 1, \"denied\": [7]}", "denied[0]: no object"},
	{ROW("7"), "counts[0]: no object"},
	{ROW("[]"), "counts[0]: no object"},
	{ROW("{}"), "counts[0].syscall: no name"},
	{ROW("{\"syscall\": 5, \"hits\": 1}"), "counts[0].syscall: no name"},
	{ROW("{\"syscall\": \"opennat\", \"hits\": 1}"),
	 "counts[0].syscall: no such call: 'opennat'"},
	{ROW("{\"syscall\": \"../../etc/passwd\", \"hits\": 1}"),
	 "counts[0].syscall: no such call"},
	{ROW("{\"syscall\": \"read\\u0000x\", \"hits\": 1}"), "line 1: "},
	{ROW("{\"syscall\": \"@mount\", \"hits\": 1}"), "no such call"},
	{ROW("{\"syscall\": \"\", \"hits\": 1}"), "no such call"},
	{ROW("{\"syscall\": \"4294967295\", \"hits\": 1}"), "no such call"},
	{ROW("{\"syscall\": \"-2\", \"hits\": 1}"), "no such call"},
	{ROW("{\"syscall\": \"read\", \"number\": 1, \"hits\": 1}"),
	 "counts[0].number: not that of the call: 'read'"},
	{ROW("{\"syscall\": \"read\", \"number\": \"0\", \"hits\": 1}"),
	 "counts[0].number: "},
	{ROW("{\"syscall\": \"read\", \"number\": 4294967296, \"hits\": 1}"),
	 "counts[0].number: "},
	{ROW("{\"syscall\": \"read\", \"number\": 99999999999999999999, "
	     "\"hits\": 1}"), "line 1: "},
	{ROW("{\"syscall\": \"read\", \"abi\": 3, \"hits\": 1}"),
	 "counts[0].abi: no name"},
	{ROW("{\"syscall\": \"read\"}"), "counts[0].hits: no count"},
	{ROW("{\"syscall\": \"read\", \"hits\": -1}"), "hits: no count"},
	{ROW("{\"syscall\": \"read\", \"hits\": 1.5}"), "hits: no count"},
	{ROW("{\"syscall\": \"read\", \"hits\": \"many\"}"), "hits: no count"},
	{ROW("{\"syscall\": \"read\", \"hits\": 1, \"powers\": [\"mount\"]}"),
	 "counts[0].powers: no power of the call: 'mount'"},
	{ROW("{\"syscall\": \"openat\", \"hits\": 1, \"powers\": [\"all\"]}"),
	 "powers: no power of the call: 'all'"},
	{ROW("{\"syscall\": \"openat\", \"hits\": 1, \"powers\": [1]}"),
	 "powers: no power of the call"},
	{ROW("{\"syscall\": \"openat\", \"hits\": 1, \"powers\": \"exec\"}"),
	 "powers: no list"},
	{ROW("{\"syscall\": \"read\", \"hits\": 1, \"values\": [1]}"),
	 "values: the call selects nothing"},
	{ROW("{\"syscall\": \"ioctl\", \"hits\": 1, \"values\": {}}"),
	 "values: no list"},
	{ROW("{\"syscall\": \"ioctl\", \"hits\": 1, \"values\": [-1]}"),
	 "values: no value of 32 bits"},
	{ROW("{\"syscall\": \"ioctl\", \"hits\": 1, \"values\": "
	     "[4294967296]}"), "values: no value of 32 bits"},
	{ROW("{\"syscall\": \"ioctl\", \"hits\": 1, \"values\": "
	     "[\"0x1ffffffff\"]}"), "values: no value of 32 bits"},
	{ROW("{\"syscall\": \"ioctl\", \"hits\": 1, \"values\": [\"TCNO\"]}"),
	 "values: no value of 32 bits: 'TCNO'"},
	{ROW("{\"syscall\": \"ioctl\", \"hits\": 1, \"values\": [[1]]}"),
	 "values: no value of 32 bits"},
	/* good rows before it are left out, too */
	{ROW("{\"syscall\": \"read\", \"hits\": 1}, 7"),
	 "counts[1]: no object"},
};

static void assert_refused(const char *text, const char *part)
{
	struct seen seen = see("getpid");
	char *why = NULL;

	if (read_back(text, strlen(text), &seen, &why) == 0)
		fail_msg("%s was accepted", text);
	if (!strstr(why, part))
		fail_msg("%s:\n%s", text, why);
	assert_null(strchr(why, '\n'));
	assert_int_equal(seen.n, 1);
	free(why);
	seen_release(&seen);
}

static void test_hostile(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++)
		assert_refused(hostile[i].text, hostile[i].why);
}

/* head, then part so many times, then tail. */
static void assert_many_refused(const char *head, const char *part, size_t n,
				const char *tail, const char *why)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fputs(head, out);
	for (size_t i = 0; i < n; i++)
		fputs(part, out);
	fputs(tail, out);
	fclose(out);
	assert_refused(text, why);
	free(text);
}

static void assert_args_cut(void)
{
	const char *text =
		"{\"version\": 1, \"denied\": [{\"syscall\": \"read\", "
		"\"hits\": 1, \"first\": {\"args\": [\"1\", \"2\", "
		"\"3\", \"4\", \"5\", \"6\", \"7\"]}}]}";
	struct seen_rows rows = {0};
	char *why;

	assert_int_equal(seen_read(text, strlen(text), &rows, &why), 0);
	assert_string_equal(rows.items[0].first, "read(1, 2, 3, 4, 5, 6)");
	seen_rows_free(&rows);
}

static void test_limits(void **state)
{
	struct seen seen = {0};
	char *why;

	(void)state;
	assert_many_refused("{\"version\": 1, \"x\": ", "[", 100000, "",
			    "line 1: ");
	assert_many_refused("{\"version\": 1, \"counts\": [7", ",7", 10000,
			    "]}", "counts: too long");
	assert_many_refused("{\"version\": 1, \"counts\": [{\"syscall\": "
			    "\"ioctl\", \"hits\": 1, \"values\": [1",
			    ",1", 64, "]}]}", "values: too many");
	/* of calls of six arguments */
	assert_args_cut();
	/* NUL behind the end */
	assert_int_equal(read_back("{\"version\": 1}\0x", 16, &seen, &why), -1);
	free(why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
