#include "formats/trust.h"

#include <errno.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/util.h"

enum { LINK_LIMIT = 40 }; /* as the kernel's, path_resolution(7) */

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

/* In a user namespace the files of all whom it does not know seem to belong to
 * one user, root's among them: nobody can be believed by that number. */
static bool is_unknown(uid_t uid)
{
	cleanup_file FILE *overflow = fopen("/proc/sys/kernel/overflowuid", "re");
	cleanup_file FILE *map = fopen("/proc/self/uid_map", "re");
	unsigned long unknown, inside, outside, n;

	return overflow && fscanf(overflow, "%lu", &unknown) == 1 &&
	       uid == unknown && map &&
	       fscanf(map, "%lu %lu %lu", &inside, &outside, &n) == 3 &&
	       n < UINT32_MAX;
}

/* Where / is not root's own, no copy of the policy would be believed either. */
static char *refuse_unknown(const char *what, const char *path, uid_t uid)
{
	struct stat st;
	bool has_own_root = stat("/", &st) == 0 && is_believed(st.st_uid);

	return xasprintf("root does not trust it: %s%s belongs to a user whom "
			 "this user namespace does not know, shown as %u (%s "
			 "give --deny or --allow, or start sandbox outside the "
			 "namespace)", what, path, (unsigned)uid,
			 has_own_root ? "copy the policy to a file of your own,"
				      : "no file can be a policy here:");
}

static char *refuse_owner(const char *what, const char *path, uid_t uid)
{
	if (is_unknown(uid))
		return refuse_unknown(what, path, uid);
	return xasprintf("root does not trust it: %s%s belongs to user %u, who "
			 "is neither root nor the caller of sudo (chown root "
			 "%s)", what, path, (unsigned)uid, path);
}

static char *check_folder(const char *path, const struct stat *st)
{
	if (!is_believed(st->st_uid))
		return refuse_owner("its folder ", path, st->st_uid);
	if (st->st_mode & 022 && !(st->st_mode & S_ISVTX))
		return xasprintf("root does not trust it: others can write in "
				 "its folder %s (chmod go-w %s)", path, path);
	return NULL;
}

/* A walk along a path as the kernel does it, so that every folder and link on
 * the way is seen: whoever can change one of them chooses the policy. */
struct walk {
	char *done; /* where we are: "" is the root folder */
	char *left; /* what is left of the path */
	int links;
	bool ended; /* at the file, or where the kernel's own links begin */
};

/* /proc/self/fd/3 and the like do not lead where their text says; what the
 * open file is, is asked of the descriptor. */
static bool is_magic(const char *folder)
{
	struct statfs fs;

	return statfs(*folder ? folder : "/", &fs) == 0 &&
	       fs.f_type == PROC_SUPER_MAGIC;
}

static char *follow_link(struct walk *walk, const char *path,
			 const struct stat *st)
{
	char target[PATH_MAX];
	ssize_t n;
	char *left;

	if (is_magic(walk->done)) {
		walk->ended = true;
		return NULL;
	}
	if (!is_believed(st->st_uid))
		return refuse_owner("the link ", path, st->st_uid);
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0 || ++walk->links > LINK_LIMIT)
		return xasprintf("root does not trust it: the link %s leads "
				 "nowhere", path);
	target[n] = '\0';
	left = xasprintf("%s/%s", target, walk->left);
	free(walk->left);
	walk->left = left;
	if (target[0] == '/')
		walk->done[0] = '\0';
	return NULL;
}

static char *enter(struct walk *walk, const char *name)
{
	cleanup_free char *path = NULL;
	char *up;
	struct stat st;

	if (streq(name, ".") || streq(name, "")) {
		return NULL;
	} else if (streq(name, "..")) {
		up = strrchr(walk->done, '/');
		if (up)
			*up = '\0';
		return NULL;
	}
	path = xasprintf("%s/%s", walk->done, name);
	if (lstat(path, &st) < 0)
		return xasprintf("root does not trust it: %s: %s", path,
				 strerror(errno));
	if (S_ISLNK(st.st_mode))
		return follow_link(walk, path, &st);
	if (!S_ISDIR(st.st_mode)) {
		walk->ended = true;
		return NULL;
	}
	free(walk->done);
	walk->done = steal(path);
	return check_folder(walk->done, &st);
}

static char *check_path(const char *path)
{
	cleanup_free char *cwd = path[0] == '/' ? NULL : getcwd(NULL, 0);
	struct walk walk = {
		.done = xstrdup(""),
		.left = xasprintf("%s/%s", cwd ? cwd : "", path),
	};
	char *reason = NULL;
	struct stat st;

	if (lstat("/", &st) == 0)
		reason = check_folder("/", &st);
	while (!reason && !walk.ended && *walk.left) {
		size_t n = strcspn(walk.left, "/");
		cleanup_free char *name = xstrndup(walk.left, n);

		memmove(walk.left, walk.left + n + (walk.left[n] == '/'),
			strlen(walk.left + n) + (walk.left[n] != '/'));
		reason = enter(&walk, name);
	}
	free(walk.done);
	free(walk.left);
	return reason;
}

/* Where the open file really lies; NULL for one that has no place (a pipe, a
 * deleted file), in whose way nobody can put another. */
static char *real_path(int fd, const struct stat *st)
{
	char link[32], target[PATH_MAX];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, target, sizeof(target) - 1);
	if (n <= 0 || target[0] != '/' || st->st_nlink == 0)
		return NULL;
	return xstrndup(target, (size_t)n);
}

char *trust_refusal(int fd, const char *path)
{
	cleanup_free char *real = NULL;
	char *reason = NULL;
	struct stat st;

	if (geteuid() != 0)
		return NULL;
	if (fstat(fd, &st) < 0)
		return xasprintf("root does not trust it: %s", strerror(errno));
	if (!is_believed(st.st_uid))
		return refuse_owner("", path, st.st_uid);
	if (st.st_mode & 022)
		return xasprintf("root does not trust it: others can write it "
				 "(chmod go-w %s)", path);
	real = real_path(fd, &st);
	if (real)
		reason = check_path(real);
	if (!reason && !(real && streq(real, path)))
		reason = check_path(path);
	return reason;
}
