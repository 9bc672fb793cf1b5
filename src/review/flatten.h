/* A policy as one file, several layers as one by effect. */
#pragma once

#include "model/policy.h"

/* Text that has the same effect as the policy, proved for all calls and
 * arguments; malloc'd.  NULL with a reason in *why (malloc'd): one file cannot
 * say it. */
char *show_ini(const struct policy *policy, char **why);
