/* The main job: run CMD under a policy. */
#pragma once

#include "run/options.h"

/* An exit status, if CMD was not started; else it ends as CMD did and does
 * not return. */
int run(const struct options *options);
