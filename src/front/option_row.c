#include "front/option_row.h"

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

#define SET(kind, member, traces)                                              \
	OPTION_##kind, offsetof(struct options, member), traces

static const struct option_row rows[] = {
	{'p', "policy", "FILE", RUN, SET(POLICY, request, false),
	 "run CMD under this policy; may repeat, later files are outer layers"},
	{'p', "policy", "FILE", LAYERED | AMEND | CONVERT,
	 SET(POLICY, request, false),
	 "add an outer layer; may repeat, later files are outer layers"},
	{'p', "policy", "FILE", DROPIN, SET(POLICY, request, false),
	 "the policy of the service; may repeat, later files are outer layers"},
	{0, "deny", "LIST", RUN, SET(LIST, request.deny, false),
	 "deny these calls or @groups (alone: the rest is allowed)"},
	{0, "allow", "LIST", RUN, SET(LIST, request.allow, false),
	 "allow these calls or @groups (alone: the rest is denied)"},
	{'t', NULL, NULL, RUN, SET(FLAG, trace, false),
	 "report which calls were denied, how often and to whom"},
	{'t', NULL, NULL, TRACED, SET(FLAG, trace, false),
	 "answer as under the tracer, which denies some more calls"},
	{'t', NULL, NULL, DROPIN, SET(FLAG, trace, false),
	 "report denied calls in the journal"},
	{0, "trace", "[=TRACER]", RUN | DROPIN, SET(TEXT, tracer, true),
	 "the same; TRACER is notify (default) or ptrace"},
	{0, "trace", "[=TRACER]", TRACED, SET(TEXT, tracer, true),
	 "the same; TRACER is notify or ptrace"},
	{'c', "count", NULL, RUN, SET(FLAG, count, true),
	 "count every call of CMD and its children"},
	{0, "learn", "FILE", RUN, SET(TEXT, learn, false),
	 "let every call run, and write the policy that this run needed"},
	{0, "merge", NULL, RUN, SET(FLAG, merge, false),
	 "with --learn: add to a FILE that exists"},
	{0, "force", NULL, RUN, SET(FLAG, force, false),
	 "with --learn: write it afresh"},
	{0, "exact", NULL, RUN, SET(FLAG, exact, false),
	 "with --learn: allow nothing that was not seen"},
	{'r', "report", "FILE", RUN, SET(TEXT, report, true),
	 "write the report there ('-': standard output; 'journal': "
	 "systemd's); implies -t"},
	{0, "format", "FORMAT", RUN, SET(FORMAT, format, false),
	 "of the report: text (default), json, or jsonl: a line for each new "
	 "denial at once, the report last"},
	{'v', "verbose", NULL, RUN, SET(COUNT, verbose, true),
	 "print denied calls at once, one line for each call, rule and "
	 "program; -vv: every call; implies -t"},
	{'q', "quiet", NULL, RUN, SET(FLAG, quiet, false),
	 "nothing on standard error; a report FILE is still written"},
	{0, "permissive", NULL, RUN, SET(FLAG, permissive, true),
	 "let denied calls through, and report them; implies -t"},
	{0, "permissive", NULL, DROPIN, SET(FLAG, permissive, true),
	 "let denied calls through, and report them"},
	{0, "fail-denied", "[=N]", RUN, SET(STATUS, fail_denied, true),
	 "end with status N (default 120) if a call was denied, however CMD "
	 "ended; implies -t"},
	{0, "in-place", NULL, RUN, SET(FLAG, in_place, false),
	 "become CMD instead of waiting for it"},
	{0, "wait", NULL, RUN, SET(FLAG, wait, false),
	 "with -t: wait for all processes that CMD leaves running"},
	{0, "close-fds", NULL, RUN, SET(FLAG, close_fds, false),
	 "CMD inherits descriptors 0-2 only"},
	{0, "no-cache", NULL, RUN, SET(FLAG, no_cache, false),
	 "compile the policy again, and store no copy"},
	{0, "abi", "ABI", LAYERED | CONVERT, SET(ABI, request.abi, false),
	 "answer for a machine of this ABI: x86_64 or aarch64"},
	{0, "caps", "LIST", RUN | LAYERED | CONVERT,
	 SET(TEXT, request.container.caps, false),
	 "read JSON profiles for these capabilities (default: the own ones)"},
	{0, "kernel", "X.Y", RUN | LAYERED | CONVERT,
	 SET(TEXT, request.container.kernel, false),
	 "read JSON profiles for this kernel (default: the running one)"},
	{0, "pfc", NULL, COMMAND_SHOW, SET(FLAG, pfc, false),
	 "list the filter program, in readable form"},
	{0, "bpf", NULL, COMMAND_SHOW, SET(FLAG, bpf, false),
	 "list the raw instructions of the filter program"},
	{0, "ini", NULL, COMMAND_SHOW, SET(FLAG, ini, false),
	 "print one policy file with the same effect"},
	{0, "powers", NULL, COMMAND_GROUPS, SET(FLAG, powers, false),
	 "list the powers instead, and the calls that open them"},
	{0, "apply", NULL, AMEND, SET(FLAG, apply, false),
	 "write the edit into the policy instead of printing it"},
	{0, "open", "NAME", AMEND, SET(LIST, open, false),
	 "allow this power too, or all that this call or @group opens; may "
	 "repeat"},
	{0, "from", "FORMAT", CONVERT, SET(TEXT, from, false),
	 "of INPUT: ini (default), oci, systemd, strace or audit"},
	{0, "to", "FORMAT", CONVERT, SET(TEXT, to, false),
	 "of the output: ini (default), oci, systemd, bpf or c"},
	{0, "lossy", "WAY", CONVERT, SET(TEXT, lossy, false),
	 "what the output cannot say becomes stricter (strict) or weaker "
	 "(loose)"},
	{'o', "output", "FILE", CONVERT, SET(TEXT, output, false),
	 "write it there, not on standard output"},
	{0, "format", "FORMAT", FORMATTED, SET(FORMAT, format, false),
	 "text (default) or json"},
	{'h', "help", NULL, ALL, SET(HELP, verb, false), "show this text"},
	{'V', "version", NULL, RUN, SET(VERSION, verb, false),
	 "show the version"},
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

		if (row->brief)
			snprintf(brief, sizeof(brief), "-%c%s", row->brief,
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
			 "--abi, --caps and --kernel (as have check, explain, "
			 "diff and convert), --pfc, --bpf "
			 "and --ini, groups --powers, amend --apply and --open, "
			 "convert --from, --to, --lossy and --output.", own_name());
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
