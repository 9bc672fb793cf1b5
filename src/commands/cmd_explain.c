/* sandbox explain POLICY CALL: why a call is decided as it is. */
#include "base/exitcode.h"
#include "base/text.h"
#include "base/util.h"
#include "formats/callexpr.h"
#include "commands/command.h"
#include "commands/explain.h"
#include "tables/syscall.h"

/* The mistake, the text, and a mark under the place. */
static void complain(const struct callexpr *expr, const char *text)
{
	cleanup_free char *before = xstrndup(text, expr->error_at);
	cleanup_free char *shown_before = escape_utf8(before, true);

	say("sandbox: explain: column %zu: %s", expr->error_at + 1, expr->error);
	say("  %s", text);
	say("  %*s^", (int)utf8_columns(shown_before), "");
}

struct explainer {
	const struct policy *policy;
	const struct callexpr *expr;
	const char *text;
	struct jtree *list; /* or NULL: as text */
	size_t n;
};

static int explain_on(struct explainer *x, enum abi_id abi, uint32_t nr)
{
	struct explained explained;
	int ret = explain_call(&explained, x->policy, x->expr, abi, nr);

	if (ret < 0) {
		say("sandbox: explain: the conditions on this call are too "
		    "large to analyse");
	} else if (x->list) {
		explain_put(&explained, jtree_add_object(x->list));
	} else {
		if (x->n++)
			fputc('\n', stdout);
		explain_text(&explained,
			     x->expr->has_args ? x->text : NULL, stdout);
	}
	explained_free(&explained);
	return ret;
}

/* A bare name stands for the call on every ABI that the policy admits. */
static int explain_all(struct explainer *x)
{
	const struct callexpr *expr = x->expr;
	int ret = explain_on(x, expr->abi, expr->nr);

	if (expr->has_abi || expr->has_args || !syscall_row(expr->call))
		return ret;
	for (int abi = 0; ret == 0 && abi < ABI_COUNT; abi++) {
		int64_t nr = syscall_number(expr->call, (enum abi_id)abi);

		if (abi != (int)expr->abi && nr >= 0 &&
		    policy_admits(x->policy, abi))
			ret = explain_on(x, (enum abi_id)abi, (uint32_t)nr);
	}
	return ret;
}

static int explain(const struct options *options,
		   const struct callexpr *expr)
{
	struct policy *policy = command_policy(options, 0);
	struct jtree *root = NULL;
	struct explainer x = {policy, expr, options->operands[1], NULL, 0};
	int ret;

	if (!policy)
		return EXITCODE_TROUBLE;
	if (options->json) {
		root = jtree_new();
		jtree_put_text(root, "asked", options->operands[1]);
		x.list = jtree_put_list(root, "calls");
	}
	ret = explain_all(&x);
	if (root)
		jtree_print(root, stdout);
	policy_free(policy);
	return ret < 0 ? EXITCODE_TROUBLE : EXITCODE_OK;
}

int cmd_explain(const struct options *options)
{
	const char *text = options->operands[1];
	struct callexpr expr;
	int status = EXITCODE_TROUBLE;

	if (callexpr_parse(&expr, text) < 0)
		complain(&expr, text);
	else
		status = explain(options, &expr);
	callexpr_free(&expr);
	return status;
}
