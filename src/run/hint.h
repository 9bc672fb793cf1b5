/* What to type next after a run in which nothing failed, but CMD. */
#ifndef SANDBOX_HINT_H
#define SANDBOX_HINT_H

#include "run/options.h"

/* CMD ended like this and was not traced.  Nobody knows whether it was denied
 * anything, so that nothing is said to be the policy's doing; and nothing at all
 * where somebody else ended it. */
void hint_ended(const struct options *options, int wait_status);

#endif
