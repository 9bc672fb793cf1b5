/* Unit files of systemd, as far as a drop-in needs them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "formats/unitfile.h"

/* The commands of text's ExecStart= as "PREFIX|PATH|ARGV0|REST", a line each. */
static char *commands_of(const char *text, const char *skip)
{
	struct unit unit = {0};
	char *all = xstrdup("");

	unit_parse(&unit, text, skip);
	for (size_t i = 0; i < unit.n_commands; i++) {
		const struct unit_command *c = &unit.commands[i];
		char *more = xasprintf("%s%s|%s|%s|%s\n", all, c->prefix,
				       c->path, c->argv0 ? c->argv0 : "",
				       c->rest);

		free(all);
		all = more;
	}
	unit_free(&unit);
	return all;
}

static void gives(const char *service, const char *wanted)
{
	cleanup_free char *text = xasprintf("[Service]\n%s\n", service);
	cleanup_free char *got = commands_of(text, NULL);

	assert_string_equal(got, wanted);
}

static void test_commands(void **state)
{
	(void)state;
	gives("ExecStart=/bin/a", "|/bin/a||\n");
	gives("ExecStart = /bin/a -g 'daemon on; x'  ",
	      "|/bin/a|| -g 'daemon on; x'\n");
	gives("ExecStart=-+/bin/a b", "-+|/bin/a|| b\n");
	gives("ExecStart=!!:/bin/a $X %i", "!!:|/bin/a|| $X %i\n");
	gives("ExecStart=@/bin/a name b c", "@|/bin/a|name| b c\n");
	gives("ExecStart=-@\"/opt/a b\" 'n m' c",
	      "-@|\"/opt/a b\"|'n m'| c\n");
	gives("ExecStart=/bin/a \"x \\\" ; y\" ; /bin/b",
	      "|/bin/a|| \"x \\\" ; y\"\n|/bin/b||\n");
	gives("ExecStart=/bin/a \\; b", "|/bin/a|| \\; b\n");
	gives("ExecStart=/bin/a;b", "|/bin/a;b||\n");
}

static void test_several(void **state)
{
	(void)state;
	gives("Type=oneshot\nExecStart=/bin/a\nExecStart=-/bin/b 1",
	      "|/bin/a||\n-|/bin/b|| 1\n");
	gives("ExecStart=/bin/a\nExecStart=\nExecStart=/bin/b", "|/bin/b||\n");
	gives("ExecStart=/bin/a\nExecStart=", "");
	gives("ExecStartPre=/bin/a\n#ExecStart=/bin/b\n;ExecStart=/bin/c", "");
}

static void test_continued_lines(void **state)
{
	(void)state;
	gives("ExecStart=/bin/a \\\n  -b \\\n  c", "|/bin/a||    -b    c\n");
	gives("X=two \\\\\nExecStart=/bin/a", "|/bin/a||\n");
	gives("X=three \\\\\\\nExecStart=/bin/a", "");
}

static void test_comments_between_continued_lines(void **state)
{
	(void)state;
	gives("ExecStart=/bin/a \\\n# no \\\n; no\n-b", "|/bin/a||  -b\n");
	gives("# ExecStart=/bin/a \\\nExecStart=/bin/b", "|/bin/b||\n");
	gives("ExecStart=/bin/a \\", "|/bin/a||\n");
	gives("# /etc/a.conf\nExecStart=/bin/a", "|/bin/a||\n");
}

static void test_lines(void **state)
{
	struct unit unit = {0};

	(void)state;
	unit_parse(&unit, "\n[Service]\nA=1\nB=2 \\\n# no\n \\\n3\nC=4", NULL);
	assert_int_equal(unit.n, 3);
	assert_int_equal(unit.items[0].line, 3);
	assert_int_equal(unit.items[1].line, 4);
	assert_int_equal(unit.items[2].line, 8);
	assert_string_equal(unit.items[1].value, "2    3");
	unit_free(&unit);
}

static void test_sections(void **state)
{
	cleanup_free char *got = commands_of(
		"ExecStart=/bin/0\n[Unit]\nExecStart=/bin/1\n[Service]\n"
		"ExecStart=/bin/2\n[Install]\nExecStart=/bin/3\n", NULL);

	(void)state;
	assert_string_equal(got, "|/bin/2||\n");
}

/* As `systemctl cat` prints it. */
static const char cat[] =
	"# /lib/systemd/system/x.service\n[Service]\nType=notify\n"
	"ExecStart=/bin/x\n\n"
	"# /etc/systemd/system/x.service.d/a.conf\n[Service]\n"
	"ExecStart=\nExecStart=/bin/x -v\nNotifyAccess=\n\n"
	"# /etc/systemd/system/x.service.d/sandbox.conf\n[Service]\n"
	"ExecStart=\nExecStart=/usr/bin/sandbox -p p -- /bin/x -v\n"
	"# /etc/systemd/system/x.service.d/z.conf\n[Service]\nType=exec\n";

static void test_skips_an_older_dropin(void **state)
{
	cleanup_free char *all = commands_of(cat, NULL);
	cleanup_free char *without = commands_of(cat, "/sandbox.conf");

	(void)state;
	assert_non_null(strstr(all, "/usr/bin/sandbox"));
	assert_string_equal(without, "|/bin/x|| -v\n");
}

static void test_values(void **state)
{
	struct unit unit = {0};

	(void)state;
	unit_parse(&unit, cat, "/sandbox.conf");
	assert_string_equal(unit_value(&unit, "Type"), "exec");
	assert_null(unit_value(&unit, "NotifyAccess")); /* set back */
	assert_null(unit_value(&unit, "User"));
	unit_free(&unit);
}

static void word_is(const char *word, bool expands, const char *wanted)
{
	cleanup_free char *got = unit_word(word, expands);

	assert_string_equal(got, wanted);
}

static void test_words(void **state)
{
	(void)state;
	word_is("/usr/bin/sandbox", true, "/usr/bin/sandbox");
	word_is("/a b", true, "\"/a b\"");
	word_is("50%", true, "50%%");
	word_is("$x", true, "$$x");
	word_is("$x", false, "$x");
	word_is("a\"b\\c", true, "\"a\\\"b\\\\c\"");
	word_is(";", true, "\";\"");
	word_is("", true, "\"\"");
	word_is("a\nb\x7f\t\xff", true, "\"a\\x0ab\\x7f\\x09\\xff\"");
	word_is("\302\233\303\251\342\200\256", true,
		"\"\\xc2\\x9b\303\251\\xe2\\x80\\xae\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_continued_lines),
		cmocka_unit_test(test_comments_between_continued_lines),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_sections),
		cmocka_unit_test(test_skips_an_older_dropin),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
