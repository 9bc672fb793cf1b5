/* The report as text: table, advice, colour and width on a terminal, live
 * lines. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <pty.h>
#include <termios.h>

#include "report_fixture.h"

static struct layer final_layer = {
	.settings[SET_FINAL].value = FINAL_YES};
static struct rule call_rule = {.action = ACTION_DENY,
				.at = {"policies/web.ini", 9},
				.layer = &plain_layer};
static struct rule typed_rule = {.action = ACTION_DENY,
				 .at = {"command line", 0},
				 .layer = &plain_layer};
static struct rule final_rule = {.action = ACTION_DENY,
				 .at = {"site.ini", 3},
				 .layer = &final_layer};

/* Seen in the first second, however slow the machine is. */
static void forget_hundredths(char *text)
{
	while ((text = strstr(text, " s  ")))
		memcpy(text++ - 2, "00", 2);
}

/* Stands last, where amend can write what is proposed. */
#define AMEND                                                                  \
	"Or, with a report by -r REPORT --format json:  "                      \
	"sandbox amend policies/web.ini REPORT"

static void the_whole_text(void **state)
{
	struct run_info run = a_run();
	struct tally *tally = new_tally();
	cleanup_free char *text = NULL, *expected = NULL;
	int pid = getpid();

	(void)state;
	hit(tally, SYS_getuid, by_default, 1);
	hit(tally, SYS_getppid, by_rule(&group_rule), 38);
	hit(tally, 462, by_new, 2);
	text = rendered("text", &run, tally);
	forget_hundredths(text);
	expected = xasprintf(
		"sandbox: 3 system calls denied 41 times in 2.13 s: "
		"nginx (exit 0), policies/web.ini\n"
		"  hits  call     answer  by%*s  rule              first seen\n"
		"    38  getppid  EPERM   nginx[%d]  web.ini:14 @open  "
		"0.00 s  getppid()\n"
		"     2  mseal    ENOSYS  nginx[%d]  newer call        "
		"0.00 s  mseal(0, 0, 0)\n"
		"     1  getuid   EPERM   nginx[%d]  default           "
		"0.00 s  getuid()\n"
		"To allow them, add under [allow] in web.ini:  "
		"syscalls = getppid mseal getuid\n" AMEND "\n",
		snprintf(NULL, 0, "nginx[%d]", pid) - 2, "", pid, pid, pid);
	assert_string_equal(text, expected);
	tally_free(tally);
}

static void headline_of(const char *expected, const struct run_info *run,
			int calls, int times)
{
	struct tally *tally = new_tally();
	cleanup_free char *text = NULL;

	for (int i = 0; i < calls; i++)
		hit(tally, SYS_getppid - (uint32_t)i, by_default,
		    i ? 1 : times);
	text = rendered("text", run, tally);
	*strchr(text, '\n') = '\0';
	assert_string_equal(text, expected);
	tally_free(tally);
}

static void headlines(void **state)
{
	struct run_info run = a_run();
	const char *two[] = {"a.ini", "b.ini"};

	(void)state;
	headline_of("sandbox: no system call was denied in 2.13 s: "
		    "nginx (exit 0), policies/web.ini", &run, 0, 0);
	headline_of("sandbox: 1 system call denied 1 time in 2.13 s: "
		    "nginx (exit 0), policies/web.ini", &run, 1, 1);
	run.policies = two;
	run.n_policies = 2;
	run.wait_status = 3 << 8;
	headline_of("sandbox: 1 system call denied 2 times in 2.13 s: "
		    "nginx (exit 3), a.ini, b.ini", &run, 1, 2);
	run.wait_status = SIGSYS | 0x80;
	run.n_policies = 0;
	headline_of("sandbox: 2 system calls denied 2 times in 2.13 s: "
		    "nginx (killed by SIGSYS)", &run, 2, 1);
	run.ended = false;
	run.gone = true;
	run.kills_unseen = true;
	headline_of("sandbox: no system call was seen to be denied in 2.13 s: "
		    "nginx (ended, status unknown)", &run, 0, 0);
	run.gone = false;
	run.mode = RUN_PERMISSIVE;
	run.permissive = true;
	headline_of("sandbox: 1 system call allowed against the policy 1 time "
		    "in 2.13 s: nginx (still running)", &run, 1, 1);
}

