#include "commands/command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/exitcode.h"
#include "base/text.h"
#include "base/util.h"
#include "formats/search.h"
#include "learn/seen_read.h"
#include "run/tracer.h"

static const struct command commands[] = {
	{COMMAND_CHECK, "check", "POLICY",
	 "find mistakes, and holes: allowed calls that undo a denial", 1, 1,
	 cmd_check, "there are holes"},
	{COMMAND_SHOW, "show", "POLICY",
	 "list what a policy answers to every call", 1, 1, cmd_show, NULL},
	{COMMAND_EXPLAIN, "explain", "POLICY CALL",
	 "say which line decides a call, and why: openat, or "
	 "'socket(AF_INET, _)'", 2, 2, cmd_explain, NULL},
	{COMMAND_DIFF, "diff", "POLICY POLICY",
	 "compare what two policies answer", 2, 2, cmd_diff, "they differ"},
	{COMMAND_AMEND, "amend", "POLICY REPORT...",
	 "print the edit that allows what reports say was denied", 2, SIZE_MAX,
	 cmd_amend, "an edit was printed, or denials are left"},
	{COMMAND_CONVERT, "convert", "INPUT",
	 "write a policy as one file or a filter program, or a log as a policy",
	 1, 1, cmd_convert, NULL},
	{COMMAND_GROUPS, "groups", "[@GROUP]",
	 "list the groups of calls, or the calls of one", 0, 1, cmd_groups,
	 NULL},
	{COMMAND_DROPIN, "systemd-dropin", "UNIT",
	 "print a drop-in that puts sandbox in front of a service", 1, 1,
	 cmd_dropin, NULL},
	{COMMAND_FEATURES, "features", "",
	 "show what this kernel and this build can do", 0, 0, cmd_features,
	 NULL},
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

int command_wrong(const char *name, const char *fmt, ...)
{
	cleanup_free char *text = NULL;
	va_list args;

	va_start(args, fmt);
	text = xvasprintf(fmt, args);
	va_end(args);
	say("sandbox: %s%s%s", name ? name : "", name ? ": " : "", text);
	say("sandbox: '%s%s%s --help' lists the options", own_name(),
	    name ? " " : "", name ? name : "");
	return EXITCODE_TROUBLE;
}

/* What could not be written was not done. */
int command_end(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	/* `| head` has seen enough */
	if (errno != EPIPE)
		say("sandbox: cannot write the output: %m");
	return EXITCODE_TROUBLE;
}

struct policy_request command_request(const struct options *options,
				      size_t operand)
{
	struct policy_request request = options->request;

	request.policies = xcalloc(++request.n, sizeof(char *));
	request.policies[0] = options->operands[operand];
	for (size_t i = 1; i < request.n; i++)
		request.policies[i] = options->request.policies[i - 1];
	return request;
}

struct policy *command_load(const struct options *options, size_t operand,
			    struct diags *diags)
{
	struct policy_request request = command_request(options, operand);
	struct diags notes = DIAGS_INIT;
	struct policy *policy;

	request.container.notes = &notes;
	policy = policy_load(&request, diags);
	diags_print(&notes, stderr);
	diags_free(&notes);
	free(request.policies);
	return policy;
}

char *command_read(const char *path, size_t *n, char **why)
{
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY |
					       O_NONBLOCK);

	if (fd >= 0)
		return search_read_text(fd, SEEN_LIMIT, n, why);
	*why = xstrdup(strerror(errno));
	return NULL;
}

struct policy *command_policy(const struct options *options, size_t operand)
{
	released_by(diags_tell) struct diags diags = DIAGS_INIT;
	struct policy *policy = command_load(options, operand, &diags);

	if (policy)
		policy->tracer_rules =
			tracer_rules(command_tracer(options, policy));
	return policy;
}

const struct observer *command_tracer(const struct options *options,
				      const struct policy *policy)
{
	if (!options->trace)
		return NULL;
	return options->tracer ? tracer_find(options->tracer)
			    : tracer_default(policy, false);
}

struct jtree *command_json(const struct options *options)
{
	return options->json ? jtree_new() : NULL;
}

void command_put_policies(const struct options *options, struct jtree *root)
{
	struct jtree *list = jtree_put_list(root, "policies");

	for (size_t i = 0; i < options->n_operands; i++)
		jtree_add_text(list, options->operands[i]);
	for (size_t i = 0; i < options->request.n; i++)
		jtree_add_text(list, options->request.policies[i]);
}
