/* What --help prints. */
#ifndef SANDBOX_USAGE_H
#define SANDBOX_USAGE_H

#include "commands/command.h"

/* On standard output; NULL: of a run, with the list of commands. */
void usage_print(const struct command *command);

#endif
