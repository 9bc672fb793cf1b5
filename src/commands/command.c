#include "commands/command.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/exitcode.h"
#include "base/text.h"
#include "base/nearest.h"
#include "base/util.h"
#include "formats/load.h"
#include "run/tracer.h"
#include "base/wrap.h"

static const struct command commands[] = {
	{"check", "POLICY",
	 "find mistakes and the holes that a policy leaves open", 1, 1,
	 COMMAND_LAYERS | COMMAND_FORMAT, cmd_check},
	{"show", "POLICY", "list what a policy answers to every call", 1, 1,
	 COMMAND_LAYERS | COMMAND_TRACE | COMMAND_PFC | COMMAND_BPF |
	 COMMAND_INI | COMMAND_FORMAT, cmd_show},
	{"explain", "POLICY CALL",
	 "say why a call is decided as it is: openat, or "
	 "'socket(AF_INET, _)'", 2, 2,
	 COMMAND_LAYERS | COMMAND_TRACE | COMMAND_FORMAT,
	 cmd_explain},
	{"diff", "POLICY POLICY", "compare what two policies answer", 2, 2,
	 COMMAND_LAYERS | COMMAND_FORMAT, cmd_diff},
	{"groups", "[@GROUP]", "list the groups of calls, or the calls of one",
	 0, 1, COMMAND_FORMAT | COMMAND_POWERS, cmd_groups},
	{"systemd-dropin", "UNIT",
	 "print a drop-in that puts sandbox in front of a service", 1, 1,
	 COMMAND_SERVICE, cmd_dropin},
	{"features", "", "show what this kernel and this build can do", 0, 0,
	 COMMAND_FORMAT, cmd_features},
};

struct option_row {
	int key; /* the short option, or OPT_… for a long one alone */
	const char *name;
	const char *arg; /* as shown, "[=…]" if optional; NULL: takes none */
	unsigned bit;    /* COMMAND_…; 0: every command has it */
	const char *help;
};

enum { OPT_FORMAT = 256, OPT_TRACE, OPT_PFC, OPT_BPF, OPT_PERMISSIVE,
       OPT_POWERS, OPT_INI };

static const struct option_row rows[] = {
	{'p', "policy", "FILE", COMMAND_LAYERS,
	 "add an outer layer; may repeat, later ones lie outside"},
	{'t', NULL, NULL, COMMAND_TRACE, "as under a tracer, with what it adds"},
	{OPT_TRACE, "trace", "[=TRACER]", COMMAND_TRACE,
	 "the same; TRACER is notify or ptrace"},
	{'p', "policy", "FILE", COMMAND_SERVICE,
	 "the policy of the service; may repeat, later ones lie outside"},
	{'t', NULL, NULL, COMMAND_SERVICE,
	 "report in the journal what the service is denied"},
	{OPT_TRACE, "trace", "[=TRACER]", COMMAND_SERVICE,
	 "the same; TRACER is notify (default) or ptrace"},
	{OPT_PERMISSIVE, "permissive", NULL, COMMAND_SERVICE,
	 "let denied calls through, report them all the same"},
	{OPT_PFC, "pfc", NULL, COMMAND_PFC,
	 "list the finished filter program, readable"},
	{OPT_BPF, "bpf", NULL, COMMAND_BPF,
	 "list its raw instructions, numbered"},
	{OPT_INI, "ini", NULL, COMMAND_INI,
	 "print a policy file of the same effect"},
	{OPT_POWERS, "powers", NULL, COMMAND_POWERS,
	 "list what calls open instead: what policies withhold"},
	{OPT_FORMAT, "format", "FORMAT", COMMAND_FORMAT, "text (default) or json"},
	{'h', "help", NULL, 0, "show this text"},
};

const struct command *command_at(size_t i)
{
	return i < ARRAY_SIZE(commands) ? &commands[i] : NULL;
}

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (streq(commands[i].name, name))
			return &commands[i];
	return NULL;
}

const char *command_suggest(const char *name)
{
	struct nearest near = nearest_to(name);

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		nearest_offer(&near, commands[i].name);
	return near.name;
}

