#include "front/options.h"

#include <getopt.h>
#include <stdlib.h>

#include "base/exitcode.h"
#include "base/text.h"
#include "base/util.h"
#include "commands/command.h"
#include "front/mistyped.h"
#include "front/option_row.h"
#include "run/tracer.h"

/* What getopt_long(3) returns for a long option: its place above this. */
enum { OPTION_LONG = 256, OPTION_KEYS = OPTION_LONG + OPTION_ROWS_MAX };

/* getopt's tables, made from the rows that the commands have, and the rows by
 * what it returns. */
static void fill_tables(unsigned commands, char *brief, struct option *names,
			const struct option_row *rows[OPTION_KEYS])
{
	const struct option_row *row;
	int key;

	if (commands == COMMAND_RUN)
		*brief++ = '+'; /* CMD's own options are not ours */
	*brief++ = ':'; /* a missing argument is ':', not '?' */
	for (size_t i = 0; (row = option_next(commands, &i));) {
		key = OPTION_LONG + (int)i - 1;
		rows[row->brief] = rows[key] = row;
		if (row->brief)
			*brief++ = (char)row->brief;
		if (row->brief && row->arg)
			*brief++ = ':';
		if (row->name)
			*names++ = (struct option){
				row->name,
				!row->arg	     ? no_argument
				: row->arg[0] == '[' ? optional_argument
						     : required_argument,
				NULL, key};
	}
	*brief = '\0';
	*names = (struct option){0};
}

#define wrong(options, ...)                                                    \
	(command_wrong((options)->verb, __VA_ARGS__), OPTIONS_WRONG)

static void add_list(const char **list, const char *more)
{
	char *before = (char *)*list;

	*list = before ? xasprintf("%s,%s", before, more) : xstrdup(more);
	free(before);
}

static enum options_result take_format(struct options *options)
{
	options->format = report_format_find(optarg);
	if (!options->format || (options->verb && options->format->event))
		return wrong(options, "--format is text%s json%s, not '%s'",
			     options->verb ? " or" : ",",
			     options->verb ? "" : " or jsonl", optarg);
	options->json = streq(optarg, "json");
	return OPTIONS_GO;
}

static enum options_result take_status(struct options *options)
{
	unsigned long long n = EXITCODE_DENIED;

	if (optarg && (!parse_u64(optarg, &n) || n < 1 || n > 255))
		return wrong(options, "--fail-denied takes a status from 1 to "
			     "255, not '%s'", optarg);
	options->fail_denied = (int)n;
	return OPTIONS_GO;
}

static enum options_result take_abi(struct options *options)
{
	int abi = abi_by_name(optarg);

	if (abi < 0 || !abi_runs_on(abi, (enum abi_id)abi))
		return wrong(options, "--abi is x86_64 or aarch64, a machine's "
			     "own, not '%s'", optarg);
	options->request.abi = &abis[abi];
	return OPTIONS_GO;
}

static enum options_result take(const struct option_row *row,
				struct options *options)
{
	struct policy_request *request = &options->request;
	void *member = (char *)options + row->member;

	options->trace |= row->traces;
	switch (row->kind) {
	case OPTION_FLAG:
		*(bool *)member = true;
		break;
	case OPTION_COUNT:
		++*(int *)member;
		break;
	case OPTION_TEXT:
		if (optarg)
			*(const char **)member = optarg;
		break;
	case OPTION_LIST:
		add_list(member, optarg);
		break;
	case OPTION_POLICY:
		request->policies = xreallocarray(request->policies,
						  request->n + 1,
						  sizeof(char *));
		request->policies[request->n++] = optarg;
		break;
	case OPTION_FORMAT:
		return take_format(options);
	case OPTION_STATUS:
		return take_status(options);
	case OPTION_ABI:
		return take_abi(options);
	case OPTION_HELP:
		usage_print(options->verb ? command_find(options->verb) : NULL);
		return OPTIONS_DONE;
	case OPTION_VERSION:
		printf("%s " VERSION "\n", own_name());
		return OPTIONS_DONE;
	}
	return OPTIONS_GO;
}

static enum options_result complain(const struct options *options, int key,
				    const char *word)
{
	if (key == ':')
		return wrong(options, "a value is missing after %s", word);
	if (optopt && optopt < OPTION_LONG)
		return wrong(options, "unknown option -%c", optopt);
	return wrong(options, "unknown%s option, or one that takes no value: %s",
		     options->verb ? "" : " or ambiguous", word);
}

/* Leaves optind at the first word that is no option. */
static enum options_result read_options(int argc, char **argv,
					unsigned commands,
					struct options *options)
{
	char brief[3 + 2 * OPTION_ROWS_MAX];
	struct option names[OPTION_ROWS_MAX + 1];
	const struct option_row *rows[OPTION_KEYS] = {0};
	enum options_result result = OPTIONS_GO;
	int key;

	fill_tables(commands, brief, names, rows);
	opterr = 0;
	optind = 0; /* start anew: a command reads what was read before */
	while (result == OPTIONS_GO &&
	       (key = getopt_long(argc, argv, brief, names, NULL)) != -1)
		result = key == ':' || key == '?'
				 ? complain(options, key, argv[optind - 1])
				 : take(rows[key], options);
	return result;
}

