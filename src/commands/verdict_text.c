#include "commands/verdict_text.h"

#include "base/text.h"
#include "base/util.h"
#include "formats/condition_print.h"
#include "tables/errname.h"

static const char *err_text(int err, char buf[static 16])
{
	return err ? errno_name(err, buf) : "0";
}

const char *verdict_answer(const struct verdict *verdict, char buf[static 32])
{
	char err[16];

	if (verdict->action != ACTION_DENY)
		return action_names[verdict->action];
	snprintf(buf, 32, "deny %s", err_text(verdict->err, err));
	return buf;
}

char *place_text(struct source at)
{
	cleanup_free char *file = NULL;

	if (!at.file)
		return xstrdup("built in");
	file = escape_utf8(at.file, true);
	return at.line ? xasprintf("%s:%d", file, at.line) : steal(file);
}

const char *kernel_text(int kernel, char buf[static 16])
{
	snprintf(buf, 16, "%d.%d", kernel >> 8 & 0xff, kernel & 0xff);
	return buf;
}

static char *newer_text(const struct policy *policy)
{
	const struct setting *kernel = &policy->effective[SET_KERNEL];
	cleanup_free char *at = place_text(kernel->at);
	char buf[16];

	return xasprintf("newer than kernel %s (%s)",
			 kernel_text(kernel->value, buf), at);
}

char *verdict_reason(const struct policy *policy,
		     const struct verdict *verdict)
{
	cleanup_free char *at = place_text(verdict->at);

	switch (verdict->kind) {
	case BY_RULE:
		return steal(at);
	case BY_GROUP:
		return xasprintf("%s %s", at, verdict->rule->group);
	case BY_NEW:
		return newer_text(policy);
	case BY_DEFAULT:
	case BY_FOREIGN:
		return xasprintf("%s (%s)", verdict_kind_names[verdict->kind],
				 at);
	default:
		return xstrdup(verdict_kind_names[verdict->kind]);
	}
}

void place_put(struct jtree *object, struct source at)
{
	jtree_put_text(object, "file", at.file);
	if (at.file && at.line)
		jtree_put_number(object, "line", at.line);
}

void verdict_put(struct jtree *object, const struct verdict *verdict)
{
	struct jtree *rule;
	char buf[16];

	jtree_put_text(object, "action", action_names[verdict->action]);
	if (verdict->action == ACTION_DENY)
		jtree_put_text(object, "errno", err_text(verdict->err, buf));
	rule = jtree_put_object(object, "rule");
	jtree_put_text(rule, "kind", verdict_kind_names[verdict->kind]);
	place_put(rule, verdict->at);
	if (verdict->kind == BY_GROUP)
		jtree_put_text(rule, "group", verdict->rule->group);
}

void clause_put(struct jtree *object, const struct clause *clause,
		enum abi_id abi, uint32_t call)
{
	cleanup_free char *text = NULL;

	if (clause->cond)
		text = condition_text(clause->cond, abi, call);
	jtree_put_text(object, "condition", text);
	verdict_put(object, &clause->verdict);
}
