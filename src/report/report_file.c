#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/util.h"
#include "report/journal.h"
#include "report/journal_socket.h"
#include "report/report.h"

struct report_file {
	char *shown; /* as in messages */
	struct journal *journal; /* NULL: a stream or a file */
	/* A stream: written to where it stands. */
	int fd; /* -1: a file that is replaced */
	/* A file that is replaced: looked up once, so that nothing that
	 * happens to the path later sends the report elsewhere. */
	int dir;
	char *name;
	mode_t mode;
	uid_t uid;
	gid_t gid;
};

static struct report_file *fail(struct report_file *file, char **why,
				const char *reason)
{
	*why = xasprintf("the report cannot be written to %s: %s", file->shown,
			 reason);
	report_file_close(file);
	return NULL;
}

static struct report_file *fail_errno(struct report_file *file, char **why)
{
	return fail(file, why, strerror(errno));
}

/* The N of /dev/fd/N and its other names; -1 for any other path. */
static int named_descriptor(const char *path)
{
	static const char *const folders[] = {
		"/dev/fd/", "/proc/self/fd/", "/proc/thread-self/fd/"};
	unsigned long long n;

	if (streq(path, "-") || streq(path, "/dev/stdout"))
		return STDOUT_FILENO;
	if (streq(path, "/dev/stderr"))
		return STDERR_FILENO;
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		if (has_prefix(path, folders[i]) &&
		    parse_u64(path + strlen(folders[i]), &n) && n <= INT_MAX)
			return (int)n;
	return -1;
}

/* A copy of a descriptor that sandbox was given; above 2, CMD must not have
 * the original: it could forge the report. */
static struct report_file *open_descriptor(struct report_file *file, int fd,
					   char **why)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return fail(file, why, "that descriptor is not open");
	if ((flags & O_ACCMODE) == O_RDONLY)
		return fail(file, why,
			    "that descriptor is open for reading only");
	if (fd > STDERR_FILENO)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	file->fd = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	return file->fd < 0 ? fail_errno(file, why) : file;
}

/* Creates a file beside the report under a name nobody can have prepared. */
static int create_temporary(const struct report_file *file, char **name)
{
	for (int tries = 0; tries < 100; tries++) {
		unsigned random = 0;
		int fd;

		if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
			random = (unsigned)getpid() + (unsigned)tries;
		/* Cut, so that the name of the longest file still fits. */
		*name = xasprintf(".%.200s.%08x", file->name, random);
		fd = openat(file->dir, *name,
			    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd >= 0)
			return fd;
		free(steal(*name));
		if (errno != EEXIST)
			return -1;
	}
	return -1;
}

/* A new file gets the mode that any new file would get. umask(2) can be asked
 * only by setting it. */
static mode_t default_mode(void)
{
	mode_t mask = umask(077);

	umask(mask);
	return 0666 & ~mask;
}

static bool split(struct report_file *file, const char *path)
{
	const char *slash = strrchr(path, '/');
	cleanup_free char *dir =
		slash ? xstrndup(path, (size_t)(slash - path) + 1)
		      : xstrdup(".");

	file->name = xstrdup(slash ? slash + 1 : path);
	file->dir = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return file->dir >= 0;
}

/* A regular file, or a path where none is yet.  A temporary file made and
 * removed at once shows that the report can be written at the end. Where the
 * folder forbids that, an existing file is written to as it is. */
static struct report_file *open_replaced(struct report_file *file,
					 const char *path, bool exists,
					 char **why)
{
	char *temporary = NULL;
	int fd, saved;

	if (exists && faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) < 0)
		return fail_errno(file, why);
	if (!split(file, path))
		return fail_errno(file, why);
	if (!*file->name)
		return fail(file, why, strerror(*path ? EISDIR : ENOENT));
	fd = create_temporary(file, &temporary);
	saved = errno;
	if (fd >= 0) {
		unlinkat(file->dir, temporary, 0);
		close(fd);
		free(temporary);
		return file;
	}
	if (!exists) {
		errno = saved;
		return fail_errno(file, why);
	}
	file->fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOCTTY);
	return file->fd < 0 ? fail_errno(file, why) : file;
}

