/* From a name in an option or an `include` line to an open file, and its text.
 *
 * Only regular files and unnamed pipes (standard input, <(…)) are read: a
 * named FIFO would hang, a device has no end. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* What was found; both are the caller's. */
struct found {
	int fd;     /* close-on-exec; -1 after a failure */
	char *path; /* as shown in messages; after a failure, the file that
	               it is about, or NULL if no single one is */
};

/* Is an argument of -p the path of a file, and no name? */
bool search_is_path(const char *name);

/* An argument of -p: a path, or, without a slash and such an ending, the name of
 * NAME.ini in the folders of $SANDBOX_POLICY_PATH, in /etc/sandbox and in
 * PREFIX/share/sandbox/policies.  NULL if found, else the reason, to be freed
 * by the caller. */
char *search_policy(const char *name, struct found *found);

/* The value of an `include` line in the file at path: relative to that file's
 * folder, then to the same search path. */
char *search_include(const char *name, const char *path, struct found *found);

/* The whole file, NUL-terminated; NULL if it cannot be read, is of another kind
 * or not trusted (base/way.h), with the reason.  Both are the caller's. */
char *search_read(const struct found *found, size_t *size, char **reason);
/* The same of any other text, whoever wrote it, up to so many bytes. */
char *search_read_text(int fd, size_t limit, size_t *size, char **reason);
