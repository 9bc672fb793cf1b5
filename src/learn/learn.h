/* The end of a learning run: what was seen becomes a policy file, or joins the
 * one that is there.
 *
 * What depends on the way to files is done before CMD starts, by the caller:
 * `place` is found, an existing FILE and the policies of -p are read and loaded.
 * learn_policy() then opens nothing but the new file beside `place`. */
#pragma once

#include "base/place.h"
#include "formats/load.h"
#include "learn/seen.h"
#include "model/policy.h"

struct learn_job {
	const char *file;    /* FILE as typed, for messages */
	struct place *place; /* FILE's */
	/* --merge: the text of FILE, and the policy that it is, includes and
	 * all; NULL: FILE is written afresh. */
	char *text;
	struct policy *old;
	/* --merge: FILE.seen alone, without this run: NULL if there is none.  A
	 * FILE that nobody has changed since is written afresh; to any other
	 * lines are added. */
	const struct seen *before;
	/* The policies of -p, loaded together; NULL: none.  Only what they lack
	 * is written. */
	struct policy *base;
	const char *const *bases; /* as typed */
	size_t n_bases;
	char **includes; /* learn_includes() */
	/* The files of `old`, FILE the first of them, or of `base`: nobody can
	 * look for them any more when CMD has ended.  NULL: none. */
	struct kept_files *kept;
	/* How the run ended before its time ("CMD died of SIGSEGV"): what it
	 * did not come to is not in the file, which says so.  NULL: CMD exited
	 * by itself, whatever its status. */
	const char *ending;
	bool exact; /* --exact: neither siblings nor floor */
};

/* For the last line on standard error. */
struct learned {
	size_t calls;      /* that were seen, of one name each */
	powers opens;      /* that they used */
	size_t new_calls;  /* that FILE did not allow before (--merge) … */
	powers new_powers; /* … and what they open that it did not */
	char *denied; /* calls that were seen and stay denied, since rules of
	                 FILE deny them (--merge); malloc'd, or NULL: none */
};

/* Before CMD starts: how a fresh FILE names the policies of -p.  NULL, or why it
 * cannot (malloc'd). */
char *learn_includes(struct learn_job *job);

/* `seen` is all that counts: with --merge that of this run joined with
 * FILE.seen (learn/seen_read.h).  0; or -1 with why (malloc'd), and FILE is
 * what it was. */
int learn_policy(const struct learn_job *job, const struct seen *seen,
		 struct learned *result, char **why);

/* The text of a fresh FILE alone; malloc'd. */
char *learn_text(const struct seen *seen, bool exact);
