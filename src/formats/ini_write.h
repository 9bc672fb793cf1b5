/* A layer as the text of a policy file, the inverse of load.h: what is written
 * here and read again has the same effect.
 *
 * Comments and the order of lines are the writer's own.  Calls that a group
 * gives to a rule stay a group's, which have less weight than names: a group
 * that the table does not have, or not with these members, is defined in
 * [groups]. */
#pragma once

#include <stdio.h>

#include "model/policy.h"

/* The layer is one of the policy's, which was checked: what its conditions
 * mean on ABIs that the policy does not admit is not written.  0; or -1 with a
 * reason in *why (malloc'd) and nothing written: one text cannot say it. */
int ini_write(FILE *out, const struct policy *policy,
	      const struct layer *layer, char **why);

/* "key = value", wrapped: the rest stands in indented lines. */
void ini_write_line(FILE *out, const char *key, const char *value);
