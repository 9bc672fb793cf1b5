/* Opening and reading one policy file.
 *
 * Only regular files and unnamed pipes (standard input, <(…)) are read: a
 * named FIFO would hang, a device has no end. */
#ifndef SANDBOX_FILE_H
#define SANDBOX_FILE_H

#include <stddef.h>

enum { FILE_LIMIT = 4 << 20 }; /* bytes: no policy comes near it */

/* A close-on-exec descriptor, or -1 with errno set. Never waits. */
int file_open(const char *path);

/* NULL if the open file is of a kind that is read; else the reason ("is a
 * directory"), a literal. */
const char *file_refusal(int fd);

/* The whole file, NUL-terminated, owned by the caller; NULL with errno set:
 * EFBIG beyond FILE_LIMIT. */
char *file_read(int fd, size_t *size);

#endif