static struct report_file *open_regular(struct report_file *file,
					const char *path,
					const struct stat *st, char **why)
{
	/* A link is followed once: the file it leads to is replaced. */
	cleanup_free char *real = realpath(path, NULL);

	if (!real)
		return fail_errno(file, why);
	file->mode = st->st_mode & 0777;
	file->uid = st->st_uid;
	file->gid = st->st_gid;
	return open_replaced(file, real, true, why);
}

static struct report_file *open_path(struct report_file *file,
				     const char *path, char **why)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
		return open_regular(file, path, &st, why);
	if (lstat(path, &st) < 0 && errno == ENOENT) {
		file->mode = default_mode();
		file->uid = (uid_t)-1;
		file->gid = (gid_t)-1;
		return open_replaced(file, path, false, why);
	}
	file->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	return file->fd < 0 ? fail_errno(file, why) : file;
}

static struct report_file *open_journal(struct report_file *file, char **why)
{
	file->journal = journal_open(JOURNAL_SOCKET);
	return file->journal ? file : fail_errno(file, why);
}

struct report_file *report_file_open(const char *path, char **why)
{
	struct report_file *file = xcalloc(1, sizeof(*file));
	int fd = path ? named_descriptor(path) : STDERR_FILENO;

	*why = NULL;
	file->fd = file->dir = -1;
	file->shown = xstrdup(!path ? "standard error"
			      : streq(path, "-") ? "standard output"
			      : streq(path, "journal") ? "systemd's journal"
						       : path);
	if (path && streq(path, "journal"))
		return open_journal(file, why);
	/* Nobody asked for standard error: a closed one is no mistake. */
	if (!path && fcntl(fd, F_GETFL) < 0) {
		file->fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
		return file->fd < 0 ? fail_errno(file, why) : file;
	}
	return fd >= 0 ? open_descriptor(file, fd, why)
		       : open_path(file, path, why);
}

void report_file_keep(const struct report_file *file, struct kept *kept)
{
	if (!file)
		return;
	kept_add(kept, file->fd);
	kept_add(kept, file->dir);
	journal_keep(file->journal, kept);
}

bool report_file_appends(const struct report_file *file)
{
	return file->journal != NULL;
}

bool report_file_refreshable(const struct report_file *file)
{
	return file->fd < 0;
}

/* Takes fd.  0, or -1 with errno set. */
static int write_out(int fd, const struct report_format *format,
		     const struct run_info *run, struct tally *tally)
{
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
	bool failed;

	if (!out) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	format->write(out, run, tally);
	/* A write that failed on the way fails here again, with its errno. */
	errno = 0;
	failed = fflush(out) != 0 || ferror(out);
	if (fclose(out) != 0 || failed) {
		errno = errno ? errno : EIO;
		return -1;
	}
	return 0;
}

static int replace(const struct report_file *file,
		   const struct report_format *format,
		   const struct run_info *run, struct tally *tally)
{
	cleanup_free char *temporary = NULL;
	int fd = create_temporary(file, &temporary), saved;

	if (fd < 0)
		return -1;
	/* Only root can give a file back to its owner; what it granted to
	 * another group is not for ours. */
	if (file->uid == (uid_t)-1 || fchown(fd, file->uid, file->gid) == 0)
		fchmod(fd, file->mode);
	else
		fchmod(fd, file->mode & 0707);
	if (write_out(fd, format, run, tally) == 0 &&
	    renameat(file->dir, temporary, file->dir, file->name) == 0)
		return 0;
	saved = errno;
	unlinkat(file->dir, temporary, 0);
	errno = saved;
	return -1;
}

int report_file_write(struct report_file *file,
		      const struct report_format *format,
		      const struct run_info *run, struct tally *tally,
		      char **why)
{
	int rc;

	*why = NULL;
	if (file->journal)
		rc = journal_write(file->journal, run, tally);
	else if (file->fd < 0)
		rc = replace(file, format, run, tally);
	else
		rc = write_out(fcntl(file->fd, F_DUPFD_CLOEXEC, 3), format,
			       run, tally);
	if (rc < 0)
		*why = xasprintf("the report could not be written to %s: %s",
				 file->shown, strerror(errno));
	return rc;
}

void report_file_close(struct report_file *file)
{
	if (!file)
		return;
	if (file->fd >= 0)
		close(file->fd);
	if (file->dir >= 0)
		close(file->dir);
	journal_close(file->journal);
	free(file->name);
	free(file->shown);
	free(file);
}
