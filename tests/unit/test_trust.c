/* Whom root believes.  Needs root, since files of several owners are made. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/wait.h>

#include "formats/load.h"
#include "base/way.h"
#include "scratch.h"

enum { SUDO = 1234, STRANGER = 4321 };

static char *ask(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *reason;

	assert_true(fd >= 0);
	reason = trust_refusal(fd, path);
	close(fd);
	return reason;
}

static void assert_trusted(const char *path)
{
	char *reason = ask(path);

	if (reason)
		fprintf(stderr, "%s: %s\n", path, reason);
	assert_null(reason);
}

static void assert_refused(const char *path, const char *part)
{
	char *reason = ask(path);

	if (!reason)
		fprintf(stderr, "%s is trusted\n", path);
	assert_non_null(reason);
	assert_contains(reason, part);
	free(reason);
}

/* dir/f.ini in the scratch folder, which is root's alone. */
static int enter(void **state)
{
	if (geteuid() != 0)
		return 0;
	unsetenv("SUDO_UID");
	if (scratch_enter(state) < 0 || mkdir("dir", 0755) < 0)
		return -1;
	write_text("dir/f.ini", "[policy]\ndefault = allow\n");
	return 0;
}

static int leave(void **state)
{
	unsetenv("SUDO_UID");
	return *state ? scratch_leave(state) : 0;
}

static void need_root(void)
{
	if (geteuid() == 0)
		return;
	print_message("skipped: only root can give files to other users\n");
	skip();
}

static void owner_of_file(void **state)
{
	(void)state;
	need_root();
	assert_trusted("dir/f.ini");
	assert_int_equal(chown("dir/f.ini", STRANGER, 0), 0);
	assert_refused("dir/f.ini", "dir/f.ini belongs to user 4321, who is "
		       "neither root nor the caller of sudo (chown root "
		       "dir/f.ini)");
}

static void caller_of_sudo(void **state)
{
	static const char *const invalid[] = {"", "x", "1234x", "01234", "-1",
					      "+1234", " 1234", "0x4d2",
					      "4294967295", "4294968530",
					      "99999999999999999999"};

	(void)state;
	need_root();
	assert_int_equal(chown("dir/f.ini", SUDO, 0), 0);
	assert_refused("dir/f.ini", "belongs to user 1234");
	setenv("SUDO_UID", "1234", 1);
	assert_trusted("dir/f.ini");
	assert_int_equal(chown("dir", SUDO, 0), 0);
	assert_trusted("dir/f.ini");
	assert_int_equal(chown("dir/f.ini", 0, 0), 0);
	assert_trusted("dir/f.ini");
	assert_int_equal(chown("dir/f.ini", STRANGER, 0), 0);
	assert_refused("dir/f.ini", "belongs to user 4321");
	assert_int_equal(chown("dir/f.ini", SUDO, 0), 0);
	for (size_t i = 0; i < ARRAY_SIZE(invalid); i++) {
		setenv("SUDO_UID", invalid[i], 1);
		assert_refused("dir/f.ini", "belongs to user 1234");
	}
}

static void mode_of_file(void **state)
{
	(void)state;
	need_root();
	assert_int_equal(chmod("dir/f.ini", 0664), 0);
	assert_refused("dir/f.ini", "others can write it (chmod go-w "
		       "dir/f.ini)");
	assert_int_equal(chmod("dir/f.ini", 0602), 0);
	assert_refused("dir/f.ini", "others can write it");
	assert_int_equal(chmod("dir/f.ini", 0644), 0);
	assert_trusted("dir/f.ini");
}

static void folders(void **state)
{
	char full[200];

	(void)state;
	need_root();
	snprintf(full, sizeof(full), "%s/dir/f.ini", (char *)*state);
	assert_int_equal(chmod("dir", 0775), 0);
	assert_refused("dir/f.ini", "others can write in its folder");
	assert_refused(full, "/dir (chmod go-w ");
	assert_int_equal(chmod("dir", 01777), 0); /* sticky, as /tmp */
	assert_trusted("dir/f.ini");
	assert_int_equal(chown("dir", STRANGER, 0), 0);
	assert_refused("dir/f.ini", "its folder ");
	assert_int_equal(chown("dir", 0, 0), 0);
	assert_int_equal(chmod("dir", 0755), 0);
	/* not only the last one */
	assert_int_equal(chmod(".", 0777), 0);
	assert_refused("dir/f.ini", "others can write in its folder");
	assert_refused("dir/../dir/./f.ini", "others can write in its folder");
	assert_int_equal(chmod(".", 0755), 0);
	assert_trusted("dir/../dir/./f.ini");
}

