/* The command line: the parser.  The options are in option_row.h. */
#pragma once

#include "run/options.h"

enum options_result {
	OPTIONS_GO,    /* a run, or with options->verb that command */
	OPTIONS_DONE,  /* --help or --version was printed */
	OPTIONS_WRONG, /* the mistake was printed on standard error */
};

/* Without a policy the first word is a command of sandbox.  options_free() in
 * every case; argv is borrowed. */
enum options_result options_parse(int argc, char **argv,
				  struct options *options);
void options_free(struct options *options);
