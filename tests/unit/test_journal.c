/* The report as journal entries, sent to a journal of our own. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "report/journal.h"
#include "report_fixture.h"

static char folder[] = "/tmp/test-journal-XXXXXX";
static char *path;
static int journald = -1;

static int start(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	(void)state;
	if (!path) {
		if (!mkdtemp(folder))
			return -1;
		path = xasprintf("%s/socket", folder);
	}
	unlink(path);
	strcpy(address.sun_path, path);
	journald = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return bind(journald, (struct sockaddr *)&address, sizeof(address));
}

static int stop(void **state)
{
	(void)state;
	return close(journald);
}

/* One entry, of a datagram or a sealed file; NULL if there is none.  malloc'd.
 * *is_file may be NULL. */
static char *take(bool *is_file)
{
	char *text = xcalloc(1, 300000);
	union {
		struct cmsghdr align;
		char space[256];
	} control;
	struct iovec iov = {text, 299999};
	struct msghdr header = {.msg_iov = &iov, .msg_iovlen = 1,
				.msg_control = &control,
				.msg_controllen = sizeof(control)};
	struct cmsghdr *c;
	int fd;

	if (recvmsg(journald, &header, MSG_DONTWAIT) < 0) {
		free(text);
		return NULL;
	}
	c = CMSG_FIRSTHDR(&header);
	if (is_file)
		*is_file = c != NULL;
	if (!c)
		return text;
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	/* journald takes nothing less. */
	assert_int_equal(fcntl(fd, F_GET_SEALS),
			 F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE |
				 F_SEAL_SEAL);
	assert_true(pread(fd, text, 299999, 0) > 0);
	close(fd);
	return text;
}

