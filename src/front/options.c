#include "front/options.h"

#include <getopt.h>
#include <stdlib.h>

#include "base/text.h"
#include "base/util.h"
#include "base/wrap.h"
#include "front/mistyped.h"

struct option_row {
	int key; /* the short option, or OPT_… for a long one alone */
	const char *name;
	int has_arg;
	const char *arg; /* as shown */
	const char *help;
};

enum { OPT_DENY = 256, OPT_ALLOW, OPT_FORMAT, OPT_TRACE, OPT_CLOSE_FDS,
       OPT_NO_CACHE, OPT_WAIT,
       OPT_PERMISSIVE, OPT_IN_PLACE };

static const struct option_row rows[] = {
	{'p', "policy", required_argument, "FILE",
	 "run CMD under this policy; may repeat, later ones lie outside"},
	{OPT_DENY, "deny", required_argument, "LIST",
	 "deny these calls or @groups (alone: the rest is allowed)"},
	{OPT_ALLOW, "allow", required_argument, "LIST",
	 "allow these calls or @groups (alone: the rest is denied)"},
	{'t', NULL, no_argument, NULL,
	 "report which denied calls were hit, how often and by whom"},
	{OPT_TRACE, "trace", optional_argument, "TRACER",
	 "the same; TRACER is notify (default) or ptrace"},
	{'c', "count", no_argument, NULL,
	 "count every call of CMD and its children"},
	{'r', "report", required_argument, "FILE",
	 "write the report there ('-': standard output; 'journal': "
	 "systemd's); implies -t"},
	{OPT_FORMAT, "format", required_argument, "FORMAT",
	 "of the report: text (default) or json"},
	{'v', "verbose", no_argument, NULL,
	 "say at once what is denied, once a call, rule and program; "
	 "-vv: every time; implies -t"},
	{'q', "quiet", no_argument, NULL,
	 "nothing on standard error; a report FILE is still written"},
	{OPT_PERMISSIVE, "permissive", no_argument, NULL,
	 "let denied calls through, report them all the same; implies -t"},
	{OPT_IN_PLACE, "in-place", no_argument, NULL,
	 "become CMD instead of waiting for it"},
	{OPT_WAIT, "wait", no_argument, NULL,
	 "with -t: wait for the last process that CMD leaves behind"},
	{OPT_CLOSE_FDS, "close-fds", no_argument, NULL,
	 "CMD inherits descriptors 0-2 only"},
	{OPT_NO_CACHE, "no-cache", no_argument, NULL,
	 "compile the policy afresh and keep no copy of the result"},
	{'h', "help", no_argument, NULL, "show this text"},
	{'V', "version", no_argument, NULL, "show the version"},
};

static void print_verbs(FILE *out)
{
	cleanup_free char *text = NULL;
	const struct command *verb;

	fputs("\nCommands that work on policies and run nothing:\n", out);
	for (size_t i = 0; (verb = command_at(i)); i++) {
		char left[40];

		snprintf(left, sizeof(left), "%s %s", verb->name,
			 verb->operands);
		wrap_entry(out, left, verb->summary);
	}
	text = xasprintf("'%s COMMAND --help' has their options; show has "
			 "--pfc, --bpf and --ini, groups --powers.", own_name());
	wrap_text(out, text);
}

