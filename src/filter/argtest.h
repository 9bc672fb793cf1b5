/* The argument tests of one call, as instructions: straight from a decision
 * diagram, so that the code is as good as the diagram and no rule language
 * stands between.
 *
 * A run of bits of one 32-bit word that leads to the same exits is one
 * comparison:
 *
 *   A = word & mask
 *   if (A > k) goto greater
 *   if (A == k) goto equal else goto less
 *
 * and with greater == less (a plain equality) the first test is left out. */
#pragma once

#include "model/diagram.h"
#include "filter/program.h"

/* Appends the tests; they end in RETs with the diagram's leaves. 0, or -1 if
 * they would not fit into any program. */
int argtest_append(struct program *program, const struct diagram_store *store,
		   diagram answer);
