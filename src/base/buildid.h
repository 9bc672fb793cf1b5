/* Which build this is: the linker's own digest of the program (ld --build-id),
 * the same for two builds of the same bytes. */
#ifndef SANDBOX_BUILDID_H
#define SANDBOX_BUILDID_H

#include <stddef.h>

/* Bytes of the running program's image, and how many; NULL and 0 if it was
 * linked without. */
const unsigned char *build_id(size_t *n);

#endif
