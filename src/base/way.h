/* The way to a file, gone as the kernel goes it, but folder by folder and by
 * descriptor: what happens to the path meanwhile leads nobody elsewhere, and
 * every folder and link is seen.
 *
 * As root a link (and "..") is followed only where nobody but root and the
 * caller of sudo (SUDO_UID) can change it or what lies before it.  Any other
 * user's own judgement is enough. */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>

/* Where it ends. */
struct place {
	int dir;    /* O_PATH: the folder of the last step */
	char *name; /* the last step; NULL: the path is a folder's */
	/* What is there, looked at once: no link, but for /proc's own, which
	 * have no text to follow. */
	struct stat entry;
	bool exists;
	bool is_private; /* nobody else can write in the folder: whatever lies
	                    there may be replaced; known to the caller only */
	char *doubt; /* why root should not trust it: who else can change a
	                folder on the way; NULL: nobody */
};

/* NULL, or why there is none (malloc'd).  place_free() in both cases. */
char *way_find(struct place *place, const char *path);
void place_free(struct place *place);

/* Whoever could change a policy decides what root's programs may do.  As root,
 * NULL if nobody but root and the caller of sudo can change the open file or
 * what lies on the way to it, else the reason in one sentence (malloc'd).  The
 * descriptor is asked, not the name: nobody can swap the file afterwards.  NULL
 * for any other user. */
char *trust_refusal(int fd, const char *path);
