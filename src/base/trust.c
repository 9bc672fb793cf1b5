#include "base/trust.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/util.h"
#include "base/way.h"

/* Who is believed beside root: the user who called sudo. 0 if nobody did. */
static uid_t sudo_user(void)
{
	const char *text = getenv("SUDO_UID");
	unsigned long long uid;

	if (!text || text[strspn(text, "0123456789")] ||
	    (text[0] == '0' && text[1]) || !parse_u64(text, &uid) ||
	    uid >= UINT32_MAX)
		return 0;
	return (uid_t)uid;
}

static bool is_believed(uid_t uid)
{
	return uid == 0 || uid == sudo_user();
}

#define UNKNOWN "a user whom this user namespace does not know"

/* In a user namespace the files of all whom it does not know seem to belong to
 * one user, root's among them: nobody can be believed by that number. */
static bool is_unknown(uid_t uid)
{
	cleanup_file FILE *overflow = fopen("/proc/sys/kernel/overflowuid", "re");
	cleanup_file FILE *map = proc_stream(0, "uid_map");
	unsigned long unknown, inside, outside, n;

	return overflow && fscanf(overflow, "%lu", &unknown) == 1 &&
	       uid == unknown && map &&
	       fscanf(map, "%lu %lu %lu", &inside, &outside, &n) == 3 &&
	       n < UINT32_MAX;
}

/* Where / is not root's own, no copy of the policy would be believed either. */
static const char *advice_on_unknown(void)
{
	struct stat st;

	return stat("/", &st) == 0 && is_believed(st.st_uid)
		       ? " (copy the policy to a file of your own, give --deny "
			 "or --allow, or start sandbox outside the namespace)"
		       : " (no file can be a policy here: give --deny or "
			 "--allow, or start sandbox outside the namespace)";
}

static char *strangers(const char *what, const char *path, uid_t uid)
{
	if (is_unknown(uid))
		return xasprintf("%s%s belongs to " UNKNOWN ", shown as %u",
				 what, path, (unsigned)uid);
	return xasprintf("%s%s belongs to user %u, who is neither root nor the "
			 "caller of sudo (chown root %s)", what, path,
			 (unsigned)uid, path);
}

char *trust_folder(const char *path, const struct stat *st)
{
	if (!is_believed(st->st_uid))
		return strangers("its folder ", path, st->st_uid);
	if (st->st_mode & 022 && !(st->st_mode & S_ISVTX))
		return xasprintf("others can write in its folder %s (chmod "
				 "go-w %s)", path, path);
	return NULL;
}

char *trust_link(const char *path, const struct stat *st)
{
	return is_believed(st->st_uid)
		       ? NULL
		       : strangers("the link ", path, st->st_uid);
}

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
	char *reason = NULL;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return xstrdup(strerror(errno));
	if (!is_believed(st.st_uid))
		return strangers("", path, st.st_uid);
	if (st.st_mode & 022)
		return xasprintf("others can write it (chmod go-w %s)", path);
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
			 strstr(reason, UNKNOWN) ? advice_on_unknown() : "");
}
