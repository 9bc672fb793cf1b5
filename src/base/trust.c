#include "base/trust.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/owner.h"
#include "base/proc.h"
#include "base/util.h"
#include "base/way.h"

/* The way to the policy: whoever can change one of its folders or links chooses
 * the policy. */
static char *refuse_way(const char *path)
{
	struct way way;
	char *why = way_find(&way, path);

	if (way.doubt) {
		free(why);
		why = steal(way.doubt);
	}
	way_free(&way);
	return why;
}

/* Where the open file really lies; NULL for one that has no place (a pipe, a
 * deleted file), in whose way nobody can put another. */
static char *real_path(int fd, const struct stat *st)
{
	char target[PATH_MAX];
	ssize_t n = proc_fd_link(fd, target, sizeof(target));

	if (n <= 0 || target[0] != '/' || st->st_nlink == 0)
		return NULL;
	return xstrdup(target);
}

static char *from_root(const char *path)
{
	cleanup_free char *cwd = path[0] == '/' ? NULL : getcwd(NULL, 0);

	return cwd ? xasprintf("%s/%s", cwd, path) : xstrdup(path);
}

static char *reason_against(int fd, const char *path)
{
	cleanup_free char *real = NULL, *asked = NULL;
	char *reason;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return xstrdup(strerror(errno));
	reason = owner_against_file(path, &st);
	if (reason)
		return reason;
	real = real_path(fd, &st);
	asked = from_root(path);
	if (real)
		reason = refuse_way(real);
	/* a path without links is the way that was just gone */
	if (!reason && !(real && streq(real, asked)))
		reason = refuse_way(asked);
	return reason;
}

char *trust_refusal(int fd, const char *path)
{
	cleanup_free char *reason =
		geteuid() == 0 ? reason_against(fd, path) : NULL;

	if (!reason)
		return NULL;
	return xasprintf("root does not trust it: %s%s", reason,
			 owner_advice(reason));
}