/* Who can change a link chooses the file. */
static void links(void **state)
{
	(void)state;
	need_root();
	assert_int_equal(mkdir("open", 0777), 0);
	assert_int_equal(chmod("open", 0777), 0);
	assert_int_equal(symlink("../dir/f.ini", "open/f.ini"), 0);
	assert_int_equal(symlink("../dir", "open/d"), 0);
	assert_int_equal(symlink("open/f.ini", "outer.ini"), 0);
	assert_refused("open/f.ini", "/open (chmod go-w ");
	assert_refused("open/d/f.ini", "/open (chmod go-w ");
	/* the link in between lies in the open folder too */
	assert_refused("outer.ini", "/open (chmod go-w ");
	assert_int_equal(chmod("open", 01777), 0);
	assert_trusted("outer.ini");
	assert_int_equal(lchown("open/f.ini", STRANGER, 0), 0);
	/* where the kernel follows it at all (fs.protected_symlinks) */
	if (access("outer.ini", R_OK) == 0)
		assert_refused("outer.ini", "open/f.ini belongs to user 4321");
	/* and the other way: a good link to a bad place */
	assert_int_equal(lchown("open/f.ini", 0, 0), 0);
	assert_int_equal(chmod("dir", 0777), 0);
	assert_refused("outer.ini", "/dir (chmod go-w ");
}

/* What has no place in the file system is its owner's. */
static void pipes(void **state)
{
	char name[32];
	int fds[2], file;

	(void)state;
	need_root();
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	snprintf(name, sizeof(name), "/dev/fd/%d", fds[0]);
	assert_trusted(name);
	assert_int_equal(fchown(fds[0], STRANGER, 0), 0);
	assert_refused(name, "belongs to user 4321");
	close(fds[0]);
	close(fds[1]);
	/* a file reached by its descriptor still has one */
	file = open("dir/f.ini", O_RDONLY | O_CLOEXEC);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", file);
	assert_trusted(name);
	assert_int_equal(chmod("dir", 0777), 0);
	assert_refused(name, "/dir (chmod go-w ");
	close(file);
}

/* The loader asks, for includes as well. */
static void loaded(void **state)
{
	const char *names[] = {"p.ini"};
	struct policy_request request = {.policies = names, .n = 1};
	struct diags diags = DIAGS_INIT;
	char *got;

	(void)state;
	need_root();
	write_text("p.ini", "[policy]\ninclude = dir/f.ini\n");
	assert_int_equal(chown("dir/f.ini", STRANGER, 0), 0);
	assert_null(policy_load(&request, &diags));
	got = diags_text(&diags);
	assert_contains(got, "p.ini:2: cannot include 'dir/f.ini': dir/f.ini: "
			"root does not trust it: dir/f.ini belongs to user "
			"4321");
	free(got);
	diags_free(&diags);
	assert_int_equal(chown("p.ini", STRANGER, 0), 0);
	assert_null(policy_load(&request, &diags));
	got = diags_text(&diags);
	assert_contains(got, "p.ini: root does not trust it: p.ini belongs to "
			"user 4321");
	free(got);
	diags_free(&diags);
}

/* Other users judge for themselves. */
static void other_users(void **state)
{
	pid_t pid;
	int status;

	(void)state;
	need_root();
	assert_int_equal(chmod("dir/f.ini", 0666), 0);
	assert_refused("dir/f.ini", "others can write it");
	pid = fork();
	if (pid == 0) {
		int fd = open("dir/f.ini", O_RDONLY | O_CLOEXEC);

		if (fd < 0 || setuid(STRANGER) < 0)
			_exit(2);
		_exit(trust_refusal(fd, "dir/f.ini") ? 1 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

#define in_scratch(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_scratch(owner_of_file),
		in_scratch(caller_of_sudo),
		in_scratch(mode_of_file),
		in_scratch(folders),
		in_scratch(links),
		in_scratch(pipes),
		in_scratch(loaded),
		in_scratch(other_users),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
