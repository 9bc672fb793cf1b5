/* Tables of calls that do the same work: data, to be looked over when a kernel
 * has new calls.  A row without anything ends each.
 *
 * Calls stand in lists of tables/use.h. */
#pragma once

#include "formats/names.h"

/* By which `check` finds a denial of one call that leaves others
 * (ways.c), and others ask too. */
struct equivalent {
	const char *what;   /* "opening files" */
	/* When one of these is denied, outright or for some arguments, … By them
	 * people mean the whole; a newer call that is denied alone (openat2,
	 * close_range) is no sign of that. */
	const char *denied;
	const char *others; /* … these still do it. */
	const char *mend;   /* "deny …"; NULL: the others */
	bool outright;      /* denied outright only */
	const char *needs;  /* and one of these runs; NULL: no matter */
	bool ways;          /* they get the same done, and no library takes one
	                       for another (siblings_add()) */
};
extern const struct equivalent equivalents[];

/* Do the two calls stand in one row, outright or by the use that carries their
 * power (mmap and mprotect, with PROT_EXEC)?  Then one of them is no better
 * closed than the other. */
bool equivalent_calls(uint32_t a, uint32_t b);

/* What io_uring does without a call that a filter sees. */
extern const char *const io_uring_does;

/* Calls that reach beyond the process, whatever else is denied. */
extern const struct reach {
	const char *calls;
	const char *what; /* "they can …" */
	const char *mend;
} reaches[];

/* A program that makes one of the calls will make the others, sooner or later,
 * or under another libc. */
extern const struct brings {
	const char *calls, *others;
} brings[];

/* Calls that libc and others try first and replace by older ones when the
 * answer is ENOSYS, and only then. */
extern const struct fallback {
	const char *call;
	const char *older;
	const char *who; /* … would go on */
	bool fatal; /* programs do not start, rather than fail here and there */
} fallbacks[];
const struct fallback *fallback_of(uint32_t call); /* NULL: there is none */

/* What belongs to a call that was seen, for who makes a policy of it: another
 * libc, or the same one on another day, makes a sibling instead.  Whether a
 * sibling may be allowed, or only some of it, is for powers to say
 * (model/power_cond.h). */

/* Adds the calls that do the same work (rename: renameat, renameat2), and those
 * that a program will make beside it (socket: getsockopt …); the call itself
 * may be among them. */
void siblings_add(uint32_t call, struct calls *siblings);

/* What belongs under every list beside @runtime, as far as it carries no power:
 * a group has no place for a condition. */
void floor_add(struct calls *calls);

/* Uses of calls that belong there, too: a list of use.h. */
extern const char *const floor_uses;
