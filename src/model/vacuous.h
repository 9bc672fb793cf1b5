/* Conditions that are well-formed and make no sense: those that always or
 * never hold, and an `if` that can add nothing because the call is allowed
 * outright beneath it.  Found exactly, with decision diagrams. */
#ifndef SANDBOX_VACUOUS_H
#define SANDBOX_VACUOUS_H

#include "base/diag.h"
#include "model/policy.h"

/* 0, or -1 with the mistakes added to diags, each at its rule's line. */
int vacuous_check(const struct policy *policy, struct diags *diags);

#endif
