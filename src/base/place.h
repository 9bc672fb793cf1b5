/* A place that sandbox writes to: the one door for every path that is written.
 *
 * The path is looked up once (way.h), as a folder's descriptor and a name in
 * it; all else goes through these two, and no link is followed any more.  A
 * file is written under a temporary name and renamed, so that a reader finds
 * the whole of it or the one before.  Owner and mode are those of the very file
 * that is replaced, and a file of another owner's that has come there since is
 * left alone. */
#pragma once

#include <stddef.h>

#include "base/way.h"

/* As way_find(), of a file.  If there is none the entry is the owner and mode
 * that a new one gets (gid -1: as the folder wants it). */
char *place_find(struct place *place, const char *path);

/* Opens what is there for writing, as it is: a regular file becomes empty,
 * a FIFO waits for its reader.  -1 with errno: ESTALE if it is not what
 * place_find() saw. */
int place_open(const struct place *place);

/* A new file of these bytes takes its place.  0, or -1 with errno: ESTALE as
 * above, a file of another owner's. */
int place_write(struct place *place, const char *bytes, size_t n);
/* Could it?  The new file is made, and removed. */
int place_try(struct place *place, const char *bytes, size_t n);

/* The same if the file still holds these bytes; before NULL: if it is there, or
 * is not, as at first.  NULL, or why not (malloc'd). */
char *place_replace(struct place *place, const char *before, const char *text);

/* strerror(3) with a word on ESTALE. */
const char *place_error(int err);
