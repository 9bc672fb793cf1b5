/* sandbox check POLICY: its mistakes; without any, its holes. */
#include "base/exitcode.h"
#include "base/text.h"
#include "base/util.h"
#include "filter/verify.h"
#include "commands/command.h"
#include "commands/telling.h"
#include "report/report_words.h"
#include "review/check.h"
#include "run/tracer.h"

static bool seen_before(const struct finding *first,
			const struct finding *finding)
{
	for (; first < finding; first++)
		if (first->mend && streq(first->mend, finding->mend))
			return true;
	return false;
}

static void print_total(const struct options *options,
			const struct findings *findings)
{
	cleanup_free char *policy = escape_utf8(options->operands[0], true);

	printf("%s: ", policy);
	if (!findings->n) {
		puts("clean");
		return;
	}
	for (int severity = 0; severity < SEVERITY_COUNT; severity++) {
		size_t n = findings_count(findings, severity);

		printf("%s%zu %s%s", severity ? ", " : "", n,
		       severity_names[severity], n == 1 ? "" : "s");
	}
	putchar('\n');
}

/* On a list, or as text if that is NULL: the fix is printed once, with the first
 * finding that it fixes. */
static void tell_finding(struct jtree *list, const struct findings *findings,
			 const struct finding *finding)
{
	struct jtree *object = jtree_add_object(list);
	cleanup_free char *at = place_text(finding->at);
	const char *severity = severity_names[finding->severity];
	powers set = 0;

	jtree_put_text(object, "kind", finding_kind_names[finding->kind]);
	jtree_put_text(object, "severity", severity);
	place_put(object, finding->at);
	calls_put(object, &finding->calls);
	for (size_t i = 0; i < finding->calls.n; i++)
		set |= powers_of(finding->calls.items[i]);
	powers_put(object, "powers", set, false);
	jtree_put_text(object, "text", finding->text);
	jtree_put_text(object, "mend", finding->mend);
	if (list)
		return;
	say_on(stdout, "%s: %s: %s", at, severity, finding->text);
	if (finding->mend && !seen_before(findings->items, finding)) {
		fputs("\tfix: ", stdout);
		say_on(stdout, "%s", finding->mend);
	}
}

/* A policy with mistakes has no findings. */
static int tell(const struct options *options, struct diags *diags,
		const struct findings *findings)
{
	struct jtree *root = command_json(options), *list;

	command_put_policies(options, root);
	list = jtree_put_list(root, "findings");
	/* as diags_print() shows them */
	for (size_t i = 0; i < diags->n; i++) {
		const struct diag *diag = &diags->items[i];
		struct jtree *object = jtree_add_object(list);

		jtree_put_text(object, "kind", "mistake");
		jtree_put_text(object, "severity", "error");
		place_put(object, (struct source){diag->file, diag->line});
		jtree_put_list(object, "calls");
		jtree_put_text(object, "text", diag->text);
	}
	for (size_t i = 0; i < findings->n; i++)
		tell_finding(list, findings, &findings->items[i]);
	jtree_print(root, stdout, 2);
	if (!root && !diags->n)
		print_total(options, findings);
	if (!root)
		diags_print(diags, stderr);
	if (diags->n)
		return EXITCODE_TROUBLE;
	return findings_count(findings, SEVERITY_HOLE) +
			       findings_count(findings, SEVERITY_FAULT)
		       ? EXITCODE_FOUND
		       : EXITCODE_OK;
}

/* Does the policy come to a program that the kernel would take? */
static int try_program(const struct policy *policy, struct diags *diags)
{
	struct source outermost = {
		policy->layers[policy->n_layers - 1]->file, 0};
	released_by(program_free) struct program program;
	cleanup_free char *why = NULL;

	return compile_proved(policy, &nobody_watches, &program, &why) < 0
		       ? diag_add(diags, outermost, "%s", why)
		       : 0;
}

/* Where it is run from, not what it says. */
static void note_exec(const struct policy *policy, struct findings *findings)
{
	if (tracer_exec_by_cookie(policy))
		findings_add(findings, (struct finding){
			.kind = FINDING_EXEC,
			.severity = SEVERITY_NOTE,
			.text = xstrdup("execve is denied, and another seccomp "
					"listener is in force here: a process "
					"of the same user can read the secret "
					"by which CMD is started (sandbox(1), "
					"SECURITY)"),
			.mend = xstrdup("start sandbox outside of that "
					"listener"),
		});
}

int cmd_check(const struct options *options)
{
	released_by(diags_free) struct diags diags = DIAGS_INIT;
	cleanup_policy struct policy *policy = command_load(options, 0, &diags);
	released_by(findings_free) struct findings findings = {0};

	if (policy && try_program(policy, &diags) == 0) {
		check_find(policy, &findings);
		note_exec(policy, &findings);
	}
	return tell(options, &diags, &findings);
}
