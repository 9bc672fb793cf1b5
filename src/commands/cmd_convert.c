/* sandbox convert --to FORMAT INPUT: a policy, whatever its format, written in
 * another. */
#include <errno.h>
#include <stdlib.h>

#include "base/exitcode.h"
#include "base/place.h"
#include "base/text.h"
#include "base/util.h"
#include "commands/command.h"
#include "review/flatten.h"

/* Writes the policy; -1 with what the format cannot say added to diags. */
typedef int write_policy(FILE *out, const struct policy *policy,
			 const struct options *options, struct diags *diags);

static int write_ini(FILE *out, const struct policy *policy,
		     const struct options *options, struct diags *diags)
{
	cleanup_free char *why = NULL, *text = show_ini(policy, &why);
	const char *file = options->operands[0];

	if (!text)
		return diag_add(diags, (struct source){file, 0},
				"one file cannot have the same effect: %s", why);
	fputs(text, out);
	return 0;
}

static const struct target {
	const char *name;
	write_policy *write;
} targets[] = {
	{"ini", write_ini},
};

static const struct target *find_target(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++)
		if (streq(targets[i].name, name))
			return &targets[i];
	return NULL;
}

/* To the file of -o, which is written whole or not at all. */
static char *put_out(const struct options *options, const char *text, size_t n)
{
	struct place place;
	char *why;

	if (!options->output || streq(options->output, "-"))
		return fwrite(text, 1, n, stdout), NULL;
	why = place_find(&place, options->output);
	if (!why && place_write(&place, text, n) < 0)
		why = xstrdup(place_error(errno));
	place_free(&place);
	return why;
}

static int convert(const struct options *options, const struct target *target,
		   const struct policy *policy, struct diags *diags)
{
	cleanup_free char *text = NULL, *why = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);
	int ret;

	if (!out)
		abort();
	ret = target->write(out, policy, options, diags);
	fclose(out);
	if (ret == 0)
		why = put_out(options, text, n);
	if (why)
		diag_add(diags, (struct source){options->output, 0}, "%s", why);
	return ret < 0 || why ? EXITCODE_TROUBLE : EXITCODE_OK;
}

int cmd_convert(const struct options *options)
{
	const char *to = options->to ? options->to : "ini";
	const struct target *target = find_target(to);
	struct diags diags = DIAGS_INIT, notes = DIAGS_INIT;
	struct options how = *options;
	int status = EXITCODE_TROUBLE;
	struct policy *policy;

	if (!target)
		return command_wrong(options->verb, "--to is ini, not '%s'", to);
	if (options->from)
		how.request.format = format_find(options->from);
	if (options->from && !how.request.format)
		return command_wrong(options->verb, "--from is ini, not '%s'",
				     options->from);
	policy = command_load(&how, 0, &diags, &notes);
	if (policy)
		status = convert(options, target, policy, &diags);
	diags_print(&notes, stderr);
	diags_print(&diags, stderr);
	diags_free(&notes);
	diags_free(&diags);
	policy_free(policy);
	return status;
}
