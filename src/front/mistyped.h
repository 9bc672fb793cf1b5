/* A command line that could be followed, but was meant otherwise: what to type
 * instead, in a line of its own. */
#pragma once

#include "run/options.h"

/* A first word that is no command of sandbox, without a policy. */
void mistyped_command(const char *word);

/* CMD was not found (EXITCODE_NOTFOUND), perhaps since it was not meant to be
 * one: "sandbox -p web.ini check", "sandbox --trace notify …". */
void mistyped_run(const struct options *options);
