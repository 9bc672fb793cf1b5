/* The journal's entries and audit lines, as the JSON report that would say the
 * same. */
#ifndef SANDBOX_SEEN_LINES_H
#define SANDBOX_SEEN_LINES_H

#include <stddef.h>

#include "base/jtree.h"

/* Of `journalctl -o export`, or lines with type=SECCOMP (1326), which may be
 * the journal's.  To be freed; NULL with why (malloc'd): it is neither. */
struct jtree *seen_lines(const char *text, size_t n, char **why);

#endif
