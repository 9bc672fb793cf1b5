/* sandbox convert --to FORMAT INPUT: a policy, whatever its format, written in
 * another. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/exitcode.h"
#include "base/place.h"
#include "base/text.h"
#include "base/util.h"
#include "commands/command.h"
#include "filter/compile.h"
#include "filter/gate.h"
#include "filter/verify.h"
#include "formats/search.h"
#include "learn/learn.h"
#include "learn/seen_read.h"
#include "learn/strace_read.h"
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

/* The program without a gate, for who execs behind it. */
static int make_program(const struct policy *policy, struct program *program,
			const char *file, struct diags *diags)
{
	const struct answers answers = {0};
	cleanup_free char *why = NULL;

	if (gate_needed(policy, GATE_EXECVE, &answers) & GATE_EXECVE)
		why = xstrdup("it does not allow execve whatever its arguments, "
			      "so who loads the program could start nothing: "
			      "sandbox itself can, since it adds a way for its "
			      "own exec");
	else if (compile(policy, &answers, 0, program, &why) == 0)
		verify(policy, &answers, NULL, program, &why);
	return why ? diag_add(diags, (struct source){file, 0}, "%s", why) : 0;
}

static int write_bpf(FILE *out, const struct policy *policy,
		     const struct options *options, struct diags *diags)
{
	struct program program = {0};
	int ret = make_program(policy, &program, options->operands[0], diags);

	if (ret == 0)
		fwrite(program.insns, sizeof(*program.insns), program.n, out);
	program_free(&program);
	return ret;
}

static int write_c(FILE *out, const struct policy *policy,
		   const struct options *options, struct diags *diags)
{
	struct program program = {0};
	int ret = make_program(policy, &program, options->operands[0], diags);

	if (ret == 0)
		fprintf(out, "/* For %s, by `sandbox convert`. */\n"
			"#include <linux/filter.h>\n\n"
			"static const struct sock_filter filter[%zu] = {\n",
			abis[policy->machine].name, program.n);
	for (size_t i = 0; ret == 0 && i < program.n; i++)
		fprintf(out, "\t{0x%02x, %u, %u, 0x%08x},\n",
			program.insns[i].code, program.insns[i].jt,
			program.insns[i].jf, program.insns[i].k);
	if (ret == 0)
		fputs("};\n", out);
	program_free(&program);
	return ret;
}

static const struct target {
	const char *name;
	write_policy *write;
} targets[] = {
	{"ini", write_ini},
	{"bpf", write_bpf},
	{"c", write_c},
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

/* learned, if not NULL, is the policy as a file, with comments. */
static int convert(const struct options *options, const struct target *target,
		   const struct policy *policy, const char *learned,
		   struct diags *diags)
{
	cleanup_free char *text = NULL, *why = NULL;
	size_t n;
	FILE *out = xmemstream(&text, &n);
	int ret;

	if (learned && target->write == write_ini)
		ret = fputs(learned, out) < 0 ? -1 : 0;
	else
		ret = target->write(out, policy, options, diags);
	fclose(out);
	if (ret == 0)
		why = put_out(options, text, n);
	if (why)
		diag_add(diags, (struct source){options->output, 0}, "%s", why);
	return ret < 0 || why ? EXITCODE_TROUBLE : EXITCODE_OK;
}

/* ------------------------------------------------ logs of what programs did */

static char *strace_text(const char *name, const char *text, size_t n,
			 struct diags *notes, char **why)
{
	struct seen seen = {0};
	char *learned = NULL;

	if (strace_read(name, text, n, &seen, notes, why) == 0)
		learned = learn_text(&seen, false);
	seen_release(&seen);
	return learned;
}

static char *audit_text(const char *name, const char *text, size_t n,
			struct diags *notes, char **why)
{
	struct seen_rows rows = {0};
	struct seen seen = {0};
	char *learned = NULL;

	(void)name;
	(void)notes;
	if (seen_read(text, n, &rows, why) == 0) {
		for (size_t i = 0; i < rows.n; i++)
			if (rows.items[i].call.call != CALL_NONE)
				seen_add(&seen, &rows.items[i].call);
		learned = learn_text(&seen, false);
	}
	seen_rows_free(&rows);
	seen_release(&seen);
	return learned;
}

/* What such a log is written as: the policy that --learn would write. */
static const struct source_log {
	const char *name;
	char *(*text)(const char *name, const char *text, size_t n,
		      struct diags *notes, char **why);
} logs[] = {
	{"strace", strace_text},
	{"audit", audit_text},
};

static const struct source_log *find_log(const char *name)
{
	for (size_t i = 0; name && i < ARRAY_SIZE(logs); i++)
		if (streq(logs[i].name, name))
			return &logs[i];
	return NULL;
}

static struct policy *load_log(const struct options *options,
			       const struct source_log *log, char **learned,
			       struct diags *diags, struct diags *notes)
{
	const char *path = options->operands[0];
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY |
					       O_NONBLOCK);
	cleanup_free char *text = NULL, *why = NULL;
	size_t n = 0;

	if (fd < 0)
		why = xstrdup(strerror(errno));
	else
		text = search_read_text(fd, SEEN_LIMIT, &n, &why);
	if (text)
		*learned = log->text(path, text, n, notes, &why);
	if (*learned)
		return policy_load_text(path, *learned, ABI_NATIVE, diags);
	diag_add(diags, (struct source){path, 0}, "%s", why);
	return NULL;
}

int cmd_convert(const struct options *options)
{
	const char *to = options->to ? options->to : "ini";
	const struct target *target = find_target(to);
	const struct source_log *log = find_log(options->from);
	struct diags diags = DIAGS_INIT, notes = DIAGS_INIT;
	struct options how = *options;
	cleanup_free char *learned = NULL;
	int status = EXITCODE_TROUBLE;
	struct policy *policy;

	if (!target)
		return command_wrong(options->verb, "--to is ini, bpf or c, "
				     "not '%s'", to);
	if (options->from && !log)
		how.request.format = format_find(options->from);
	if (options->from && !log && !how.request.format)
		return command_wrong(options->verb, "--from is ini, strace or "
				     "audit, not '%s'", options->from);
	policy = log ? load_log(options, log, &learned, &diags, &notes)
		     : command_load(&how, 0, &diags, &notes);
	if (policy)
		status = convert(options, target, policy, learned,
				 &diags);
	diags_print(&notes, stderr);
	diags_print(&diags, stderr);
	diags_free(&notes);
	diags_free(&diags);
	policy_free(policy);
	return status;
}