/* One call under two rules is one call, and is named once. */
static void calls_are_counted_once(void **state)
{
	struct run_info run = a_run();
	struct tally *tally = new_tally();
	cleanup_free char *text = NULL;

	(void)state;
	hit(tally, SYS_getppid, by_default, 3);
	hit(tally, SYS_getppid, by_new, 2);
	text = rendered("text", &run, tally);
	contains(text, "1 system call denied 5 times");
	contains(text, "syscalls = getppid\n");
	tally_free(tally);
}

/* The last line before AMEND; *amends: was that there? */
static char *advice_for(struct verdict verdict, uint32_t arch, uint32_t nr,
			size_t n_policies, bool *amends)
{
	struct run_info run = a_run();
	struct tally *tally = new_tally();
	struct event event = {
		.tid = getpid(), .audit_arch = arch, .nr = nr, .ip = 1};
	char *text, *advice;

	run.n_policies = n_policies;
	tally_denied(tally, &event, &verdict, false, NULL);
	text = rendered("text", &run, tally);
	*strrchr(text, '\n') = '\0';
	*amends = streq(strrchr(text, '\n') + 1, AMEND);
	if (*amends)
		*strrchr(text, '\n') = '\0';
	advice = xstrdup(strrchr(text, '\n') + 1);
	free(text);
	tally_free(tally);
	return advice;
}

