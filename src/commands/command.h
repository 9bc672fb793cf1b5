/* The commands that work on policies and never run anything.
 *
 *     sandbox COMMAND [OPTION]... [OPERAND]...
 *
 * Options stand anywhere, "--" ends them (front/option_row.h has which).  The
 * files of -p are outer layers of the policy that is the operand.  A usage error
 * ends with EXITCODE_TROUBLE and a hint. */
#pragma once

#include <stddef.h>

#include "base/jtree.h"
#include "launch/observer.h"
#include "run/options.h"

/* A bit for each, and for a run: who has an option. */
enum {
	COMMAND_RUN = 1 << 0,
	COMMAND_CHECK = 1 << 1,
	COMMAND_SHOW = 1 << 2,
	COMMAND_EXPLAIN = 1 << 3,
	COMMAND_DIFF = 1 << 4,
	COMMAND_GROUPS = 1 << 5,
	COMMAND_DROPIN = 1 << 6,
	COMMAND_FEATURES = 1 << 7,
	COMMAND_AMEND = 1 << 8,
	COMMAND_CONVERT = 1 << 9,
};

/* Prints on standard output, trouble on standard error; an exit status
 * (exitcode.h): EXITCODE_OK, _FOUND or _TROUBLE. */
typedef int command_run(const struct options *options);

struct command {
	unsigned bit;
	const char *name;
	const char *operands; /* as shown: "POLICY CALL" */
	const char *summary;  /* one line, no full stop */
	size_t min, max;      /* number of operands */
	command_run *run;
	const char *found; /* when it is EXITCODE_FOUND; NULL: never */
};

/* In the order in which they are listed; NULL behind the last. */
const struct command *command_at(size_t i);
const struct command *command_find(const char *name); /* NULL: none */

/* The status; EXITCODE_TROUBLE, if standard output could not be written. */
int command_end(int status);

/* A policy that is an operand, under the layers of -p; its list is to be
 * freed. */
struct policy_request command_request(const struct options *options,
				      size_t operand);

/* The policy that is an operand, under the layers of -p.  NULL: its mistakes
 * were printed on standard error, end with EXITCODE_TROUBLE.  The caller frees
 * it.  With -t it has the tracer's rules. */
struct policy *command_policy(const struct options *options, size_t operand);

/* The same without these rules, for who wants the mistakes. */
struct policy *command_load(const struct options *options, size_t operand,
			    struct diags *diags);

/* The text of a report or log, n bytes and a NUL, malloc'd; NULL with why
 * (malloc'd). */
char *command_read(const char *path, size_t *n, char **why);

/* The tracer that a run with these options would have; NULL without -t. */
const struct observer *command_tracer(const struct options *options,
				      const struct policy *policy);

/* With --format json the root of what is to be printed, else NULL. */
struct jtree *command_json(const struct options *options);
/* Puts all policies as a list `policies`: the operands, then the layers. */
void command_put_policies(const struct options *options, struct jtree *root);

/* Prints a complaint with the hint to --help, of the command (NULL: of a run);
 * EXITCODE_TROUBLE. */
int command_wrong(const char *name, const char *fmt, ...) printf_like(2, 3);

command_run cmd_check, cmd_show, cmd_explain, cmd_diff, cmd_groups,
	cmd_features, cmd_dropin, cmd_amend, cmd_convert;
