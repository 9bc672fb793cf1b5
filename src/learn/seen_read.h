/* What programs did, read back from JSON: FILE.seen, or any report of sandbox's
 * with counts[] or denied[] (sandbox(1) has the members).
 *
 * CMD's user may have written it.  Nothing of it is believed but calls, numbers
 * and names that the tables have, within limits; anything else is refused as a
 * whole. */
#pragma once

#include "base/jtree.h"
#include "learn/seen.h"

enum { SEEN_LIMIT = 64 << 20 }; /* bytes; far above what a tally holds */

/* A row as it stands there. */
struct seen_row {
	struct seen_call call; /* CALL_NONE: one that no policy can name */
	char *label;           /* "openat", "462 (x32)" */
	char *first;           /* a hit: "openat(AT_FDCWD, …)", or NULL */
	bool has_uses;         /* else they are not known */
};

struct seen_rows {
	struct seen_row *items;
	size_t n, cap;
};

/* Adds the rows of counts[] and denied[]; also of the journal's entries
 * (journalctl -o export) and of audit lines (type=SECCOMP).  A row of counts[]
 * that does not say what its arguments asked for is left out.  text is n bytes
 * and a NUL.  0; or -1 with why (malloc'd: "counts[3].syscall: no such call:
 * 'opennat'"). */
int seen_read(const char *text, size_t n, struct seen_rows *rows, char **why);
void seen_rows_free(struct seen_rows *rows);

/* The report that would say the same as entries of the journal or audit lines,
 * which may be the journal's.  To be freed; NULL with why: it is neither. */
struct jtree *seen_lines(const char *text, size_t n, char **why);
