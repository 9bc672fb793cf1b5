/* sandbox show POLICY: what a policy answers to every call. */
#include <stdlib.h>

#include "base/exitcode.h"
#include "base/text.h"
#include "base/util.h"
#include "filter/listing.h"
#include "filter/verify.h"
#include "commands/command.h"
#include "commands/show.h"
#include "commands/show_ini.h"
#include "run/tracer.h"

/* The program that would be loaded, proved, with a cookie of zero. */
static int show_program(const struct policy *policy,
			const struct options *options)
{
	struct answers answers = {
		.watch = tracer_watch(command_tracer(options, policy)),
	};
	struct program program;
	char *why;
	int ret = compile_proved(policy, &answers, &program, &why);

	if (ret < 0) {
		say("sandbox: show: %s", why);
		free(why);
	} else {
		if (options->pfc)
			listing_pseudo(stdout, &program);
		if (options->bpf)
			listing_raw(stdout, &program);
	}
	program_free(&program);
	return ret < 0 ? EXITCODE_TROUBLE : EXITCODE_OK;
}

static int print_ini(const struct policy *policy)
{
	char *why, *text = show_ini(policy, &why);

	if (text) {
		fputs(text, stdout);
	} else {
		say("sandbox show: one file cannot have the same effect: %s", why);
		free(why);
	}
	free(text);
	return text ? EXITCODE_OK : EXITCODE_TROUBLE;
}

int cmd_show(const struct options *options)
{
	struct policy *policy = command_policy(options, 0);
	int status = EXITCODE_OK;

	if (!policy)
		return EXITCODE_TROUBLE;
	if (options->pfc || options->bpf)
		status = show_program(policy, options);
	else if (options->ini)
		status = print_ini(policy);
	else if (options->json)
		show_json(policy);
	else
		show_text(policy);
	policy_free(policy);
	return status;
}
