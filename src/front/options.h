/* The command line: one table of options gives the parser, the usage text and
 * what the documentation is checked against. */
#ifndef SANDBOX_OPTIONS_H
#define SANDBOX_OPTIONS_H

#include "commands/command.h"
#include "run/options.h"

enum options_result {
	OPTIONS_RUN,
	OPTIONS_VERB,  /* no policy was given, and the first word is a verb */
	OPTIONS_DONE,  /* --help or --version was printed */
	OPTIONS_WRONG, /* the mistake was printed on standard error */
};

/* OPTIONS_VERB: *verb is the command that runs nothing ("check", "show" …), and
 * options->command the words from it on, a part of argv. */
enum options_result options_parse(int argc, char **argv,
				  struct options *options,
				  const struct command **verb);
void options_free(struct options *options);

#endif
