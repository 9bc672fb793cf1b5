/* sandbox amend POLICY REPORT...: what was denied, as an edit of the policy. */
#include "base/exitcode.h"
#include "base/text.h"
#include "base/util.h"
#include "commands/command.h"
#include "learn/amend.h"

static int add_report(const char *path, struct seen_rows *rows)
{
	cleanup_free char *why = NULL;
	size_t n;
	cleanup_free char *text = command_read(path, &n, &why);

	if (text && seen_read(text, n, rows, &why) == 0)
		return 0;
	say("sandbox: amend: %s: %s", path, why);
	return -1;
}

static int add_opened(const struct options *options, struct opened *opened)
{
	cleanup_free char *names = xstrdup(options->open ? options->open : "");
	char *rest = names, *name;

	while ((name = strsep(&rest, ", "))) {
		cleanup_free char *why =
			*name ? opened_add(opened, name) : NULL;

		if (why)
			return command_wrong("amend", "--open: %s", why), -1;
	}
	return 0;
}

static void tell(const struct amended *amended, const char *file)
{
	char *rest = amended->outer, *line;

	for (size_t i = 0; i < amended->n; i++)
		say("sandbox: amend: %s", amended->notes[i]);
	if (!amended->outer)
		return;
	say("sandbox: amend: such an outer policy, to be given behind %s by "
	    "another -p:", file);
	while ((line = strsep(&rest, "\n")))
		if (*line)
			say("  %s", line);
}

static int run(const struct options *options, struct seen_rows *rows,
	       const struct opened *opened)
{
	struct policy_request request = command_request(options, 0);
	cleanup_free const char **policies = request.policies;
	released_by(kept_free) struct kept_files kept = KEPT_FILES_INIT;
	released_by(diags_tell) struct diags diags = DIAGS_INIT;
	released_by(amended_free) struct amended amended = {0};
	released_by(edit_close) struct edit edit = {0};
	cleanup_free char *shown = NULL, *why = NULL;
	const char *file;
	bool changed;

	if (edit_open(&edit, &request, &kept, &diags) < 0)
		return EXITCODE_TROUBLE;
	amend(&edit, rows, opened, &amended);
	changed = !streq(edit.text, edit.before);
	file = kept.items[0].path;
	shown = escape_utf8(file, true);
	tell(&amended, file);
	if (changed && options->apply)
		why = edit_write(&edit);
	else
		edit_diff(&edit, shown, stdout);
	if (why) {
		say("sandbox: amend: %s was not changed: %s", file, why);
		return EXITCODE_TROUBLE;
	}
	if (changed)
		say("sandbox: amend: %s%sthis changes what the policy answers "
		    "to %zu call%s, and nothing else",
		    options->apply ? file : "",
		    options->apply ? " was written: " : "", amended.calls,
		    amended.calls == 1 ? "" : "s");
	return amended.n || (changed && !options->apply) ? EXITCODE_FOUND
							 : EXITCODE_OK;
}

int cmd_amend(const struct options *options)
{
	released_by(seen_rows_free) struct seen_rows rows = {0};
	struct opened opened = {0};
	int status = EXITCODE_TROUBLE, wrong = 0;

	if (add_opened(options, &opened) == 0) {
		for (size_t i = 1; i < options->n_operands; i++)
			wrong |= add_report(options->operands[i], &rows);
		if (!wrong)
			status = run(options, &rows, &opened);
	}
	calls_free(&opened.calls);
	return status;
}
