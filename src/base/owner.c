#include "base/owner.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/proc.h"
#include "base/util.h"

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

static char *strangers(const char *what, const char *path, uid_t uid)
{
	if (is_unknown(uid))
		return xasprintf("%s%s belongs to " UNKNOWN ", shown as %u",
				 what, path, (unsigned)uid);
	return xasprintf("%s%s belongs to user %u, who is neither root nor the "
			 "caller of sudo (chown root %s)", what, path,
			 (unsigned)uid, path);
}

char *owner_against_file(const char *path, const struct stat *st)
{
	if (!is_believed(st->st_uid))
		return strangers("", path, st->st_uid);
	if (st->st_mode & 022)
		return xasprintf("others can write it (chmod go-w %s)", path);
	return NULL;
}

char *owner_against_folder(const char *path, const struct stat *st)
{
	if (!is_believed(st->st_uid))
		return strangers("its folder ", path, st->st_uid);
	if (st->st_mode & 022 && !(st->st_mode & S_ISVTX))
		return xasprintf("others can write in its folder %s (chmod "
				 "go-w %s)", path, path);
	return NULL;
}

char *owner_against_link(const char *path, const struct stat *st)
{
	return is_believed(st->st_uid)
		       ? NULL
		       : strangers("the link ", path, st->st_uid);
}

/* Where / is not root's own, no copy of the policy would be believed either. */
const char *owner_advice(const char *why)
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