/* The value of a field that stands on one line; NULL without one. */
static const char *field(const char *entry, const char *name)
{
	static char value[512];
	cleanup_free char *start_of = xasprintf("%s=", name);
	const char *line = entry;

	while (line && strncmp(line, start_of, strlen(start_of)) != 0) {
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	if (!line)
		return NULL;
	line += strlen(start_of);
	snprintf(value, sizeof(value), "%.*s", (int)strcspn(line, "\n"), line);
	return value;
}

/* The sums are waited for until the journal has dealt with them. */
static void *consume(void *arg)
{
	char **entries = arg;
	struct pollfd poll_fd = {.fd = journald, .events = POLLIN};

	for (int i = 0; i < 8; i++) {
		if (poll(&poll_fd, 1, i ? 300 : 5000) != 1)
			break;
		entries[i] = take(NULL);
	}
	return NULL;
}

/* Writes the last report; the entries, n of them. */
static size_t last_report(struct journal *journal, struct tally *tally,
			  struct run_info run, char *entries[8])
{
	pthread_t thread;
	size_t n = 0;

	memset(entries, 0, 8 * sizeof(*entries));
	run.is_last = true;
	pthread_create(&thread, NULL, consume, entries);
	assert_int_equal(journal_write(journal, &run, tally), 0);
	pthread_join(thread, NULL);
	while (n < 8 && entries[n])
		n++;
	return n;
}

static void free_all(char *entries[8])
{
	for (int i = 0; i < 8; i++)
		free(entries[i]);
}

static void test_fields(void **state)
{
	struct tally *tally = new_tally();
	struct journal *journal = journal_open(path);
	char *entries[8];
	cleanup_free char *comm_pid = xasprintf("%d", (int)getpid());
	cleanup_free char *number = xasprintf("%d", SYS_mkdirat);

	(void)state;
	assert_non_null(journal);
	hit_by(tally, getpid(), SYS_mkdirat, by_rule(&group_rule), 38);
	hit_by(tally, getpid(), SYS_socket, by_default, 1);
	assert_int_equal(last_report(journal, tally, a_run(), entries), 3);
	assert_string_equal(field(entries[0], "SYSCALL"), "mkdirat");
	assert_string_equal(field(entries[0], "SYSCALL_NUMBER"), number);
	assert_string_equal(field(entries[0], "SYSCALL_ABI"),
			    abis[ABI_NATIVE].name);
	assert_string_equal(field(entries[0], "HITS"), "38");
	assert_string_equal(field(entries[0], "ANSWER"), "EPERM");
	assert_string_equal(field(entries[0], "RULE"), "web.ini:14 @open");
	assert_string_equal(field(entries[0], "RULE_FILE"),
			    "policies/web.ini");
	assert_string_equal(field(entries[0], "RULE_LINE"), "14");
	assert_string_equal(field(entries[0], "COMM"), "nginx");
	assert_string_equal(field(entries[0], "COMM_PID"), comm_pid);
	assert_string_equal(field(entries[0], "COMMAND"), "/usr/sbin/nginx -g");
	assert_string_equal(field(entries[0], "COMMAND_PID"), "812");
	assert_string_equal(field(entries[0], "TRACER"), "ptrace");
	assert_string_equal(field(entries[0], "POLICY_DIGEST"), "0123abcd");
	assert_string_equal(field(entries[0], "POWERS"), "write-files");
	assert_string_equal(field(entries[0], "PRIORITY"), "4");
	assert_string_equal(field(entries[0], "SYSLOG_IDENTIFIER"), "sandbox");
	assert_string_equal(field(entries[0], "MESSAGE_ID"), JOURNAL_ID_DENIED);
	assert_non_null(strstr(field(entries[0], "MESSAGE"), "denied mkdirat("));
	assert_non_null(strstr(field(entries[0], "MESSAGE"),
			       ") = EPERM by nginx["));
	assert_non_null(strstr(field(entries[0], "MESSAGE"), "(38 times)"));
	assert_string_equal(field(entries[1], "SYSCALL"), "socket");
	assert_string_equal(field(entries[1], "RULE"), "default");
	assert_null(strstr(field(entries[1], "MESSAGE"), "times"));
	assert_string_equal(field(entries[2], "MESSAGE_ID"), JOURNAL_ID_ENDED);
	assert_string_equal(field(entries[2], "TOTAL_HITS"), "39");
	assert_string_equal(field(entries[2], "TOTAL_CALLS"), "2");
	assert_null(field(entries[2], "SYSCALL"));
	assert_non_null(strstr(field(entries[2], "MESSAGE"),
			       "2 system calls denied 39 times"));
	free_all(entries);
	journal_close(journal);
	tally_free(tally);
}

static void hits_are(const char *wanted)
{
	cleanup_free char *entry = take(NULL);

	if (!wanted) {
		assert_null(entry);
		return;
	}
	assert_non_null(entry);
	assert_string_equal(field(entry, "HITS"), wanted);
}

static void test_a_row_again_when_it_has_grown(void **state)
{
	struct tally *tally = new_tally();
	struct journal *journal = journal_open(path);
	struct run_info run = a_run();
	char *entries[8];

	(void)state;
	hit_by(tally, getpid(), SYS_mkdirat, by_default, 2);
	assert_int_equal(journal_write(journal, &run, tally), 0);
	hits_are("2");
	hit_by(tally, getpid(), SYS_mkdirat, by_default, 17);
	assert_int_equal(journal_write(journal, &run, tally), 0);
	hits_are(NULL);
	hit_by(tally, getpid(), SYS_mkdirat, by_default, 1);
	assert_int_equal(journal_write(journal, &run, tally), 0);
	hits_are("20");
	/* The last one: what has grown at all, and the sums. */
	assert_int_equal(last_report(journal, tally, run, entries), 1);
	assert_string_equal(field(entries[0], "TOTAL_HITS"), "20");
	free_all(entries);
	hit_by(tally, getpid(), SYS_mkdirat, by_default, 1);
	assert_int_equal(last_report(journal, tally, run, entries), 2);
	assert_string_equal(field(entries[0], "HITS"), "21");
	free_all(entries);
	journal_close(journal);
	tally_free(tally);
}

/* An ENOSYS after which a library goes on with an older call is no warning. */
static void test_a_fallback_is_no_warning(void **state)
{
	struct policy *policy = policy_new(ABI_NATIVE);
	struct layer *layer = policy_add_layer(policy, "web.ini");
	struct tally *tally = new_tally();
	struct journal *journal = journal_open(path);
	struct run_info run = a_run();
	struct diags diags = DIAGS_INIT;
	char *entries[8];

	(void)state;
	layer->settings[SET_DEFAULT] =
		(struct setting){ACTION_ALLOW, {layer->file, 2}};
	assert_int_equal(policy_check(policy, &diags), 0);
	run.policy = policy;
	hit_by(tally, getpid(), SYS_clone3, by_new, 2);
	hit_by(tally, getpid(), SYS_mkdirat, by_new, 1);
	assert_int_equal(last_report(journal, tally, run, entries), 3);
	assert_string_equal(field(entries[0], "SYSCALL"), "clone3");
	assert_string_equal(field(entries[0], "PRIORITY"), "6");
	assert_string_equal(field(entries[1], "SYSCALL"), "mkdirat");
	assert_string_equal(field(entries[1], "PRIORITY"), "4");
	free_all(entries);
	journal_close(journal);
	tally_free(tally);
	policy_free(policy);
}

static void test_counts(void **state)
{
	struct tally *tally = new_tally();
	struct journal *journal = journal_open(path);
	struct run_info run = a_run();
	char *entries[8];

	(void)state;
	run.mode = RUN_COUNT;
	for (int i = 0; i < 3; i++)
		tally_count(tally, abis[ABI_NATIVE].audit_arch,
			    SYS_getpid);
	assert_int_equal(last_report(journal, tally, run, entries), 2);
	assert_string_equal(field(entries[0], "SYSCALL"), "getpid");
	assert_string_equal(field(entries[0], "HITS"), "3");
	assert_string_equal(field(entries[0], "MESSAGE_ID"),
			    JOURNAL_ID_COUNTED);
	assert_non_null(strstr(field(entries[1], "MESSAGE"),
			       "no system call was denied in 2.13 s: "));
	free_all(entries);
	journal_close(journal);
	tally_free(tally);
}

/* A newline in a value cannot forge a field. */
static void test_newlines(void **state)
{
	static char *const argv[] = {(char *)"sh", (char *)"a\nPRIORITY=0",
				     NULL};
	struct tally *tally = new_tally();
	struct journal *journal = journal_open(path);
	struct run_info run = a_run();
	const char *at;
	char *entry;

	(void)state;
	run.command = argv;
	hit_by(tally, getpid(), SYS_mkdirat, by_default, 1);
	assert_int_equal(journal_write(journal, &run, tally), 0);
	entry = take(NULL);
	assert_non_null(entry);
	at = strstr(entry, "\nCOMMAND\n");
	assert_non_null(at);
	at += strlen("\nCOMMAND\n");
	assert_memory_equal(at, "\x0f\0\0\0\0\0\0\0sh a\nPRIORITY=0\n", 24);
	free(entry);
	journal_close(journal);
	tally_free(tally);
}

static void test_large_entries(void **state)
{
	char *word = xmalloc(250001);
	char *const argv[] = {(char *)"sh", word, NULL};
	struct tally *tally = new_tally();
	struct journal *journal = journal_open(path);
	struct run_info run = a_run();
	bool is_file = false;
	char *entry;

	(void)state;
	memset(word, 'x', 250000);
	word[250000] = '\0';
	run.command = argv;
	hit_by(tally, getpid(), SYS_mkdirat, by_default, 1);
	assert_int_equal(journal_write(journal, &run, tally), 0);
	entry = take(&is_file);
	assert_non_null(entry);
	assert_true(is_file);
	assert_string_equal(field(entry, "HITS"), "1");
	free(entry);
	free(word);
	journal_close(journal);
	tally_free(tally);
}

/* A busy journal delays nothing while CMD runs, and nothing is lost. */
static void test_busy_journal(void **state)
{
	struct tally *tally = new_tally();
	struct journal *journal = journal_open(path);
	struct journal *stuffing = journal_open(path);
	struct run_info run = a_run();
	char *entry;

	(void)state;
	while (journal_send(stuffing, "X=1\n", 4, SEND_NOW) == 0)
		;
	assert_int_equal(errno, EAGAIN);
	hit_by(tally, getpid(), SYS_mkdirat, by_default, 1);
	assert_int_equal(journal_write(journal, &run, tally), -1);
	while ((entry = take(NULL)))
		free(entry);
	assert_int_equal(journal_write(journal, &run, tally), 0);
	hits_are("1");
	journal_close(stuffing);
	journal_close(journal);
	tally_free(tally);
}

static void test_journal_started_anew(void **state)
{
	struct tally *tally = new_tally();
	struct journal *journal = journal_open(path);
	struct run_info run = a_run();

	(void)state;
	stop(NULL);
	hit_by(tally, getpid(), SYS_mkdirat, by_default, 1);
	assert_int_equal(journal_write(journal, &run, tally), -1);
	assert_int_equal(start(NULL), 0);
	assert_int_equal(journal_write(journal, &run, tally), 0);
	hits_are("1");
	journal_close(journal);
	tally_free(tally);
}

struct slow {
	int delay_ms;
	bool done;
};

static void *deal_slowly(void *arg)
{
	struct slow *slow = arg;
	struct pollfd poll_fd = {.fd = journald, .events = POLLIN};
	union {
		struct cmsghdr align;
		char space[64];
	} control;
	struct msghdr header = {.msg_control = &control,
				.msg_controllen = sizeof(control)};
	int fd;

	poll(&poll_fd, 1, 5000);
	recvmsg(journald, &header, 0);
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&header)), sizeof(fd));
	usleep((useconds_t)slow->delay_ms * 1000);
	slow->done = true;
	close(fd);
	return NULL;
}

