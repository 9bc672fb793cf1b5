/* What is said to write instead of a word that is not understood. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "base/util.h"
#include "formats/spelling.h"
#include "tables/group.h"
#include "tables/alias.h"
#include "tables/syscall.h"

struct pair {
	const char *word, *advice; /* NULL: none */
};

static void check(char *got, const struct pair *pair)
{
	if (!got != !pair->advice || (got && !streq(got, pair->advice)))
		fail_msg("%s: got \"%s\", wanted \"%s\"", pair->word,
			 got ? got : "nothing",
			 pair->advice ? pair->advice : "nothing");
	free(got);
}

static const struct pair calls[] = {
	{"pread", "did you mean 'pread64'?"},
	{"READ", "did you mean 'read'?"},
	{"newuname", "did you mean 'uname'?"},
	{"sys_openat", "did you mean 'openat'?"},
	{"__NR_read", "did you mean 'read'?"},
	{"SYS_read", "did you mean 'read'?"},
	{"__x64_sys_mmap", "did you mean 'mmap'?"},
	{"\"read\"", "did you mean 'read'?"},
	{"'read'", "did you mean 'read'?"},
	{"'@clock'", "did you mean '@clock'?"},
	{"read()", "did you mean 'read'?"},
	{"read(2)", "did you mean 'read'?"},
	{"read;", "did you mean 'read'?"},
	{"read:EPERM", "write 'read = EPERM' under [deny]"},
	{"READ:eperm", "write 'read = EPERM' under [deny]"},
	{"read=13", "write 'read = 13' under [deny]"},
	{"read:nonsense", NULL},
	{"~@clock", "to deny @clock, write it under [deny]"},
	{"!read", "to deny read, write it under [deny]"},
	{"clock", "did you mean '@clock'?"},
	{"reed", "did you mean 'read'?"},
	{"SYS_reed", "did you mean 'read'?"},
	{"\\", "an indented line continues without '\\'"},
	{"write\\", "an indented line continues without '\\'"},
	{"fopen", "did you mean '@open'?"},
	{"xyzzyq", NULL},
	{"~", NULL},
	{"''", NULL},
};

static const struct pair numbers[] = {
	{"0o6000", "write 06000"}, {"0b101", "write 0x5"},
	{"1_000", "write 1000"},   {"3u", "write 3"},
	{"3UL", "write 3"},	   {"4k", "write 4096"},
	{"2MiB", "write 2097152"}, {"99999999999999999999", NULL},
	{"9999999999999g", NULL},  {"0o9", NULL},
	{"0x", NULL},		   {"12monkeys", NULL},
};

static const struct pair symbols[] = {
	{"INT_MAX", "write 0x7fffffff"},
	{"SIZE_MAX", "write 0xffffffffffffffff"},
	{"af_unix", "did you mean 'AF_UNIX'?"},
	{"AF_UNX", "did you mean 'AF_UNIX'?"},
	{"null", "did you mean 'NULL'?"},
	{"XYZZYQ", NULL},
};

/* Under [deny]. */
static const struct pair values[] = {
	{"", "write 'always'"},
	{"yes", "write 'always'"},
	{"Always", "write 'always'"},
	{"deny", "write 'always'"},
	{"allow", "write 'always' under [allow]"},
	{"eperm", "write 'EPERM'"},
	{"-EPERM", "write 'EPERM'"},
	{"eperm if fd == 3", "write 'EPERM if fd == 3'"},
	{"IF fd == 3", "write 'if fd == 3'"},
	{"fd == 3", "write 'if fd == 3'"},
	{"fd in (3, 4)", "write 'if fd in (3, 4)'"},
	{"mode & 3 == 0", "write 'if mode & 3 == 0'"},
	{"'always'", "write it without quotes"},
	{"when fd", NULL},
};

static void test_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		check(spelling_of_call(calls[i].word), &calls[i]);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		check(spelling_of_number(numbers[i].word), &numbers[i]);
	for (size_t i = 0; i < ARRAY_SIZE(symbols); i++)
		check(spelling_of_symbol(symbols[i].word), &symbols[i]);
	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		check(spelling_of_value(values[i].word, "deny"), &values[i]);
}

static const struct {
	const char *section;
	struct pair pair;
} lines[] = {
	{"allow", {"read", "write 'syscalls = read'"}},
	{"allow", {"read @write", "write 'syscalls = read @write'"}},
	{"deny", {"read EPERM", "write 'read = EPERM'"}},
	{"allow", {"read EPERM", "write 'read = EPERM' under [deny]"}},
	{"kill", {"read always", "write 'read = always'"}},
	{"allow", {"syscalls += read", "write 'syscalls =' once more: lists add "
				       "up"}},
	{"allow", {"syscalls: read", "write 'syscalls =' with '=' for ':'"}},
	{"policy", {"read", NULL}},
	{NULL, {"read", NULL}},
};

static void test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		check(spelling_of_line(lines[i].pair.word, lines[i].section),
		      &lines[i].pair);
}

/* What is advised is there, and what is replaced is not. */
static void check_libc(const char *list)
{
	char name[32], write[32], before[32] = "", found[WORDS_VALUE];

	for (int n; sscanf(list, " %31[^=]=%31s%n", name, write, &n) == 2;
	     list += n) {
		if (strcmp(before, name) >= 0)
			fail_msg("%s is out of order", name);
		if (syscall_by_name(name) != CALL_NONE)
			fail_msg("%s is a call", name);
		if (syscall_by_name(write) == CALL_NONE && !group_find(write))
			fail_msg("%s: there is no %s", name, write);
		assert_true(libcname_find(name, found));
		assert_string_equal(found, write);
		strcpy(before, name);
	}
	assert_true(*before);
}

static void test_libc_names(void **state)
{
	char found[WORDS_VALUE];

	(void)state;
#define LIBC(list) check_libc(list);
#define FOREIGN(list)
#define NATIVE(...)
#include "tables/alias.def"
	assert_false(libcname_find("", found));
	assert_false(libcname_find("abort=tgkill", found));
	assert_false(libcname_find("abor", found));
	assert_false(libcname_find("tgkill", found));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_libc_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