/* An option without effect was typed for one that it does not have. */
static enum options_result check(unsigned commands, const struct options *o)
{
	bool journal = o->report && streq(o->report, "journal");
	bool has_policy = policy_is_asked_for(&o->request);
	const struct {
		unsigned commands;
		bool is_so;
		const char *why;
	} idle[] = {
		{COMMAND_RUN, o->learn &&
			      (o->trace || o->format || o->in_place ||
			       o->wait || o->request.deny || o->request.allow),
		 "--learn lets every call run, waits for the last process, and "
		 "reports into FILE.seen: of the other options only -p, -q, "
		 "--close-fds and --no-cache go with it"},
		{COMMAND_RUN, o->learn && (!*o->learn || *o->learn == '-'),
		 "--learn takes the FILE to write: ./-FILE if its name begins "
		 "with '-'"},
		{COMMAND_RUN, !o->learn && (o->merge || o->force || o->exact),
		 "--merge, --force and --exact have no effect without --learn "
		 "FILE"},
		{COMMAND_RUN, o->merge && o->force,
		 "--merge keeps what is in FILE, --force does not: leave one "
		 "of them out"},
		{COMMAND_RUN, o->format && !o->trace,
		 "--format has no effect without a report: add -t or -r FILE"},
		{COMMAND_RUN, o->format && journal,
		 "--format has no effect with -r journal, whose entries have "
		 "fields: leave it out"},
		{COMMAND_RUN, o->wait && !o->trace,
		 "--wait has no effect without a report: add -t"},
		{COMMAND_RUN, o->wait && o->in_place,
		 "--wait has no effect with --in-place, whose monitor always "
		 "waits for the last process: leave it out"},
		{COMMAND_RUN, o->verbose && o->quiet,
		 "-v has no effect with -q: leave one of them out"},
		{COMMAND_RUN, o->verbose && !has_policy,
		 "-v has no effect without a policy, which denies nothing: "
		 "give -p FILE"},
		{COMMAND_RUN, o->permissive && !has_policy,
		 "--permissive has no effect without a policy, which denies "
		 "nothing: give -p FILE"},
		{COMMAND_RUN, o->fail_denied && !has_policy,
		 "--fail-denied has no effect without a policy, which denies "
		 "nothing: give -p FILE"},
		{COMMAND_RUN, o->fail_denied && o->in_place,
		 "--fail-denied has no effect with --in-place, where the status "
		 "is CMD's own: leave one of them out"},
		{COMMAND_SHOW, o->json && (o->pfc || o->bpf || o->ini),
		 "a listing of the program or a policy file is text, not json"},
		{COMMAND_SHOW, o->ini && (o->pfc || o->bpf || o->trace),
		 "--ini prints the policy alone: leave out -t, --trace, --pfc "
		 "and --bpf"},
		{COMMAND_SHOW, o->pfc && o->bpf,
		 "--pfc and --bpf are two listings: leave one of them out"},
	};

	if (o->tracer && !tracer_find(o->tracer))
		return wrong(o, "--trace is notify or ptrace, not '%s'",
			     o->tracer);
	for (size_t i = 0; i < ARRAY_SIZE(idle); i++)
		if (idle[i].commands & commands && idle[i].is_so)
			return wrong(o, "%s", idle[i].why);
	return OPTIONS_GO;
}

/* The words around the command's name, options before it included. */
static enum options_result parse_verb(const struct command *command, int argc,
				      char **argv, struct options *options)
{
	char **words = xcalloc((size_t)argc, sizeof(*words));
	enum options_result result;
	int n = 0;

	for (int i = 0; i < argc; i++)
		if (argv + i != options->command)
			words[n++] = argv[i];
	*options = (struct options){.verb = command->name, .words = words};
	result = read_options(n, words, command->bit, options);
	options->operands = words + optind;
	options->n_operands = (size_t)(n - optind);
	if (result != OPTIONS_GO)
		return result;
	if (options->n_operands < command->min)
		return wrong(options, "an operand is missing: sandbox %s %s",
			     command->name, command->operands);
	if (options->n_operands > command->max)
		return wrong(options, "one operand too many: '%s'",
			     options->operands[command->max]);
	return check(command->bit, options);
}

/* Without a policy no command is ever run by accident: the first word is a
 * verb, or nothing happens. */
static enum options_result find_verb(int argc, char **argv, bool dashes,
				     struct options *options)
{
	const char *word = options->command[0];
	const struct command *command;

	if (dashes || !word)
		return wrong(options, "no policy: give -p FILE, --deny LIST or "
			     "--allow LIST, --learn FILE to write one, or -c to "
			     "count");
	command = command_find(word);
	if (command)
		return parse_verb(command, argc, argv, options);
	mistyped_command(word);
	say("sandbox: '%s --help' lists the options", own_name());
	return OPTIONS_WRONG;
}

enum options_result options_parse(int argc, char **argv,
				  struct options *options)
{
	enum options_result result;

	*options = (struct options){.typed = argv};
	result = read_options(argc, argv, COMMAND_RUN, options);
	if (result != OPTIONS_GO)
		return result;
	options->command = argv + optind;
	if (!policy_is_asked_for(&options->request) && !options->count && !options->learn)
		return find_verb(argc, argv, streq(argv[optind - 1], "--"),
				 options);
	if (!options->command[0])
		return wrong(options, "no command to run");
	if (!*options->command[0])
		return wrong(options, "the command's name is empty");
	result = check(COMMAND_RUN, options);
	if (!options->format)
		options->format = report_format_find("text");
	if (result == OPTIONS_GO && options->learn) {
		/* the report is there for the next run and for amend */
		options->report = options->seen =
			xasprintf("%s.seen", options->learn);
		options->format = report_format_find("json");
		options->trace = true;
	}
	return result;
}

void options_free(struct options *options)
{
	free(options->request.policies);
	free((char *)options->request.deny);
	free((char *)options->request.allow);
	free(options->words);
	free(options->seen);
}
