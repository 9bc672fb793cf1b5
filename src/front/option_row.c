#include "front/option_row.h"

#include <stdlib.h>

#include "base/text.h"
#include "base/util.h"
#include "base/wrap.h"

enum {
	RUN = COMMAND_RUN,
	DROPIN = COMMAND_DROPIN,
	TRACED = COMMAND_SHOW | COMMAND_EXPLAIN,
	LAYERED = TRACED | COMMAND_CHECK | COMMAND_DIFF,
	AMEND = COMMAND_AMEND,
	CONVERT = COMMAND_CONVERT,
	FORMATTED = LAYERED | COMMAND_GROUPS | COMMAND_FEATURES,
	ALL = RUN | DROPIN | AMEND | CONVERT | FORMATTED,
};

static const struct option_row rows[] = {
	{'p', "policy", "FILE", RUN,
	 "run CMD under this policy; may repeat, later files are outer layers"},
	{'p', "policy", "FILE", LAYERED | AMEND | CONVERT,
	 "add an outer layer; may repeat, later files are outer layers"},
	{'p', "policy", "FILE", DROPIN,
	 "the policy of the service; may repeat, later files are outer layers"},
	{OPT_DENY, "deny", "LIST", RUN,
	 "deny these calls or @groups (alone: the rest is allowed)"},
	{OPT_ALLOW, "allow", "LIST", RUN,
	 "allow these calls or @groups (alone: the rest is denied)"},
	{'t', NULL, NULL, RUN,
	 "report which calls were denied, how often and to whom"},
	{'t', NULL, NULL, TRACED, "answer as under the tracer, which denies some more calls"},
	{'t', NULL, NULL, DROPIN,
	 "report denied calls in the journal"},
	{OPT_TRACE, "trace", "[=TRACER]", RUN | DROPIN,
	 "the same; TRACER is notify (default) or ptrace"},
	{OPT_TRACE, "trace", "[=TRACER]", TRACED,
	 "the same; TRACER is notify or ptrace"},
	{'c', "count", NULL, RUN, "count every call of CMD and its children"},
	{OPT_LEARN, "learn", "FILE", RUN,
	 "let every call run, and write the policy that this run needed"},
	{OPT_MERGE, "merge", NULL, RUN,
	 "with --learn: add to a FILE that exists"},
	{OPT_FORCE, "force", NULL, RUN,
	 "with --learn: write it afresh"},
	{OPT_EXACT, "exact", NULL, RUN,
	 "with --learn: allow nothing that was not seen"},
	{'r', "report", "FILE", RUN,
	 "write the report there ('-': standard output; 'journal': "
	 "systemd's); implies -t"},
	{OPT_FORMAT, "format", "FORMAT", RUN,
	 "of the report: text (default) or json"},
	{'v', "verbose", NULL, RUN,
	 "print denied calls at once, one line for each call, rule and "
	 "program; -vv: every call; implies -t"},
	{'q', "quiet", NULL, RUN,
	 "nothing on standard error; a report FILE is still written"},
	{OPT_PERMISSIVE, "permissive", NULL, RUN,
	 "let denied calls through, and report them; implies -t"},
	{OPT_PERMISSIVE, "permissive", NULL, DROPIN,
	 "let denied calls through, and report them"},
	{OPT_FAIL_DENIED, "fail-denied", "[=N]", RUN,
	 "end with status N (default 120) if a call was denied, however CMD "
	 "ended; implies -t"},
	{OPT_IN_PLACE, "in-place", NULL, RUN,
	 "become CMD instead of waiting for it"},
	{OPT_WAIT, "wait", NULL, RUN,
	 "with -t: wait for all processes that CMD leaves running"},
	{OPT_CLOSE_FDS, "close-fds", NULL, RUN,
	 "CMD inherits descriptors 0-2 only"},
	{OPT_NO_CACHE, "no-cache", NULL, RUN,
	 "compile the policy again, and store no copy"},
	{OPT_PFC, "pfc", NULL, COMMAND_SHOW,
	 "list the filter program, in readable form"},
	{OPT_BPF, "bpf", NULL, COMMAND_SHOW,
	 "list the raw instructions of the filter program"},
	{OPT_INI, "ini", NULL, COMMAND_SHOW,
	 "print one policy file with the same effect"},
	{OPT_POWERS, "powers", NULL, COMMAND_GROUPS,
	 "list the powers instead, and the calls that open them"},
	{OPT_APPLY, "apply", NULL, AMEND,
	 "write the edit into the policy instead of printing it"},
	{OPT_OPEN, "open", "NAME", AMEND,
	 "allow this power too, or all that this call or @group opens; may "
	 "repeat"},
	{OPT_FROM, "from", "FORMAT", CONVERT,
	 "of INPUT; default: told by its content"},
	{OPT_TO, "to", "FORMAT", CONVERT, "of the output; default ini"},
	{'o', "output", "FILE", CONVERT,
	 "write it there, not on standard output"},
	{OPT_FORMAT, "format", "FORMAT", FORMATTED, "text (default) or json"},
	{'h', "help", NULL, ALL, "show this text"},
	{'V', "version", NULL, RUN, "show the version"},
};
_Static_assert(ARRAY_SIZE(rows) <= OPTION_ROWS_MAX, "more rows than said");

