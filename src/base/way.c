#include "base/way.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/util.h"

/* --- whom root believes ----------------------------------------------------
 *
 * Itself and the user who called sudo.  What is against one thing on the way to
 * a file: NULL, or the reason (malloc'd), whoever calls. */

static bool is_believed(uid_t uid)
{
	const char *text = getenv("SUDO_UID");
	unsigned long long caller;

	return uid == 0 || (text && !text[strspn(text, "0123456789")] &&
			    (text[0] != '0' || !text[1]) &&
			    parse_u64(text, &caller) &&
			    caller < UINT32_MAX && uid == caller);
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

static char *strangers(const char *what, const char *path, uid_t uid)
{
	if (is_unknown(uid))
		return xasprintf("%s%s belongs to " UNKNOWN ", shown as %u",
				 what, path, (unsigned)uid);
	return xasprintf("%s%s belongs to user %u, who is neither root nor the "
			 "caller of sudo (chown root %s)", what, path,
			 (unsigned)uid, path);
}

static char *against_file(const char *path, const struct stat *st)
{
	if (!is_believed(st->st_uid))
		return strangers("", path, st->st_uid);
	if (st->st_mode & 022)
		return xasprintf("others can write it (chmod go-w %s)", path);
	return NULL;
}

static char *against_folder(const char *path, const struct stat *st)
{
	if (!is_believed(st->st_uid))
		return strangers("its folder ", path, st->st_uid);
	if (st->st_mode & 022 && !(st->st_mode & S_ISVTX))
		return xasprintf("others can write in its folder %s (chmod "
				 "go-w %s)", path, path);
	return NULL;
}

/* What to do about such a reason, in brackets, or "".  Where / is not root's own,
 * no copy of the policy would be believed either. */
static const char *advice_on(const char *why)
{
	struct stat st;

	if (!strstr(why, UNKNOWN))
		return "";
	return stat("/", &st) == 0 && is_believed(st.st_uid)
		       ? " (copy the policy to a file of your own, give --deny "
			 "or --allow, or start sandbox outside the namespace)"
		       : " (no file can be a policy here: give --deny or "
			 "--allow, or start sandbox outside the namespace)";
}

/* --- the way --------------------------------------------------------------- */

enum {
	LINK_LIMIT = 40, /* as the kernel's, path_resolution(7) */
	FOLDER = O_PATH | O_DIRECTORY | O_CLOEXEC,
};

struct walk {
	struct place *place; /* dir: where we are */
	char *done;          /* the same as text; "" is the root folder */
	char *left;          /* what is left of the path */
	int links;
	bool is_root;
};

/* One step of the path. */
struct step {
	const char *name;
	const char *path; /* with all before it */
	bool is_last;
	struct stat st; /* what is there */
};

static char *failure(const char *path)
{
	return xasprintf("%s: %s", *path ? path : "/", strerror(errno));
}

/* Takes fd, a folder. */
static char *enter(struct walk *walk, int fd, const char *path)
{
	struct place *place = walk->place;
	struct stat st;

	if (fd < 0)
		return failure(path);
	if (place->dir >= 0)
		close(place->dir);
	place->dir = fd;
	free(walk->done);
	walk->done = xstrdup(path);
	if (!walk->is_root || place->doubt)
		return NULL;
	if (fstat(fd, &st) < 0)
		return failure(path);
	place->doubt = against_folder(*path ? path : "/", &st);
	return NULL;
}

static char *end(struct walk *walk, const struct step *step, bool exists)
{
	walk->place->name = xstrdup(step->name);
	walk->place->entry = step->st;
	walk->place->exists = exists;
	return NULL;
}

/* What the link says takes the place of its name in what is left. */
static char *follow_text(struct walk *walk, const struct step *step, int link)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(link, "", target, sizeof(target) - 1);
	char *left;

	if (n <= 0 || ++walk->links > LINK_LIMIT)
		return xasprintf("the link %s leads nowhere", step->path);
	target[n] = '\0';
	left = step->is_last ? xstrdup(target)
			     : xasprintf("%s/%s", target, walk->left);
	free(walk->left);
	walk->left = left;
	if (target[0] != '/')
		return NULL;
	return enter(walk, open("/", FOLDER), "");
}

static char *follow(struct walk *walk, const struct step *step, int link)
{
	struct place *place = walk->place;
	struct statfs fs;

	if (!place->doubt && walk->is_root && !is_believed(step->st.st_uid))
		place->doubt = strangers("the link ", step->path,
					 step->st.st_uid);
	if (place->doubt)
		return xasprintf("root does not follow the link %s: %s",
				 step->path, place->doubt);
	/* /proc/self/fd/3 and the like do not lead where their text says. */
	if (fstatfs(place->dir, &fs) < 0 || fs.f_type != PROC_SUPER_MAGIC)
		return follow_text(walk, step, link);
	if (step->is_last)
		return end(walk, step, true);
	return enter(walk, openat(place->dir, step->name, FOLDER), step->path);
}

