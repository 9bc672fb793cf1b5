/* The main job: run CMD under a policy. */
#ifndef SANDBOX_RUN_H
#define SANDBOX_RUN_H

#include "run/options.h"

/* An exit status, if CMD was not started; else it ends as CMD did and does
 * not return. */
int run(const struct options *options);

#endif
