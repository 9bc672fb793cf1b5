/* Where a report goes: files that are replaced, and what never is. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>

#include "report_fixture.h"

static char folder[] = "/tmp/test-report-XXXXXX";

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	cleanup_free char *rm = xasprintf("rm -rf '%s'", folder);

	(void)state;
	return system(rm);
}

static char *in_folder(const char *name)
{
	return xasprintf("%s/%s", folder, name);
}

static char *content(const char *path)
{
	cleanup_file FILE *file = fopen(path, "r");
	char *text = xcalloc(1, 65536);

	assert_non_null(file);
	assert_true(fread(text, 1, 65535, file) < 65535);
	return text;
}

static int entries(void)
{
	cleanup_free char *ls = xasprintf("exit $(ls -A '%s' | wc -l)", folder);

	return WEXITSTATUS(system(ls));
}

static void write_report(struct report_file *file)
{
	struct run_info run = a_run();
	struct tally *tally = new_tally();
	char *why;

	assert_int_equal(report_file_write(file, &run, tally, &why),
			 0);
	assert_null(why);
	tally_free(tally);
}

static void a_new_file_appears_whole(void **state)
{
	cleanup_free char *path = in_folder("new");
	struct report_file *file;
	struct stat st;
	mode_t mask = umask(027);
	char *why;

	(void)state;
	file = report_file_open(path, report_format_find("text"), &why);
	umask(mask);
	assert_non_null(file);
	assert_null(why);
	assert_int_equal(entries(), 0);
	assert_true(report_file_refreshable(file));
	for (int i = 0; i < 2; i++) {
		cleanup_free char *text = NULL;

		write_report(file);
		text = content(path);
		contains(text, "sandbox: no system call was denied");
	}
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(entries(), 1);
	report_file_close(file);
	unlink(path);
}

/* A reader that opened the last report still has all of it. */
static void an_old_file_is_replaced_with_its_mode(void **state)
{
	cleanup_free char *path = in_folder("old"), *link = in_folder("link");
	char buf[16] = "";
	struct report_file *file;
	struct stat st;
	char *why;
	int fd = open(path, O_RDWR | O_CREAT, 0600);

	(void)state;
	assert_int_equal(fchmod(fd, 0604), 0);
	assert_int_equal(write(fd, "before", 6), 6);
	assert_int_equal(symlink("old", link), 0);
	file = report_file_open(link, report_format_find("text"), &why);
	assert_non_null(file);
	write_report(file);
	assert_int_equal(pread(fd, buf, 15, 0), 6);
	assert_string_equal(buf, "before");
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0604);
	assert_true(st.st_size > 6);
	report_file_close(file);
	close(fd);
	unlink(path);
	unlink(link);
}

static void a_descriptor_is_written_and_kept_from_the_command(void **state)
{
	int ends[2];
	cleanup_free char *path = NULL;
	struct report_file *file;
	char text[4096] = "", *why;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	path = xasprintf("/dev/fd/%d", ends[1]);
	file = report_file_open(path, report_format_find("text"), &why);
	assert_non_null(file);
	assert_false(report_file_refreshable(file));
	assert_int_equal(fcntl(ends[1], F_GETFD), FD_CLOEXEC);
	write_report(file);
	report_file_close(file);
	assert_true(read(ends[0], text, sizeof(text) - 1) > 0);
	contains(text, "sandbox: no system call was denied");
	free(steal(path));
	path = xasprintf("/proc/self/fd/%d", ends[0]);
	assert_null(report_file_open(path, report_format_find("text"), &why));
	contains(why, "for reading only");
	free(why);
	close(ends[0]);
	close(ends[1]);
}

static void what_is_no_regular_file_is_never_replaced(void **state)
{
	struct report_file *file;
	struct stat st;
	char *why;

	(void)state;
	file = report_file_open("/dev/null", report_format_find("text"), &why);
	assert_non_null(file);
	write_report(file);
	assert_int_equal(stat("/dev/null", &st), 0);
	assert_true(S_ISCHR(st.st_mode));
	report_file_close(file);
}

static void impossible_places(void **state)
{
	cleanup_free char *file = in_folder("file");
	cleanup_free char *below = in_folder("file/x");
	cleanup_free char *missing = in_folder("no/such");
	const struct {
		const char *path, *why;
	} rows[] = {
		{folder, "Is a directory"},   {below, "Not a directory"},
		{missing, "No such file"},    {"", "No such file"},
		{"/dev/fd/987", "not open"},  {"/proc/x", "/proc/x"},
	};

	(void)state;
	close(open(file, O_CREAT | O_WRONLY, 0600));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *why = NULL;

		assert_null(report_file_open(rows[i].path, report_format_find("text"), &why));
		contains(why, rows[i].why);
		free(why);
	}
	unlink(file);
	assert_int_equal(entries(), 0);
}

static void a_full_device_is_an_error(void **state)
{
	struct run_info run = a_run();
	struct tally *tally = new_tally();
	struct report_file *file;
	char *why;

	(void)state;
	file = report_file_open("/dev/full", report_format_find("json"), &why);
	assert_non_null(file);
	assert_int_equal(report_file_write(file, &run, tally, &why),
			 -1);
	contains(why, "/dev/full: No space left");
	free(why);
	report_file_close(file);
	tally_free(tally);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_file_appears_whole),
		cmocka_unit_test(an_old_file_is_replaced_with_its_mode),
		cmocka_unit_test(
			a_descriptor_is_written_and_kept_from_the_command),
		cmocka_unit_test(what_is_no_regular_file_is_never_replaced),
		cmocka_unit_test(impossible_places),
		cmocka_unit_test(a_full_device_is_an_error),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
