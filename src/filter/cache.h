/* Compiled programs kept from one start to the next, as proposals.
 *
 * CMD runs as the same user and can write an entry of its own with the right
 * name, owner and mode.  So nothing here is believed: what comes out is armed
 * and proved (verify.h) like a program that was just compiled, and if the
 * proof fails, it is compiled afresh.  The checks below only keep away what is
 * not worth a proof.
 *
 * An entry is a file named after its key, of the instructions that compile()
 * made, without a cookie.  It is written under another name and renamed, so a
 * reader finds the whole of an entry or none.  Beyond CACHE_ENTRIES the oldest
 * go, so the folder stays below 2.1 MiB. */
#pragma once

#include <stdbool.h>

#include "filter/answer.h"
#include "filter/program.h"
#include "model/policy.h"

enum { CACHE_ENTRIES = 64, DIGEST_SIZE = 2 * 16 + 1 };

struct digest {
	char text[DIGEST_SIZE]; /* lower-case hexadecimal */
};

/* Of what compile(policy, answers, gates) would build: each layer's settings,
 * rules and conditions, the tracer's rules, how it is watched, the gates, this
 * build of the tool (so the tables and the compiler) and the version of
 * libseccomp.  Texts that have no effect (comments, file names, the place of a
 * line) are no part of it. */
struct digest cache_key(const struct policy *policy,
			const struct answers *answers, unsigned gates);

/* Of what the policy says, by any build of the same tables: reports carry it,
 * so that it is known whether they are of this text of a policy. */
struct digest policy_digest(const struct policy *policy);

/* Where this user's entries are: $XDG_CACHE_HOME/sandbox or
 * $HOME/.cache/sandbox; root's, whatever its environment says,
 * /var/cache/sandbox.  To be freed; NULL: nowhere. */
char *cache_folder(void);

/* false: there is no entry, or one that is not to be used: no regular file, of
 * somebody else, writable by others, of no program's size; or the folder is not
 * the user's alone.  true: *program, to be freed. */
bool cache_load(const char *folder, const struct digest *key,
		struct program *program);

/* Makes the folder (0700) if need be.  false: the entry could not be written,
 * which harms nobody; no part of it is left then. */
bool cache_store(const char *folder, const struct digest *key,
		 const struct program *program);