static void print_usage(FILE *out)
{
	const char *self = own_name();
	cleanup_free char *text = NULL;

	fprintf(out,
		"Usage: %s -p POLICY [OPTION]... [--] CMD [ARG]...\n"
		"       %s --deny LIST | --allow LIST [OPTION]... [--] CMD "
		"[ARG]...\n"
		"       %s -c [OPTION]... [--] CMD [ARG]...\n"
		"       %s COMMAND [OPTION]... [OPERAND]...\n"
		"Run CMD under a system-call policy and report what it denied."
		"\n\n", self, self, self, self);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct option_row *row = &rows[i];
		char left[40], arg[16] = "", brief[4] = "  ";

		if (row->key < 256)
			snprintf(brief, sizeof(brief), "-%c", row->key);
		if (row->arg && row->has_arg == optional_argument)
			snprintf(arg, sizeof(arg), "[=%s]", row->arg);
		else if (row->arg)
			snprintf(arg, sizeof(arg), " %s", row->arg);
		if (row->name)
			snprintf(left, sizeof(left), "%s%s --%s%s", brief,
				 row->key < 256 ? "," : " ", row->name, arg);
		else
			snprintf(left, sizeof(left), "%s%s", brief, arg);
		wrap_entry(out, left, row->help);
	}
	print_verbs(out);
	text = xasprintf(
		"Exit status: that of CMD (or sandbox dies of the same "
		"signal); 125 if the policy could not be put in force and CMD "
		"was not started, 126 if CMD cannot be run, 127 if it was not "
		"found.  Commands: 0, 1 if check or diff found something, 2 "
		"for trouble.  See %s(1) and %s.policy(5).", self, self);
	fputc('\n', out);
	wrap_text(out, text);
}

static enum options_result wrong(const char *text, const char *what)
{
	say("sandbox: %s%s", text, what);
	say("sandbox: '%s --help' lists the options", own_name());
	return OPTIONS_WRONG;
}

/* getopt's tables, made from the rows. */
static void fill_tables(char *brief, struct option *names)
{
	*brief++ = '+'; /* CMD's own options are not ours */
	*brief++ = ':'; /* a missing argument is ':', not '?' */
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].key < 256) {
			*brief++ = (char)rows[i].key;
			if (rows[i].has_arg == required_argument)
				*brief++ = ':';
		}
		if (rows[i].name)
			*names++ = (struct option){rows[i].name,
						   rows[i].has_arg, NULL,
						   rows[i].key};
	}
	*brief = '\0';
	*names = (struct option){0};
}

static char *join(const char *list, const char *more)
{
	return list ? xasprintf("%s,%s", list, more) : xstrdup(more);
}

static void add_list(const char **list, const char *more)
{
	char *joined = join(*list, more);

	free((char *)*list);
	*list = joined;
}

static enum options_result take(int key, struct options *options)
{
	struct policy_request *request = &options->request;

	switch (key) {
	case 'p':
		request->policies = xreallocarray(request->policies,
						  request->n + 1,
						  sizeof(*request->policies));
		request->policies[request->n++] = optarg;
		break;
	case OPT_DENY:
		add_list(&request->deny, optarg);
		break;
	case OPT_ALLOW:
		add_list(&request->allow, optarg);
		break;
	case OPT_TRACE:
		if (optarg)
			options->tracer = optarg;
		/* fall through */
	case 't':
		options->trace = true;
		break;
	case 'c':
		options->count = options->trace = true;
		break;
	case 'r':
		options->report = optarg;
		options->report_given = options->trace = true;
		break;
	case OPT_FORMAT:
		options->format = report_format_find(optarg);
		if (!options->format)
			return wrong("--format is text or json, not ", optarg);
		options->format_given = true;
		break;
	case 'v':
		options->verbose++;
		options->trace = true;
		break;
	case 'q':
		options->quiet = true;
		break;
	case OPT_PERMISSIVE:
		options->permissive = options->trace = true;
		break;
	case OPT_IN_PLACE:
		options->in_place = true;
		break;
	case OPT_WAIT:
		options->wait = true;
		break;
	case OPT_CLOSE_FDS:
		options->close_fds = true;
		break;
	case OPT_NO_CACHE:
		options->no_cache = true;
		break;
	case 'h':
		print_usage(stdout);
		return OPTIONS_DONE;
	case 'V':
		printf("%s " VERSION "\n", own_name());
		return OPTIONS_DONE;
	}
	return OPTIONS_RUN;
}

/* Without a policy no command is ever run by accident: the first word is a
 * verb, or nothing happens. */
