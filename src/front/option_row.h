/* The table of options, of runs and of the commands that run nothing: it gives
 * the parser, the usage texts and what the documentation is checked against. */
#pragma once

#include <stddef.h>

#include "commands/command.h"

/* What an option does to a member of struct options, or something special. */
enum option_kind {
	OPTION_FLAG,  /* a bool becomes true */
	OPTION_COUNT, /* an int one more */
	OPTION_TEXT,  /* a text is the value, if there is one */
	OPTION_LIST,  /* a text gets the value behind a comma */
	OPTION_POLICY, OPTION_FORMAT, OPTION_STATUS, OPTION_ABI, OPTION_HELP,
	OPTION_VERSION,
};

struct option_row {
	int brief; /* the short option, or 0 */
	const char *name; /* the long one, or NULL */
	const char *arg; /* as shown, "[…]" if optional; NULL: takes none */
	unsigned commands; /* COMMAND_… (command.h) that have it */
	enum option_kind kind;
	size_t member; /* its offset */
	bool traces; /* -t is meant too */
	const char *help;
};

enum { OPTION_ROWS_MAX = 48 };

/* The next row of these commands from *i on, which it moves; NULL: no more. */
const struct option_row *option_next(unsigned commands, size_t *i);

/* What --help prints, on standard output; NULL: of a run, with the list of
 * commands. */
void usage_print(const struct command *command);
