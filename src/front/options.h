/* The command line: one table of options gives the parser, the usage text and
 * what the documentation is checked against. */
#ifndef SANDBOX_OPTIONS_H
#define SANDBOX_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "formats/load.h"
#include "commands/command.h"
#include "report/report.h"

struct options {
	struct policy_request request;
	bool trace;
	const char *tracer; /* --trace=NAME, or NULL: the default */
	bool count;
	bool report_given;
	const char *report; /* --report FILE */
	const struct report_format *format;
	bool format_given;
	int verbose; /* 1: once a call, rule and program; 2: every time */
	bool quiet;
	bool close_fds;
	bool no_cache;
	bool permissive; /* denied calls run, and are reported */
	bool in_place;   /* CMD takes sandbox's place */
	bool wait; /* for the last process of CMD's tree */
	/* CMD and its arguments, at least one; OPTIONS_VERB: the words from the
	 * verb on, a part of argv */
	char *const *command;
	const struct command *verb; /* "check", "show" …: runs nothing */
};

enum options_result {
	OPTIONS_RUN,
	OPTIONS_VERB,  /* no policy was given, and the first word is a verb */
	OPTIONS_DONE,  /* --help or --version was printed */
	OPTIONS_WRONG, /* the mistake was printed on standard error */
};

enum options_result options_parse(int argc, char **argv,
				  struct options *options);
void options_free(struct options *options);

#endif
