/* The table of options, of runs and of the commands that run nothing: it gives
 * the parser, the usage texts and what the documentation is checked against. */
#ifndef SANDBOX_OPTION_ROW_H
#define SANDBOX_OPTION_ROW_H

#include <stddef.h>

#include "commands/command.h"

enum option_key { /* of those without a short option */
	OPT_DENY = 256, OPT_ALLOW, OPT_FORMAT, OPT_TRACE, OPT_CLOSE_FDS,
	OPT_NO_CACHE, OPT_WAIT, OPT_PERMISSIVE, OPT_IN_PLACE,
	OPT_PFC, OPT_BPF, OPT_INI, OPT_POWERS, OPT_APPLY, OPT_OPEN,
	OPT_LEARN, OPT_MERGE, OPT_FORCE, OPT_EXACT,
	OPT_FROM, OPT_TO, OPT_FAIL_DENIED,
};

struct option_row {
	int key; /* the short option, or OPT_… for a long one alone */
	const char *name; /* the long one, or NULL */
	const char *arg; /* as shown, "[…]" if optional; NULL: takes none */
	unsigned commands; /* COMMAND_… (command.h) that have it */
	const char *help;
};

enum { OPTION_ROWS_MAX = 48 };

/* The next row of these commands from *i on, which it moves; NULL: no more. */
const struct option_row *option_next(unsigned commands, size_t *i);

/* What --help prints, on standard output; NULL: of a run, with the list of
 * commands. */
void usage_print(const struct command *command);

#endif