int command_wrong(const struct command *command, const char *fmt, ...)
{
	cleanup_free char *text = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = xstrdup("out of memory");
	va_end(args);
	say("sandbox: %s: %s", command->name, text);
	say("sandbox: '%s %s --help' lists the options", own_name(),
	    command->name);
	return EXITCODE_TROUBLE;
}

static bool has_option(const struct command *command,
		       const struct option_row *row)
{
	return !row->bit || command->options & row->bit;
}

static void print_help(const struct command *command)
{
	printf("Usage: %s %s [OPTION]...%s%s\n", own_name(), command->name,
	       *command->operands ? " " : "", command->operands);
	printf("Runs nothing: %s.\n\n", command->summary);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct option_row *row = &rows[i];
		char left[40], brief[5] = "    ";

		if (!has_option(command, row))
			continue;
		if (row->key < 256)
			snprintf(brief, sizeof(brief), "-%c%s", row->key,
				 row->name ? ", " : "");
		snprintf(left, sizeof(left), "%s%s%s%s%s", brief,
			 row->name ? "--" : "", row->name ? row->name : "",
			 row->arg && row->arg[0] != '[' ? " " : "",
			 row->arg ? row->arg : "");
		wrap_entry(stdout, left, row->help);
	}
	printf("\nExit status: 0%s; 2 if it could not be done.\n",
	       command->run == cmd_check
		       ? ", or 1 if there are holes"
	       : command->run == cmd_diff ? ", or 1 if they differ" : "");
}

static int has_arg(const struct option_row *row)
{
	if (!row->arg)
		return no_argument;
	return row->arg[0] == '[' ? optional_argument : required_argument;
}

/* getopt's tables, made from the rows that the command has. */
static void fill_tables(const struct command *command, char *brief,
			struct option *names)
{
	*brief++ = ':'; /* a missing argument is ':', not '?' */
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!has_option(command, &rows[i]))
			continue;
		if (rows[i].key < 256) {
			*brief++ = (char)rows[i].key;
			if (rows[i].arg)
				*brief++ = ':';
		}
		if (rows[i].name)
			*names++ = (struct option){rows[i].name,
						   has_arg(&rows[i]), NULL,
						   rows[i].key};
	}
	*brief = '\0';
	*names = (struct option){0};
}

enum parsed { PARSED_OPTION, PARSED_HELP, PARSED_WRONG };

static enum parsed take_format(struct command_args *args)
{
	args->json = streq(optarg, "json");
	if (args->json || streq(optarg, "text"))
		return PARSED_OPTION;
	command_wrong(args->command, "--format is text or json, not '%s'",
		      optarg);
	return PARSED_WRONG;
}

static enum parsed take_tracer(struct command_args *args)
{
	args->options |= COMMAND_TRACE;
	args->tracer = optarg;
	if (!optarg || tracer_find(optarg))
		return PARSED_OPTION;
	command_wrong(args->command, "--trace is notify or ptrace, not '%s'",
		      optarg);
	return PARSED_WRONG;
}

/* What the option says of the run; a service's rows stand in for others. */
static unsigned bit_of(const struct command *command, int key)
{
	if (key == 't')
		return COMMAND_TRACE;
	if (key == OPT_PERMISSIVE)
		return COMMAND_PERMISSIVE;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].key == key && has_option(command, &rows[i]))
			return rows[i].bit;
	return 0;
}

static enum parsed take(int key, struct command_args *args, char **argv)
{
	switch (key) {
	case OPT_TRACE:
		return take_tracer(args);
	case 'p':
		args->outer[args->n_outer++] = optarg;
		return PARSED_OPTION;
	case OPT_FORMAT:
		return take_format(args);
	case 'h':
		print_help(args->command);
		return PARSED_HELP;
	case ':':
		command_wrong(args->command, "a value is missing after %s",
			      argv[optind - 1]);
		return PARSED_WRONG;
	case '?':
		if (optopt && optopt < 256)
			command_wrong(args->command, "unknown option -%c",
				      optopt);
		else
			command_wrong(args->command, "unknown option, or one "
				      "that takes no value: %s",
				      argv[optind - 1]);
		return PARSED_WRONG;
	}
	args->options |= bit_of(args->command, key);
	return PARSED_OPTION;
}

