#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/place.h"
#include "base/util.h"
#include "report/journal.h"
#include "report/report.h"

struct report_file {
	char *shown; /* as in messages */
	const struct report_format *format;
	struct journal *journal; /* NULL: a stream or a file */
	/* A stream: written to where it stands. */
	int fd; /* -1: a file that is replaced */
	/* A file that is replaced. */
	struct place place;
};

const struct report_format *report_format_find(const char *name)
{
	static const struct report_format formats[] = {
		{"text", report_text, NULL},
		{"json", report_json, NULL},
		{"jsonl", report_jsonl, report_event},
	};

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (streq(formats[i].name, name))
			return &formats[i];
	return NULL;
}

/* Closes it.  reason: NULL for that of errno. */
static struct report_file *fail(struct report_file *file, char **why,
				const char *reason)
{
	*why = xasprintf("the report cannot be written to %s: %s", file->shown,
			 reason ? reason : strerror(errno));
	report_file_close(file);
	return NULL;
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
	return file->fd < 0 ? fail(file, why, NULL) : file;
}

static struct report_file *open_path(struct report_file *file,
				     const char *path, char **why)
{
	struct place *place = &file->place;
	cleanup_free char *reason = place_find(place, path);
	bool replaced = !place->exists || S_ISREG(place->entry.st_mode);

	if (reason)
		return fail(file, why, reason);
	if (replaced && file->format->event)
		return fail(file, why, "a file is replaced as a whole, and "
			    "jsonl grows: use -r - >FILE");
	if (replaced && place_try(place, "", 0) == 0)
		return file;
	/* Where the folder forbids it, an existing file is written to as it is. */
	if (replaced && !(place->exists && (errno == EACCES || errno == EPERM ||
					    errno == EROFS)))
		return fail(file, why, NULL);
	file->fd = place_open(place);
	return file->fd < 0 ? fail(file, why, place_error(errno)) : file;
}

struct report_file *report_file_open(const char *path,
				     const struct report_format *format,
				     char **why)
{
	struct report_file *file = xcalloc(1, sizeof(*file));
	int fd = path ? named_descriptor(path) : STDERR_FILENO;

	*why = NULL;
	file->format = format;
	file->fd = file->place.dir = -1;
	file->shown = xstrdup(!path ? "standard error"
			      : streq(path, "-") ? "standard output"
			      : streq(path, "journal") ? "systemd's journal"
						       : path);
	if (path && streq(path, "journal")) {
		file->journal = journal_open(JOURNAL_SOCKET);
		return file->journal ? file : fail(file, why, NULL);
	}
	/* Nobody asked for standard error: a closed one is no mistake. */
	if (!path && fcntl(fd, F_GETFL) < 0) {
		file->fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
		return file->fd < 0 ? fail(file, why, NULL) : file;
	}
	return fd >= 0 ? open_descriptor(file, fd, why)
		       : open_path(file, path, why);
}

void report_file_keep(const struct report_file *file, struct kept_fds *kept)
{
	if (!file)
		return;
	kept_fds_add(kept, file->fd);
	kept_fds_add(kept, file->place.dir);
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

/* Takes fd, which may be -1.  0, or -1 with errno set. */
static int write_out(int fd, const struct report_format *format,
		     const struct run_info *run, struct tally *tally)
{
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
	bool failed;

	if (!out) {
		cleanup_fd_impl(&fd);
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

static int replace(struct report_file *file, const struct run_info *run,
		   struct tally *tally, bool keep)
{
	cleanup_free char *text = NULL;
	size_t n;
	FILE *out = xmemstream(&text, &n);

	file->format->write(out, run, tally);
	fclose(out);
	return (keep ? place_write : place_try)(&file->place, text, n);
}

static int result(const struct report_file *file, int rc, char **why)
{
	*why = rc < 0 ? xasprintf("the report could not be written to %s: %s",
				  file->shown, place_error(errno))
		      : NULL;
	return rc;
}

int report_file_write(struct report_file *file, const struct run_info *run,
		      struct tally *tally, char **why)
{
	int rc;

	if (file->journal)
		rc = journal_write(file->journal, run, tally);
	else if (file->fd < 0)
		rc = replace(file, run, tally, true);
	else
		rc = write_out(fcntl(file->fd, F_DUPFD_CLOEXEC, 3),
			       file->format, run, tally);
	return result(file, rc, why);
}

int report_file_try(struct report_file *file, const struct run_info *run,
		    struct tally *tally, char **why)
{
	return result(file, replace(file, run, tally, false), why);
}

void report_file_say(const struct report_file *file, const char *line)
{
	/* whoever read it may have gone */
	write_all(file->fd, line, strlen(line));
}

void report_file_close(struct report_file *file)
{
	if (!file)
		return;
	cleanup_fd_impl(&file->fd);
	place_free(&file->place);
	journal_close(file->journal);
	free(file->shown);
	free(file);
}
