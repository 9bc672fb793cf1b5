/* What programs did, read back from JSON: FILE.seen, or any report of sandbox's
 * with counts[] or denied[] (sandbox(1) has the members).
 *
 * CMD's user may have written it.  Nothing of it is believed but calls, numbers
 * and names that the tables have, within limits; anything else is refused as a
 * whole. */
#ifndef SANDBOX_SEEN_READ_H
#define SANDBOX_SEEN_READ_H

#include "learn/seen.h"

/* Adds the rows of counts[] to seen, and of denied[] where denied is true.
 * 0; or -1 with why (malloc'd: "FILE.seen: counts[3].syscall: no such call:
 * 'opennat'") and seen as it was.  text is n bytes and a NUL. */
int seen_read(const char *name, const char *text, size_t n, bool denied,
	      struct seen *seen, char **why);

#endif
