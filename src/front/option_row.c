#include "front/option_row.h"

#include "base/util.h"
#include "commands/command.h"

enum {
	RUN = COMMAND_RUN,
	DROPIN = COMMAND_DROPIN,
	TRACED = COMMAND_SHOW | COMMAND_EXPLAIN,
	LAYERED = TRACED | COMMAND_CHECK | COMMAND_DIFF,
	FORMATTED = LAYERED | COMMAND_GROUPS | COMMAND_FEATURES,
	ALL = RUN | DROPIN | FORMATTED,
};

static const struct option_row rows[] = {
	{'p', "policy", "FILE", RUN,
	 "run CMD under this policy; may repeat, later ones lie outside"},
	{'p', "policy", "FILE", LAYERED,
	 "add an outer layer; may repeat, later ones lie outside"},
	{'p', "policy", "FILE", DROPIN,
	 "the policy of the service; may repeat, later ones lie outside"},
	{OPT_DENY, "deny", "LIST", RUN,
	 "deny these calls or @groups (alone: the rest is allowed)"},
	{OPT_ALLOW, "allow", "LIST", RUN,
	 "allow these calls or @groups (alone: the rest is denied)"},
	{'t', NULL, NULL, RUN,
	 "report which denied calls were hit, how often and by whom"},
	{'t', NULL, NULL, TRACED, "as under a tracer, with what it adds"},
	{'t', NULL, NULL, DROPIN,
	 "report in the journal what the service is denied"},
	{OPT_TRACE, "trace", "[=TRACER]", RUN | DROPIN,
	 "the same; TRACER is notify (default) or ptrace"},
	{OPT_TRACE, "trace", "[=TRACER]", TRACED,
	 "the same; TRACER is notify or ptrace"},
	{'c', "count", NULL, RUN, "count every call of CMD and its children"},
	{'r', "report", "FILE", RUN,
	 "write the report there ('-': standard output; 'journal': "
	 "systemd's); implies -t"},
	{OPT_FORMAT, "format", "FORMAT", RUN,
	 "of the report: text (default) or json"},
	{'v', "verbose", NULL, RUN,
	 "say at once what is denied, once a call, rule and program; "
	 "-vv: every time; implies -t"},
	{'q', "quiet", NULL, RUN,
	 "nothing on standard error; a report FILE is still written"},
	{OPT_PERMISSIVE, "permissive", NULL, RUN,
	 "let denied calls through, report them all the same; implies -t"},
	{OPT_PERMISSIVE, "permissive", NULL, DROPIN,
	 "let denied calls through, report them all the same"},
	{OPT_IN_PLACE, "in-place", NULL, RUN,
	 "become CMD instead of waiting for it"},
	{OPT_WAIT, "wait", NULL, RUN,
	 "with -t: wait for the last process that CMD leaves behind"},
	{OPT_CLOSE_FDS, "close-fds", NULL, RUN,
	 "CMD inherits descriptors 0-2 only"},
	{OPT_NO_CACHE, "no-cache", NULL, RUN,
	 "compile the policy afresh and keep no copy of the result"},
	{OPT_PFC, "pfc", NULL, COMMAND_SHOW,
	 "list the finished filter program, readable"},
	{OPT_BPF, "bpf", NULL, COMMAND_SHOW,
	 "list its raw instructions, numbered"},
	{OPT_INI, "ini", NULL, COMMAND_SHOW,
	 "print a policy file of the same effect"},
	{OPT_POWERS, "powers", NULL, COMMAND_GROUPS,
	 "list what calls open instead: what policies withhold"},
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
