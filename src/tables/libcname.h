/* What people write for a system call and is none: names of libc's functions,
 * and the names that calls have in other programs. */
#ifndef SANDBOX_LIBCNAME_H
#define SANDBOX_LIBCNAME_H

#include <stddef.h>

/* The rows of libcname.def; NULL behind the last.  Texts lie in the rows, as in
 * the other tables (doc/HACKING.md, Start-up). */
struct libcname {
	char name[20];
	char write[18]; /* a call, or a group with its '@' */
};
const struct libcname *libcname_at(size_t i);

/* What to write for libc's function; NULL: not known. */
const char *libcname_find(const char *name);

/* Prefixes as in "__NR_read" and "~@clock"; NULL behind the last. */
const char *call_prefix_at(size_t i);

#endif
