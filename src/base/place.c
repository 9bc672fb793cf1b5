#include "base/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/util.h"

char *place_find(struct place *place, const char *path)
{
	char *why = way_find(place, path);
	mode_t mask;

	if (!why && !place->name)
		why = xstrdup(strerror(EISDIR));
	if (place->exists)
		return why;
	/* A new file gets the mode that any new file would get. umask(2) can be
	 * asked only by setting it. */
	mask = umask(077);
	umask(mask);
	place->entry = (struct stat){.st_uid = geteuid(), .st_gid = (gid_t)-1,
				     .st_mode = 0666 & ~mask};
	return why;
}

/* O_TRUNC only once it is known what was opened, O_NONBLOCK in case it is a
 * FIFO by now. */
static int empty(int fd, const struct stat *expected)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -1;
	if (!S_ISLNK(expected->st_mode) &&
	    (st.st_dev != expected->st_dev || st.st_ino != expected->st_ino)) {
		errno = ESTALE;
		return -1;
	}
	if (!S_ISREG(st.st_mode))
		return 0;
	return ftruncate(fd, 0) < 0 ? -1 : fcntl(fd, F_SETFL, 0);
}

int place_open(const struct place *place)
{
	mode_t mode = place->entry.st_mode;
	int flags = O_WRONLY | O_CLOEXEC | O_NOCTTY;
	int fd, saved;

	/* A link that the way ends at is one of /proc's. */
	if (!S_ISLNK(mode))
		flags |= O_NOFOLLOW;
	if (S_ISREG(mode))
		flags |= O_NONBLOCK;
	fd = openat(place->dir, place->name, flags);
	if (fd < 0 || empty(fd, &place->entry) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

/* Only root can give a file back to its owner; what it granted to another group
 * is not for ours.  Not asked where the file is its owner's already: a service's
 * SystemCallFilter= may kill for fchown(2). */
static void make_like(int fd, struct stat *entry)
{
	mode_t mode = entry->st_mode & 0777;
	struct stat own = *entry;

	if (fstat(fd, &own) < 0 ||
	    ((own.st_uid != entry->st_uid ||
	      (own.st_gid != entry->st_gid && entry->st_gid != (gid_t)-1)) &&
	     fchown(fd, entry->st_uid, entry->st_gid) < 0)) {
		mode &= 0707;
		entry->st_uid = own.st_uid;
	}
	fchmod(fd, mode);
}

/* A new file beside it, open for writing, under a name (malloc'd) that nobody
 * can have prepared; the entry's owner and mode as far as this user can give
 * them. */
static int begin(struct place *place, char **temporary)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;

	for (int tries = 0; tries < 100; tries++) {
		unsigned random = 0;
		int fd;

		if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
			random = (unsigned)getpid() + (unsigned)tries;
		/* Cut, so that the name of the longest file still fits. */
		*temporary = xasprintf(".%.200s.%08x", place->name, random);
		fd = openat(place->dir, *temporary, flags, 0600);
		if (fd >= 0) {
			make_like(fd, &place->entry);
			return fd;
		}
		free(steal(*temporary));
		if (errno != EEXIST)
			return -1;
	}
	return -1;
}

/* A report of an earlier run may have been written meanwhile: the owner counts,
 * not the file. */
static bool is_ours_to_replace(const struct place *place)
{
	struct stat st;

	if (place->is_private)
		return true;
	if (fstatat(place->dir, place->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT;
	errno = ESTALE;
	return S_ISREG(st.st_mode) && st.st_uid == place->entry.st_uid;
}

/* The new file takes its place, or is removed. */
static int write_new(struct place *place, const char *bytes, size_t n,
		     bool keep)
{
	cleanup_free char *temporary = NULL;
	int fd = begin(place, &temporary), err;

	if (fd < 0)
		return -1;
	err = write_all(fd, bytes, n) < 0 ? errno : 0;
	/* what a full disk did not take may be known only now */
	if (close(fd) < 0 && !err)
		err = errno;
	if (!err && keep && is_ours_to_replace(place) &&
	    renameat(place->dir, temporary, place->dir, place->name) == 0)
		return 0;
	if (!err && keep)
		err = errno;
	unlinkat(place->dir, temporary, 0);
	errno = err;
	return err ? -1 : 0;
}

int place_write(struct place *place, const char *bytes, size_t n)
{
	return write_new(place, bytes, n, true);
}

int place_try(struct place *place, const char *bytes, size_t n)
{
	if (place->exists && faccessat(place->dir, place->name, W_OK,
				       AT_EACCESS | AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	return write_new(place, bytes, n, false);
}

/* Is it a file of these bytes and no others? */
static bool holds(const struct place *place, const char *text)
{
	cleanup_fd int fd = openat(place->dir, place->name,
				   O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
					   O_NOCTTY | O_CLOEXEC);
	size_t n = strlen(text);
	cleanup_free char *bytes = xmalloc(n + 1);

	return fd >= 0 && read_all(fd, bytes, n + 1) == (ssize_t)n &&
	       memcmp(bytes, text, n) == 0;
}

/* Nothing has come there since, if nothing was. */
static bool is_as_before(const struct place *place)
{
	struct stat st;

	return place->exists || (fstatat(place->dir, place->name, &st,
					 AT_SYMLINK_NOFOLLOW) < 0 &&
				 errno == ENOENT);
}

char *place_replace(struct place *place, const char *before, const char *text)
{
	if (before ? !holds(place, before) : !is_as_before(place))
		return xstrdup("it was changed meanwhile");
	if (place_write(place, text, strlen(text)) < 0)
		return xstrdup(place_error(errno));
	return NULL;
}

const char *place_error(int err)
{
	return err == ESTALE ? "another file has appeared there meanwhile"
			     : strerror(err);
}