static void test_waits_for_the_last(void **state)
{
	struct slow slow = {.delay_ms = 200};
	struct journal *journal = journal_open(path);
	pthread_t thread;

	(void)state;
	pthread_create(&thread, NULL, deal_slowly, &slow);
	assert_int_equal(journal_send(journal, "MESSAGE=x\n", 10, SEND_LAST),
			 0);
	assert_true(slow.done);
	pthread_join(thread, NULL);
	journal_close(journal);
}

static void test_no_journal(void **state)
{
	char *why;
	cleanup_free char *file = xasprintf("%s/journal", folder);
	struct report_file *report;

	(void)state;
	errno = 0;
	assert_null(journal_open("/no/such/socket"));
	assert_int_equal(errno, ENOENT);
	/* The word alone is the journal; a path that ends so is a file. */
	if (access(JOURNAL_SOCKET, F_OK) < 0) {
		assert_null(report_file_open("journal", report_format_find("text"), &why));
		assert_non_null(strstr(why, "systemd's journal"));
		free(why);
	}
	report = report_file_open(file, report_format_find("text"), &why);
	assert_non_null(report);
	assert_false(report_file_appends(report));
	report_file_close(report);
}

static int clean(void **state)
{
	cleanup_free char *rm = xasprintf("rm -rf '%s'", folder);

	(void)state;
	free(path);
	return system(rm);
}

#define WITH_JOURNAL(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_JOURNAL(test_fields),
		WITH_JOURNAL(test_a_row_again_when_it_has_grown),
		WITH_JOURNAL(test_counts),
		WITH_JOURNAL(test_a_fallback_is_no_warning),
		WITH_JOURNAL(test_newlines),
		WITH_JOURNAL(test_large_entries),
		WITH_JOURNAL(test_busy_journal),
		WITH_JOURNAL(test_journal_started_anew),
		WITH_JOURNAL(test_waits_for_the_last),
		WITH_JOURNAL(test_no_journal),
	};

	return cmocka_run_group_tests(tests, NULL, clean);
}
