/* What programs did, read back from JSON: FILE.seen, or any report of sandbox's
 * with counts[] or denied[] (sandbox(1) has the members); or from a log of
 * strace(1).
 *
 * CMD's user may have written it.  Nothing of it is believed but calls, numbers
 * and names that the tables have, within limits; anything else is refused as a
 * whole, and of strace left out. */
#pragma once

#include "base/diag.h"
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

/* A log of strace in any of its forms (-f, -ff, -o, -t, -tt, -ttt, -r, -T, -i,
 * -n, -y, -yy), or the table of strace -c.  The first execve is how CMD came to
 * be, and no call of its own.  Arguments that are not told, or not understood,
 * may have been any: all that the call can do counts as seen, and a note says
 * so.  name is the file, as shown in notes.  0; or -1 with why (malloc'd): no
 * line of it is strace's.  seen is to be released in both cases. */
int strace_read(const char *name, const char *text, size_t n,
		struct seen *seen, struct diags *notes, char **why);
