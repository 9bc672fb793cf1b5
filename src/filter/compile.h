/* Policy -> one program for all admitted ABIs, still without its cookie:
 *
 *   by architecture: to the ABI's part, or `foreign`
 *   native part:     numbers above the table; gated calls; the dispatch
 *   other parts:     numbers above the table; the dispatch
 *   argument tests of the calls that have conditions
 *
 * Nothing here is believed: verify.h proves the result. */
#pragma once

#include "filter/answer.h"
#include "filter/program.h"
#include "model/policy.h"

/* gates: GATE_… to be put in front.  0 and *program (which the caller frees),
 * or -1 with *why (malloc'd). */
int compile(const struct policy *policy, const struct answers *answers,
	    unsigned gates, struct program *program, char **why);
