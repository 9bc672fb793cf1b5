/* Where people go wrong without a mistake that could be refused: what to type
 * instead, in a line of its own. */
#ifndef SANDBOX_HINT_H
#define SANDBOX_HINT_H

#include "front/options.h"

/* A first word that is no command of sandbox, without a policy. */
void hint_no_command(const char *word);

/* CMD was not found (EXITCODE_NOTFOUND), perhaps since it was not meant to be
 * one: "sandbox -p web.ini check", "sandbox --trace notify …". */
void hint_not_found(const struct options *options);

/* CMD ended like this and was not traced.  Nobody knows whether it was denied
 * anything, so that nothing is said to be the policy's doing; and nothing at all
 * where somebody else ended it. */
void hint_ended(const struct options *options, int wait_status);

#endif
