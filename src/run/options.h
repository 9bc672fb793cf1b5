/* What a run is told, or a command that runs nothing; front/options.h reads it
 * off the command line. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "formats/load.h"
#include "report/report.h"

struct options {
	struct policy_request request;
	bool trace;
	const char *tracer; /* --trace=NAME, or NULL: the default */
	bool count;
	const char *learn; /* --learn FILE, or NULL */
	char *seen;        /* FILE.seen; owned */
	bool merge, force; /* what becomes of a FILE that exists */
	bool exact;        /* neither siblings nor floor (learn/learn.h) */
	const char *report; /* --report FILE, or NULL */
	const struct report_format *format; /* NULL while none is given */
	bool json; /* … of the commands: --format json */
	int verbose; /* 1: once a call, rule and program; 2: every time */
	bool quiet;
	bool close_fds;
	bool no_cache;
	bool permissive; /* denied calls run, and are reported */
	bool in_place;   /* CMD takes sandbox's place */
	int fail_denied; /* the status if a call was denied; 0: CMD's own */
	bool wait; /* for the last process of CMD's tree */
	char *const *typed;   /* the whole command line */
	char *const *command; /* CMD and its arguments, at least one */

	const char *verb; /* "check", "show" …: nothing is run; or NULL */
	char **operands;  /* behind it */
	size_t n_operands;
	bool pfc, bpf, ini; /* of show */
	bool powers; /* of groups */
	bool apply;  /* of amend */
	const char *open; /* of amend: names, comma separated, or NULL */
	const char *from, *to, *output, *lossy; /* of convert; or NULL */
	char **words; /* owns the operands */
};
