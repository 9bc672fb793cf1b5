/* Several layers as one, by effect: what a policy answers, said in one file.
 *
 * The result is there to be written (formats/ini_write.h).  Conditions are
 * those of one ABI, ours before others, and groups become names, so whether the
 * text has the same effect is to be asked of the text: differences_find(). */
#ifndef SANDBOX_FLATTEN_H
#define SANDBOX_FLATTEN_H

#include "model/policy.h"

/* A policy of one layer, which was not checked; to be freed. */
struct policy *flatten(const struct policy *policy);

#endif
