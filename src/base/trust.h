/* Whom root believes: a policy that somebody else could change decides what
 * root's programs may do, a link that somebody else could change decides what
 * root writes to.
 *
 * As root, a file is refused if it belongs to neither root nor the user who
 * called sudo (SUDO_UID), is writable by group or others, or lies under a
 * folder that others can write (sticky folders excepted).  Any other user's
 * own judgement is enough. */
#ifndef SANDBOX_TRUST_H
#define SANDBOX_TRUST_H

/* NULL if the open file is trusted, else the reason in one sentence, to be
 * freed by the caller.  The open descriptor is asked, not the name, so that
 * nobody can swap the file afterwards. */
char *trust_refusal(int fd, const char *path);

#endif
