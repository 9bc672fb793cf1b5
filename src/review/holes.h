/* What `check` looks for in a policy without mistakes: doors left open beside
 * closed ones, what breaks programs, and rules that say nothing.
 *
 * Everything is judged by effect, through decide and diagrams, for every ABI
 * that the policy admits and this machine can run. */
#ifndef SANDBOX_HOLES_H
#define SANDBOX_HOLES_H

#include "model/policy.h"
#include "review/finding.h"

/* Adds what it finds, sorted. */
void holes_find(const struct policy *policy, struct findings *findings);

#endif