static void advice(void **state)
{
	const struct {
		struct verdict verdict;
		uint32_t arch, nr;
		size_t n_policies;
		const char *expected;
	} rows[] = {
		{by_default, abis[ABI_NATIVE].audit_arch, SYS_getppid, 1,
		 "To allow them, add under [allow]:  syscalls = getppid"},
		{by_default, abis[ABI_NATIVE].audit_arch, SYS_getppid, 0,
		 "To allow them:  --allow getppid"},
		{by_new, abis[ABI_NATIVE].audit_arch, 9999, 1,
		 "To allow them (opens: calls that sandbox has no name for), add under "
		 "[allow]:  syscalls = 9999"},
		{by_rule(&group_rule), abis[ABI_NATIVE].audit_arch, SYS_getppid, 1,
		 "To allow them, add under [allow] in web.ini:  "
		 "syscalls = getppid"},
		{by_rule(&call_rule), abis[ABI_NATIVE].audit_arch, SYS_getppid, 1,
		 "To allow them, change web.ini:9, or add an outer layer:  "
		 "--allow getppid"},
		{by_rule(&typed_rule), abis[ABI_NATIVE].audit_arch, SYS_getppid, 1,
		 "To allow them, leave them out of --deny:  getppid"},
		{by_rule(&final_rule), abis[ABI_NATIVE].audit_arch, SYS_getppid, 1,
		 "To allow them, change site.ini:3 (in a final layer, which no "
		 "other file can undo):  getppid"},
		{by_foreign, AUDIT_ARCH_I386, 20, 1,
		 "To admit their ABI, set under [policy]:  "
		 "architectures = native x86   (for getpid@x86)"},
		{by_foreign, AUDIT_ARCH_X86_64, X32_BIT | 110, 1,
		 "No policy can allow them; build the program for another "
		 "ABI:  getppid@x32"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *expected = rows[i].expected;
		bool amends;
		cleanup_free char *line =
			advice_for(rows[i].verdict, rows[i].arch, rows[i].nr,
				   rows[i].n_policies, &amends);

		assert_string_equal(line, expected);
		assert_int_equal(amends, rows[i].n_policies &&
				 (strstr(expected, "[allow]") ||
				  strstr(expected, "outer layer")));
	}
}

static void long_advice_is_whole(void **state)
{
	struct run_info run = a_run();
	struct tally *tally = new_tally();
	cleanup_free char *text = NULL;

	(void)state;
	for (uint32_t nr = 9000; nr < 9025; nr++)
		hit(tally, nr, by_default, 1);
	text = rendered("text", &run, tally);
	contains(text, "syscalls = 9000 9001 ");
	contains(text, " 9019 9020 9021 9022 9023 9024\n");
	tally_free(tally);
}

static void hits_of_several_processes(void **state)
{
	struct run_info run = a_run();
	struct tally *tally = new_tally();
	pid_t pids[9];
	cleanup_free char *text = NULL, *expected = NULL, *by = NULL;

	(void)state;
	for (int i = 0; i < 9; i++) {
		pids[i] = sleeper(i ? "sh" : "\033[2Jx");
		hit_by(tally, pids[i], SYS_getppid, by_default, i == 8 ? 30 : 1);
	}
	text = rendered("text", &run, tally);
	by = xasprintf("  \\x1b[2Jx[%d] +8  default", pids[0]);
	contains(text, by);
	expected = xasprintf("        by sh[%d] 30, \\x1b[2Jx[%d] 1, sh[%d] 1, ",
			     pids[8], pids[0], pids[1]);
	contains(text, expected);
	contains(text, ", +3 more\n");
	for (int i = 0; i < 9; i++)
		end(pids[i]);
	tally_free(tally);
}

static void foreign_and_killed(void **state)
{
	struct run_info run = a_run();
	struct tally *tally = new_tally();
	struct event event = {.tid = getpid(),
			      .audit_arch = AUDIT_ARCH_I386,
			      .nr = 20,
			      .killed = true};
	cleanup_free char *text = NULL;

	(void)state;
	tally_denied(tally, &event, &by_foreign, false, NULL);
	event.audit_arch = AUDIT_ARCH_X86_64;
	event.nr = X32_BIT | 110; /* getppid */
	tally_denied(tally, &event, &by_foreign, false, NULL);
	tally_denied(tally, &event, &by_default, true, NULL);
	text = rendered("text", &run, tally);
	contains(text, "getpid@x86   kill ");
	contains(text, "getppid@x32  kill ");
	contains(text, "foreign ABI");
	contains(text, "getppid@x32  allowed ");
	tally_free(tally);
}

static void earlier_filters_are_mentioned(void **state)
{
	struct run_info run = a_run();
	struct tally *tally = new_tally();
	cleanup_free char *none = rendered("text", &run, tally), *two = NULL;

	(void)state;
	lacks(none, "in force");
	run.earlier_filters = 2;
	two = rendered("text", &run, tally);
	contains(two, "2 seccomp filters were in force before sandbox");
	tally_free(tally);
}

static void counts_as_text(void **state)
{
	struct run_info run = a_run();
	struct tally *tally = new_tally();
	cleanup_free char *plain = NULL, *both = NULL;

	(void)state;
	run.mode = RUN_COUNT;
	run.n_policies = 0;
	for (int i = 0; i < 12345; i++)
		tally_count(tally, abis[ABI_NATIVE].audit_arch, SYS_read);
	tally_count(tally, AUDIT_ARCH_I386, 4);
	plain = rendered("text", &run, tally);
	assert_string_equal(
		plain,
		"sandbox: 2 system calls made 12346 times in 2.13 s: "
		"nginx (exit 0)\n"
		"   hits  call\n"
		"  12345  read\n"
		"      1  write@x86\n"
		"  12346  total\n");
	hit(tally, SYS_getppid, by_default, 2);
	both = rendered("text", &run, tally);
	contains(both, "1 system call denied 2 times");
	contains(both, "2 system calls made 12346 times");
	tally_free(tally);
}

/* What a terminal of the given width would get. */
static char *on_terminal(unsigned short columns, const struct run_info *run,
			 struct tally *tally)
{
	struct winsize size = {.ws_row = 24, .ws_col = columns};
	struct termios raw;
	int master, slave;
	char *text = xcalloc(1, 65536);
	size_t got = 0;
	ssize_t n;
	FILE *out;

	assert_int_equal(openpty(&master, &slave, NULL, NULL, &size), 0);
	tcgetattr(slave, &raw);
	cfmakeraw(&raw);
	tcsetattr(slave, TCSANOW, &raw);
	out = fdopen(slave, "w");
	report_format_find("text")->write(out, run, tally);
	fclose(out);
	/* it comes in pieces; EIO is its end */
	while ((n = read(master, text + got, 65535 - got)) > 0)
		got += (size_t)n;
	assert_true(got > 0);
	close(master);
	return text;
}

static void colour_and_width_on_a_terminal_only(void **state)
{
	struct run_info run = a_run();
	struct tally *tally = new_tally();
	cleanup_free char *wide = NULL, *narrow = NULL, *plain = NULL;
	cleanup_free char *dumb = NULL, *memory = NULL, *cut = NULL;
	const char *line;

	(void)state;
	hit(tally, SYS_getppid, by_default, 1);
	setenv("TERM", "xterm", 1);
	unsetenv("NO_COLOR");
	unsetenv("COLUMNS");
	wide = on_terminal(200, &run, tally);
	contains(wide, "\033[1msandbox: 1 system call");
	contains(wide, "\033[31mEPERM\033[m");
	contains(wide, "getppid()");
	memory = rendered("text", &run, tally);
	lacks(memory, "\033");
	setenv("TERM", "dumb", 1);
	dumb = on_terminal(200, &run, tally);
	assert_string_equal(dumb, memory);
	setenv("TERM", "xterm", 1);
	setenv("NO_COLOR", "1", 1);
	plain = on_terminal(200, &run, tally);
	assert_string_equal(plain, memory);
	/* the last column is cut */
	cut = on_terminal(55, &run, tally);
	contains(cut, "nginx (exit 0), policies/web.ini\n");
	lacks(cut, "getppid()");
	line = strstr(cut, "\n     1  getppid");
	assert_non_null(line);
	assert_int_equal(strcspn(line + 1, "\n"), 55);
	contains(cut, "syscalls = getppid\n");
	/* where the others have no room, nothing is */
	narrow = on_terminal(30, &run, tally);
	contains(narrow, "\n     1  getppid  EPERM\n");
	contains(narrow, "        0.00 s getppid()\n");
	contains(narrow, "syscalls = getppid\n");
	unsetenv("NO_COLOR");
	tally_free(tally);
}

static void live_line(FILE *out, struct tally *tally,
		      const struct event *event, const struct verdict *verdict,
		      bool ran)
{
	const struct tally_row *row =
		tally_denied(tally, event, verdict, ran, NULL);
	cleanup_free char *line = report_live(tally, row, event);

	fputs(line, out);
}

static void live_lines(void **state)
{
	struct tally *tally = new_tally();
	struct verdict named = by_rule(&call_rule);
	struct event event = {.tid = getpid(),
			      .audit_arch = abis[ABI_NATIVE].audit_arch,
			      .nr = SYS_chdir,
			      .args = {(uintptr_t) "/one"}};
	cleanup_free char *text = NULL, *expected = NULL;
	int pid = getpid();
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	live_line(out, tally, &event, &named, false);
	event.args[0] = (uintptr_t) "/two";
	live_line(out, tally, &event, &named, false);
	live_line(out, tally, &event, &named, true);
	fclose(out);
	expected = xasprintf(
		"sandbox: denied chdir(\"/one\") = EPERM by nginx[%d], web.ini:9\n"
		"sandbox: denied chdir(\"/two\") = EPERM by nginx[%d], web.ini:9\n"
		"sandbox: allowed chdir(\"/two\") by nginx[%d], against web.ini:9\n",
		pid, pid, pid);
	assert_string_equal(text, expected);
	tally_free(tally);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_whole_text),
		cmocka_unit_test(headlines),
		cmocka_unit_test(calls_are_counted_once),
		cmocka_unit_test(advice),
		cmocka_unit_test(long_advice_is_whole),
		cmocka_unit_test(hits_of_several_processes),
		cmocka_unit_test(foreign_and_killed),
		cmocka_unit_test(earlier_filters_are_mentioned),
		cmocka_unit_test(counts_as_text),
		cmocka_unit_test(colour_and_width_on_a_terminal_only),
		cmocka_unit_test(live_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