/* Where a folder has been moved to, its owner decides. */
static char *go_up(struct walk *walk, const struct step *step)
{
	if (walk->place->doubt)
		return xasprintf("root does not follow %s: %s", step->path,
				 walk->place->doubt);
	return enter(walk, openat(walk->place->dir, "..", FOLDER), step->path);
}

static char *take(struct walk *walk, struct step *step)
{
	cleanup_fd int fd = -1;
	int folder;

	if (!*step->name || streq(step->name, "."))
		return NULL;
	if (streq(step->name, ".."))
		return go_up(walk, step);
	fd = openat(walk->place->dir, step->name,
		    O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT && step->is_last)
		return end(walk, step, false);
	if (fd < 0 || fstat(fd, &step->st) < 0)
		return failure(step->path);
	if (S_ISLNK(step->st.st_mode))
		return follow(walk, step, fd);
	if (step->is_last)
		return end(walk, step, true);
	if (!S_ISDIR(step->st.st_mode)) {
		errno = ENOTDIR;
		return failure(step->path);
	}
	folder = fd;
	fd = -1;
	return enter(walk, folder, step->path);
}

static char *next(struct walk *walk)
{
	size_t n = strcspn(walk->left, "/");
	bool is_last = walk->left[n] == '\0';
	cleanup_free char *name = xstrndup(walk->left, n);
	cleanup_free char *path = xasprintf("%s/%s", walk->done, name);

	n += !is_last;
	memmove(walk->left, walk->left + n, strlen(walk->left + n) + 1);
	return take(walk, &(struct step){.name = name, .path = path,
					 .is_last = is_last});
}

char *way_find(struct place *place, const char *path)
{
	const char *start = path[0] == '/' ? "/" : ".";
	struct walk walk = {.place = place, .is_root = geteuid() == 0};
	char *why;

	*place = (struct place){.dir = -1};
	if (!*path) {
		errno = ENOENT;
		return xstrdup(strerror(errno));
	}
	walk.left = xstrdup(path);
	why = enter(&walk, open(start, FOLDER), path[0] == '/' ? "" : ".");
	while (!why && !place->name && *walk.left)
		why = next(&walk);
	free(walk.done);
	free(walk.left);
	return why;
}

void place_free(struct place *place)
{
	if (place->dir >= 0)
		close(place->dir);
	free(place->name);
	free(place->doubt);
}

/* --- whether root trusts what lies at its end ------------------------------ */

/* The way to the policy: whoever can change one of its folders or links chooses
 * the policy.  *end is what lies there. */
static char *refuse_way(const char *path, struct stat *end)
{
	released_by(place_free) struct place place;
	cleanup_free char *why = way_find(&place, path);

	*end = place.entry;
	return place.doubt ? steal(place.doubt) : steal(why);
}

/* The way to where an open file really lies.  A pipe, or a deleted file, has no
 * place, and nobody can put another in its way. */
static char *refuse_place(int fd, const struct stat *st)
{
	char real[PATH_MAX];
	struct stat end;

	if (st->st_nlink == 0 || proc_fd_link(fd, real, sizeof(real)) <= 0 ||
	    real[0] != '/')
		return NULL;
	return refuse_way(real, &end);
}

static char *reason_against(int fd, const char *path)
{
	cleanup_free char *cwd = path[0] == '/' ? NULL : getcwd(NULL, 0);
	cleanup_free char *asked = NULL;
	struct stat st, end;
	char *reason;

	if (fstat(fd, &st) < 0)
		return xstrdup(strerror(errno));
	reason = against_file(path, &st);
	if (reason)
		return reason;
	asked = cwd ? xasprintf("%s/%s", cwd, path) : xstrdup(path);
	reason = refuse_way(asked, &end);
	/* The file at the end of a trusted way from the root lies there.  A link
	 * of /proc ends elsewhere, and where no working folder can be had, what
	 * is above it was not looked at. */
	if (!reason && (asked[0] != '/' || end.st_dev != st.st_dev ||
			end.st_ino != st.st_ino))
		reason = refuse_place(fd, &st);
	return reason;
}

char *trust_refusal(int fd, const char *path)
{
	cleanup_free char *reason =
		geteuid() == 0 ? reason_against(fd, path) : NULL;

	if (!reason)
		return NULL;
	return xasprintf("root does not trust it: %s%s", reason,
			 advice_on(reason));
}