static enum options_result find_verb(const struct options *options,
				     bool dashes,
				     const struct command **verb)
{
	const char *word = options->command[0];

	if (dashes || !word)
		return wrong("no policy: give -p FILE, --deny LIST or --allow "
			     "LIST, or -c to count", "");
	*verb = command_find(word);
	if (*verb)
		return OPTIONS_VERB;
	mistyped_command(word);
	say("sandbox: '%s --help' lists the options", own_name());
	return OPTIONS_WRONG;
}

static bool has_policy(const struct options *options)
{
	const struct policy_request *request = &options->request;

	return request->n || request->deny || request->allow;
}

static bool format_without_report(const struct options *options)
{
	return options->format_given && !options->trace;
}

static bool format_of_journal(const struct options *options)
{
	return options->format_given && options->report_given &&
	       streq(options->report, "journal");
}

static bool wait_without_trace(const struct options *options)
{
	return options->wait && !options->trace;
}

static bool wait_in_place(const struct options *options)
{
	return options->wait && options->in_place;
}

static bool verbose_and_quiet(const struct options *options)
{
	return options->verbose && options->quiet;
}

static bool verbose_without_policy(const struct options *options)
{
	return options->verbose && !has_policy(options);
}

static bool permissive_without_policy(const struct options *options)
{
	return options->permissive && !has_policy(options);
}

/* An option without effect was typed for one that it does not have. */
static const struct {
	bool (*is_so)(const struct options *options);
	const char *why;
} idle[] = {
	{format_without_report,
	 "--format has no effect without a report: add -t or -r FILE"},
	{format_of_journal,
	 "--format has no effect with -r journal, whose entries have fields: "
	 "leave it out"},
	{wait_without_trace, "--wait has no effect without a report: add -t"},
	{wait_in_place,
	 "--wait has no effect with --in-place, whose monitor always waits for "
	 "the last process: leave it out"},
	{verbose_and_quiet, "-v has no effect with -q: leave one of them out"},
	{verbose_without_policy,
	 "-v has no effect without a policy, which denies nothing: give -p "
	 "FILE"},
	{permissive_without_policy,
	 "--permissive has no effect without a policy, which denies nothing: "
	 "give -p FILE"},
};

static enum options_result check(const struct options *options, bool dashes,
				 const struct command **verb)
{
	if (!has_policy(options) && !options->count)
		return find_verb(options, dashes, verb);
	if (!options->command[0])
		return wrong("no command to run", "");
	if (!*options->command[0])
		return wrong("the command's name is empty", "");
	if (options->tracer && !streq(options->tracer, "ptrace") &&
	    !streq(options->tracer, "notify"))
		return wrong("--trace is notify or ptrace, not ",
			     options->tracer);
	for (size_t i = 0; i < ARRAY_SIZE(idle); i++)
		if (idle[i].is_so(options))
			return wrong(idle[i].why, "");
	return OPTIONS_RUN;
}

enum options_result options_parse(int argc, char **argv,
				  struct options *options,
				  const struct command **verb)
{
	char brief[3 + 2 * ARRAY_SIZE(rows)];
	struct option names[ARRAY_SIZE(rows) + 1];
	enum options_result result;
	int key;

	*options = (struct options){.format = report_format_find("text")};
	fill_tables(brief, names);
	opterr = 0;
	while ((key = getopt_long(argc, argv, brief, names, NULL)) != -1) {
		if (key == ':')
			return wrong("a value is missing after ",
				     argv[optind - 1]);
		if (key == '?' && optopt && optopt < 256) {
			char text[] = {'-', (char)optopt, '\0'};

			return wrong("unknown option ", text);
		}
		if (key == '?')
			return wrong("unknown or ambiguous option, or one that "
				     "takes no value: ", argv[optind - 1]);
		result = take(key, options);
		if (result != OPTIONS_RUN)
			return result;
	}
	options->command = argv + optind;
	return check(options, streq(argv[optind - 1], "--"), verb);
}

void options_free(struct options *options)
{
	free(options->request.policies);
	free((char *)options->request.deny);
	free((char *)options->request.allow);
}
