/* sandbox convert --to FORMAT INPUT: a policy as one file or as a program, or
 * what a log tells as a policy. */
#include <errno.h>

#include "base/exitcode.h"
#include "base/place.h"
#include "base/util.h"
#include "commands/command.h"
#include "commands/export.h"
#include "filter/compile.h"
#include "filter/gate.h"
#include "filter/verify.h"
#include "learn/learn.h"
#include "learn/seen_read.h"
#include "review/flatten.h"

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

/* Who loads such a filter execs behind it, without a gate. */
static bool may_exec(const struct policy *policy, const struct options *options,
		     struct diags *diags)
{
	if (!(gate_needed(policy, GATE_EXECVE, &nobody_watches) & GATE_EXECVE))
		return true;
	diag_add(diags, (struct source){options->operands[0], 0},
		 "it does not allow execve whatever its arguments, so who loads "
		 "the program could start nothing: sandbox itself can, since it "
		 "adds a way for its own exec");
	return false;
}

static int make_program(const struct policy *policy, struct program *program,
			const char *file, struct diags *diags)
{
	cleanup_free char *why = NULL;

	if (compile(policy, &nobody_watches, 0, program, &why) == 0)
		verify(policy, &nobody_watches, NULL, program, &why);
	return why ? diag_add(diags, (struct source){file, 0}, "%s", why) : 0;
}

static int write_bpf(FILE *out, const struct policy *policy,
		     const struct options *options, struct diags *diags)
{
	released_by(program_free) struct program program = {0};
	int ret = make_program(policy, &program, options->operands[0], diags);

	if (ret == 0)
		fwrite(program.insns, sizeof(*program.insns), program.n, out);
	return ret;
}

static int write_c(FILE *out, const struct policy *policy,
		   const struct options *options, struct diags *diags)
{
	released_by(program_free) struct program program = {0};
	int ret = make_program(policy, &program, options->operands[0], diags);

	fprintf(out, "/* For %s, by `sandbox convert`. */\n"
		"#include <linux/filter.h>\n\n"
		"static const struct sock_filter filter[%zu] = {\n",
		abis[policy->machine].name, program.n);
	for (size_t i = 0; i < program.n; i++)
		fprintf(out, "\t{0x%02x, %u, %u, 0x%08x},\n",
			program.insns[i].code, program.insns[i].jt,
			program.insns[i].jf, program.insns[i].k);
	fputs("};\n", out);
	return ret;
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

/* ------------------------------------------------ logs of what programs did */

static int read_audit(const char *name, const char *text, size_t n,
		      struct seen *seen, struct diags *notes, char **why)
{
	released_by(seen_rows_free) struct seen_rows rows = {0};
	int ret = seen_read(text, n, &rows, why);

	(void)name;
	(void)notes;
	for (size_t i = 0; ret == 0 && i < rows.n; i++)
		if (rows.items[i].call.call != CALL_NONE)
			seen_add(seen, &rows.items[i].call);
	return ret;
}

/* A log becomes the policy that --learn would write. */
static const struct format {
	const char *name;
	write_policy *write; /* NULL: --from alone */
	bool says_all;  /* or fails, so that --lossy changes nothing */
	bool is_policy; /* the text tells which format it is in */
	int (*read)(const char *name, const char *text, size_t n,
		    struct seen *seen, struct diags *notes, char **why);
} formats[] = {
	{"ini", write_ini, .says_all = true, .is_policy = true},
	{"oci", oci_write, .is_policy = true},
	{"systemd", systemd_write, .is_policy = true},
	{"bpf", write_bpf, .says_all = true},
	{"c", write_c, .says_all = true},
	{"strace", .read = strace_read},
	{"audit", .read = read_audit},
};

static const struct format *find_format(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (streq(formats[i].name, name))
			return &formats[i];
	return NULL;
}

/* *learned is its text, with comments. */
static struct policy *load_log(const struct options *options,
			       const struct format *input, char **learned,
			       struct diags *diags)
{
	const char *path = options->operands[0];
	released_by(diags_tell) struct diags notes = DIAGS_INIT;
	released_by(seen_release) struct seen seen = {0};
	cleanup_free char *why = NULL;
	size_t n;
	cleanup_free char *text = command_read(path, &n, &why);

	if (!text || input->read(path, text, n, &seen, &notes, &why) != 0) {
		diag_add(diags, (struct source){path, 0}, "%s", why);
		return NULL;
	}
	*learned = learn_text(&seen, false);
	return policy_load_text(path, *learned,
				request_machine(&options->request), diags);
}

/* ----------------------------------------------------------------- the whole */

static int convert(const struct options *options, const struct format *target,
		   const struct format *input)
{
	released_by(diags_tell) struct diags diags = DIAGS_INIT;
	cleanup_free char *learned = NULL, *text = NULL, *why = NULL;
	cleanup_policy struct policy *policy =
		input->read ? load_log(options, input, &learned, &diags)
			     : command_load(options, 0, &diags);
	size_t n;
	FILE *out;
	int ret = 0;

	if (!policy)
		return EXITCODE_TROUBLE;
	out = xmemstream(&text, &n);
	if (learned && target->write == write_ini)
		fputs(learned, out);
	else if (target->write == write_ini || may_exec(policy, options, &diags))
		ret = target->write(out, policy, options, &diags);
	else
		ret = -1;
	fclose(out);
	if (ret == 0)
		why = put_out(options, text, n);
	if (why)
		ret = diag_add(&diags, (struct source){options->output, 0},
			       "%s", why);
	return ret < 0 ? EXITCODE_TROUBLE : EXITCODE_OK;
}

int cmd_convert(const struct options *options)
{
	const char *to = options->to ? options->to : "ini";
	const char *from = options->from ? options->from : "ini";
	const struct format *target = find_format(to);
	const struct format *input = find_format(from);

	if (!target || !target->write)
		return command_wrong(options->verb, "--to is ini, oci, systemd, "
				     "bpf or c, not '%s'", to);
	if (!input || !(input->is_policy || input->read))
		return command_wrong(options->verb, "--from is ini, oci, systemd, "
				     "strace or audit, not '%s'", from);
	if (options->lossy && !streq(options->lossy, "strict") &&
	    !streq(options->lossy, "loose"))
		return command_wrong(options->verb, "--lossy is strict or "
				     "loose, not '%s'", options->lossy);
	if (options->lossy && target->says_all)
		return command_wrong(options->verb, "--lossy is for --to oci "
				     "and systemd: %s says all of a policy, or "
				     "fails", to);
	if (input->read && options->request.n)
		return command_wrong(options->verb, "-p has no effect with "
				     "--from %s, which is no policy: convert "
				     "it first", from);
	return convert(options, target, input);
}
