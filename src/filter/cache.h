/* Compiled programs kept from one start to the next, as proposals.
 *
 * CMD runs as the same user and can write an entry of its own with the right
 * name, owner and mode.  So nothing here is believed: what comes out is armed
 * and proved (verify.h) like a program that was just compiled, and if the
 * proof fails, it is compiled afresh.  The checks below only keep away what is
 * not worth a proof.
 *
 * An entry is a file named after its key: magic, key, number of instructions,
 * instructions.  It holds what compile() made, without a cookie.  It is
 * written under another name and renamed, so a reader finds the whole of an
 * entry or none.  Beyond CACHE_ENTRIES the oldest go, so the folder stays
 * below 2.1 MiB. */
#ifndef SANDBOX_CACHE_H
#define SANDBOX_CACHE_H

#include <stdbool.h>

#include "filter/key.h"
#include "filter/program.h"

enum { CACHE_ENTRIES = 64 };

/* Where this user's entries are: $XDG_CACHE_HOME/sandbox or
 * $HOME/.cache/sandbox; root's, whatever its environment says,
 * /var/cache/sandbox.  To be freed; NULL: nowhere. */
char *cache_folder(void);

/* false: there is no entry, or one that is not to be used: no regular file, of
 * somebody else, writable by others, not of the form above, of another key;
 * or the folder is not the user's alone.  true: *program, to be freed. */
bool cache_load(const char *folder, const struct key *key,
		struct program *program);

/* Makes the folder (0700) if need be.  false: the entry could not be written,
 * which harms nobody; no part of it is left then. */
bool cache_store(const char *folder, const struct key *key,
		 const struct program *program);

#endif