const struct option_row *option_next(unsigned commands, size_t *i)
{
	while (*i < ARRAY_SIZE(rows)) {
		const struct option_row *row = &rows[(*i)++];

		if (row->commands & commands)
			return row;
	}
	return NULL;
}

/* -------------------------------------------------------------------- usage */

static void print_options(unsigned commands)
{
	const struct option_row *row;

	for (size_t i = 0; (row = option_next(commands, &i));) {
		char left[40], brief[5] = "    ";

		if (row->key < 256)
			snprintf(brief, sizeof(brief), "-%c%s", row->key,
				 row->name ? ", " : "");
		snprintf(left, sizeof(left), "%s%s%s%s%s", brief,
			 row->name ? "--" : "", row->name ? row->name : "",
			 row->arg && row->arg[0] != '[' ? " " : "",
			 row->arg ? row->arg : "");
		wrap_entry(stdout, left, row->help);
	}
}

static void print_commands(void)
{
	cleanup_free char *text = NULL;
	const struct command *command;

	puts("\nCommands that work on policies and run nothing:");
	for (size_t i = 0; (command = command_at(i)); i++) {
		char left[40];

		snprintf(left, sizeof(left), "%s %s", command->name,
			 command->operands);
		wrap_entry(stdout, left, command->summary);
	}
	text = xasprintf("'%s COMMAND --help' has their options; show has "
			 "--pfc, --bpf and --ini, groups --powers, amend --apply "
			 "and --open, convert --from, --to and --output.",
			 own_name());
	wrap_text(stdout, text);
}

static void print_of_run(void)
{
	const char *self = own_name();
	cleanup_free char *text = NULL;

	printf("Usage: %s -p POLICY [OPTION]... [--] CMD [ARG]...\n"
	       "       %s --deny LIST | --allow LIST [OPTION]... [--] CMD "
	       "[ARG]...\n"
	       "       %s -c [OPTION]... [--] CMD [ARG]...\n"
	       "       %s --learn FILE [OPTION]... [--] CMD [ARG]...\n"
	       "       %s COMMAND [OPTION]... [OPERAND]...\n"
	       "Run CMD under a system-call policy and report what it denied."
	       "\n\n", self, self, self, self, self);
	print_options(COMMAND_RUN);
	print_commands();
	text = xasprintf(
		"Exit status: that of CMD (or sandbox dies of the same "
		"signal); 125 if the policy could not be put in force, so CMD "
		"was not started, 126 if CMD cannot be run, 127 if it was not "
		"found.  Commands: 0, 1 if check, diff or amend found "
		"something, 2 on failure.  See %s(1) and %s.policy(5).", self, self);
	putchar('\n');
	wrap_text(stdout, text);
}

void usage_print(const struct command *command)
{
	if (!command) {
		print_of_run();
		return;
	}
	printf("Usage: %s %s [OPTION]...%s%s\n", own_name(), command->name,
	       *command->operands ? " " : "", command->operands);
	printf("Runs nothing: %s.\n\n", command->summary);
	print_options(command->bit);
	printf("\nExit status: 0%s%s; 2 on failure.\n",
	       command->found ? ", or 1 if " : "",
	       command->found ? command->found : "");
}
