/* A policy's program, from the cache or compiled, and its last steps before the
 * launch: the cookie and the proof. */
#pragma once

#include <stdbool.h>

#include "filter/answer.h"
#include "filter/cache.h"
#include "filter/gate.h"
#include "filter/program.h"
#include "model/policy.h"

struct prepared {
	/* to be set by the caller, borrowed */
	const struct policy *policy;
	struct answers answers;
	struct gate gate; /* its calls; the cookie comes and goes */

	struct program program; /* without its cookie */
	char *cache;            /* the folder of proposals; NULL: none is used */
	struct digest key;
	bool is_proposal; /* the program came from there */
};

/* Fills in the program.  0, or an exit status with the reason printed. */
int prepare(struct prepared *prepared, bool use_cache);

/* struct launch's arm(): ctx is the prepared.  What was compiled and is proved
 * goes to the cache. */
int prepared_arm(void *ctx, struct program *program, uint32_t cookie[4],
		 uint32_t *sign);

/* Frees what prepare() made. */
void prepared_release(struct prepared *prepared);
