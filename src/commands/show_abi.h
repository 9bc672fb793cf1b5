/* The calls of one ABI in `sandbox show`: each with its answer, as text by
 * verdict and reason, as JSON by number. */
#ifndef SANDBOX_SHOW_ABI_H
#define SANDBOX_SHOW_ABI_H

#include "base/jtree.h"
#include "model/policy.h"
#include "tables/abi.h"

/* Adds it to the list; NULL: prints it on standard output. */
void show_abi(struct jtree *list, const struct policy *policy, enum abi_id abi);

/* A line in bold behind an empty one, never cut. */
void show_heading(const char *text);

#endif
