/* What programs did, read from a log of strace(1), in any of its forms (-f, -ff,
 * -o, -t, -tt, -ttt, -r, -T, -i, -n, -y, -yy), or from the table of strace -c.
 *
 * The first execve is how CMD came to be, and no call of its own.  Arguments
 * that are not told, or not understood, may have been any: all that the call
 * can do counts as seen, and a note says so. */
#pragma once

#include "base/diag.h"
#include "learn/seen.h"

/* name is the file, as shown in notes.  0; or -1 with why (malloc'd): no line
 * of it is strace's.  seen is to be released in both cases. */
int strace_read(const char *name, const char *text, size_t n,
		struct seen *seen, struct diags *notes, char **why);