static enum parsed take_operands(struct command_args *args, int argc,
				 char **argv)
{
	const struct command *command = args->command;

	while (optind < argc)
		args->operands[args->n++] = argv[optind++];
	if (args->n >= command->min && args->n <= command->max)
		return PARSED_OPTION;
	if (args->n < command->min)
		command_wrong(command, "an operand is missing: sandbox %s %s",
			      command->name, command->operands);
	else
		command_wrong(command, "one operand too many: '%s'",
			      args->operands[command->max]);
	return PARSED_WRONG;
}

/* Of show: what stands in place of its list. */
static enum parsed check_listing(const struct command_args *args)
{
	const unsigned listings = COMMAND_PFC | COMMAND_BPF | COMMAND_INI;
	const char *why = NULL;

	if (args->json && args->options & listings)
		why = "a listing of the program or a policy file is text, not "
		      "json";
	else if (args->options & COMMAND_INI &&
		 args->options & (COMMAND_PFC | COMMAND_BPF | COMMAND_TRACE))
		why = "--ini prints the policy alone: leave out -t, --trace, "
		      "--pfc and --bpf";
	if (!why)
		return PARSED_OPTION;
	command_wrong(args->command, "%s", why);
	return PARSED_WRONG;
}

static enum parsed parse(struct command_args *args, int argc, char **argv)
{
	char brief[2 + 2 * ARRAY_SIZE(rows)];
	struct option names[ARRAY_SIZE(rows) + 1];
	enum parsed parsed = PARSED_OPTION;
	int key;

	fill_tables(args->command, brief, names);
	opterr = 0;
	optind = 0; /* start anew: main's options were parsed before */
	while (parsed == PARSED_OPTION &&
	       (key = getopt_long(argc, argv, brief, names, NULL)) != -1)
		parsed = take(key, args, argv);
	if (parsed == PARSED_OPTION)
		parsed = take_operands(args, argc, argv);
	if (parsed == PARSED_OPTION)
		parsed = check_listing(args);
	if (parsed == PARSED_OPTION && args->options & COMMAND_PFC &&
	    args->options & COMMAND_BPF) {
		command_wrong(args->command, "--pfc and --bpf are two "
			      "listings: leave one of them out");
		return PARSED_WRONG;
	}
	return parsed;
}

/* What could not be written was not done. */
static int finish(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	/* `| head` has seen enough */
	if (errno != EPIPE)
		say("sandbox: cannot write the output: %m");
	return EXITCODE_TROUBLE;
}

int command_main(const struct command *command, int argc, char **argv)
{
	struct command_args args = {
		.command = command,
		.operands = xcalloc((size_t)argc, sizeof(char *)),
		.outer = xcalloc((size_t)argc, sizeof(char *)),
	};
	int status = EXITCODE_TROUBLE;

	switch (parse(&args, argc, argv)) {
	case PARSED_OPTION:
		status = command->run(&args);
		break;
	case PARSED_HELP:
		status = EXITCODE_OK;
		break;
	case PARSED_WRONG:
		break;
	}
	free(args.operands);
	free(args.outer);
	return finish(status);
}

void command_request(const struct command_args *args, size_t operand,
		     struct policy_request *request)
{
	*request = (struct policy_request){.n = args->n_outer + 1};
	request->policies = xcalloc(request->n, sizeof(char *));
	request->policies[0] = args->operands[operand];
	for (size_t i = 0; i < args->n_outer; i++)
		request->policies[i + 1] = args->outer[i];
}

struct policy *command_policy(const struct command_args *args, size_t operand)
{
	struct policy_request request;
	struct diags diags = DIAGS_INIT;
	struct policy *policy;

	command_request(args, operand, &request);
	policy = policy_load(&request, &diags);
	free(request.policies);
	diags_print(&diags, stderr);
	diags_free(&diags);
	if (policy)
		policy->tracer_rules =
			tracer_rules(command_tracer(args, policy));
	return policy;
}

const struct observer *command_tracer(const struct command_args *args,
				      const struct policy *policy)
{
	if (!(args->options & COMMAND_TRACE))
		return NULL;
	return args->tracer ? tracer_find(args->tracer)
			    : tracer_default(policy, false);
}
