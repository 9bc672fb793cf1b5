/* What `check` looks for in a policy without mistakes: denied calls whose
 * work others still do, what breaks programs, and rules that say nothing.
 *
 * Everything is judged by effect, through decide and diagrams, for every ABI
 * that the policy admits and this machine can run. */
#ifndef SANDBOX_CHECK_H
#define SANDBOX_CHECK_H

#include "model/policy.h"
#include "review/finding.h"

/* Adds what it finds, sorted. */
void check_find(const struct policy *policy, struct findings *findings);

#endif
