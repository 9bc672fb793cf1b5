/* The commands that work on policies and never run anything: one table gives
 * the parser, the usage texts and what the documentation is checked against.
 *
 *     sandbox COMMAND [OPTION]... [OPERAND]...
 *
 * Options stand anywhere, "--" ends them.  Every command knows -h, and
 * --format but for those whose output is for another program; those that read
 * a policy know -p too: its files are outer layers of the policy that is the
 * operand.  A usage error ends with
 * EXITCODE_TROUBLE and a hint. */
#ifndef SANDBOX_COMMAND_H
#define SANDBOX_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "formats/load.h"

/* Options that only some commands have. */
enum {
	COMMAND_LAYERS = 1 << 0, /* -p FILE, repeatable */
	COMMAND_TRACE = 1 << 1,  /* -t, --trace[=TRACER] */
	COMMAND_PFC = 1 << 2,    /* --pfc */
	COMMAND_BPF = 1 << 3,    /* --bpf */
	COMMAND_PERMISSIVE = 1 << 4, /* --permissive */
	COMMAND_FORMAT = 1 << 5, /* --format */
	COMMAND_SERVICE = 1 << 6, /* -p, -t, --trace, --permissive: of a run
	                             that is written down */
	COMMAND_POWERS = 1 << 7, /* --powers */
	COMMAND_INI = 1 << 8, /* --ini */
};

struct command_args;
struct observer;

struct command {
	const char *name;
	const char *operands; /* as shown: "POLICY CALL" */
	const char *summary;  /* one line, no full stop */
	size_t min, max;      /* number of operands */
	unsigned options;     /* COMMAND_… that it has */
	/* Prints on standard output, trouble on standard error; an exit status
	 * (exitcode.h): EXITCODE_OK, _FOUND or _TROUBLE. */
	int (*run)(const struct command_args *args);
};

/* What was typed; strings are borrowed from argv. */
struct command_args {
	const struct command *command;
	const char **operands; /* n of them, within the command's bounds */
	size_t n;
	const char **outer; /* the arguments of -p, in order */
	size_t n_outer;
	unsigned options;   /* COMMAND_… that were given */
	const char *tracer; /* the name in --trace=TRACER, or NULL */
	bool json;          /* --format=json */
};

/* In the order in which they are listed; NULL behind the last. */
const struct command *command_at(size_t i);
const struct command *command_find(const char *name);    /* NULL: none */
const char *command_suggest(const char *name);           /* NULL: none near */

/* Parses argv, whose first word is at argv[1] and which lacks the command's
 * own name, runs the command, and sees that its output was written.  The exit
 * status of sandbox. */
int command_main(const struct command *command, int argc, char **argv);

/* The policy that is an operand, under the layers of -p.  NULL: its mistakes
 * were printed on standard error, end with EXITCODE_TROUBLE.  The caller frees
 * it.  With -t it has the tracer's rules. */
struct policy *command_policy(const struct command_args *args, size_t operand);

/* The tracer that a run with these options would have; NULL without -t. */
const struct observer *command_tracer(const struct command_args *args,
				      const struct policy *policy);

/* The same for who wants the mistakes: *request is filled, and its `policies`
 * is to be freed. */
void command_request(const struct command_args *args, size_t operand,
		     struct policy_request *request);

/* Prints a complaint with the hint to the command's -h; EXITCODE_TROUBLE. */
int command_wrong(const struct command *command, const char *fmt, ...)
	printf_like(2, 3);

int cmd_check(const struct command_args *args);
int cmd_show(const struct command_args *args);
int cmd_explain(const struct command_args *args);
int cmd_diff(const struct command_args *args);
int cmd_groups(const struct command_args *args);
int cmd_features(const struct command_args *args);
int cmd_dropin(const struct command_args *args);

#endif
