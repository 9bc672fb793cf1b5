#include "commands/telling.h"

#include "base/text.h"
#include "base/util.h"
#include "base/wrap.h"
#include "formats/condition.h"
#include "formats/settings.h"
#include "report/report_words.h"
#include "review/survey.h"
#include "tables/errname.h"

char *place_text(struct source at)
{
	return at.file ? source_text(at) : xstrdup("built in");
}

char *verdict_reason(const struct policy *policy,
		     const struct verdict *verdict)
{
	const struct setting *kernel = &policy->effective[SET_KERNEL];
	cleanup_free char *value = setting_text(SET_KERNEL, kernel->value);
	bool is_newer = verdict->kind == BY_NEW;
	cleanup_free char *at = place_text(is_newer ? kernel->at : verdict->at);

	switch (verdict->kind) {
	case BY_RULE:
		return steal(at);
	case BY_GROUP:
		return xasprintf("%s %s", at, verdict->rule->group);
	case BY_NEW:
		return xasprintf("newer than kernel %s (%s)", value, at);
	case BY_DEFAULT:
	case BY_FOREIGN:
		return xasprintf("%s (%s)", verdict_kind_names[verdict->kind],
				 at);
	default:
		return xstrdup(verdict_kind_names[verdict->kind]);
	}
}

char *clause_text(const struct clause *clause, enum abi_id abi, uint32_t call)
{
	return clause->cond ? condition_text(clause->cond, abi, call) : NULL;
}

void verdict_tell(struct jtree *object, const struct policy *policy,
		  const struct verdict *verdict, const char *indent,
		  const char *what, const char *tail)
{
	cleanup_free char *reason = verdict_reason(policy, verdict);

	jtree_put_text(object, "action", action_names[verdict->action]);
	if (verdict->action == ACTION_DENY)
		jtree_put_text(object, "errno", errno_text(verdict->err));
	if (verdict->quiet)
		jtree_put_bool(object, "quiet", true);
	rule_put(object, verdict);
	if (!object)
		say_on(stdout, "%s%-12s %s  [%s]%s", indent,
		       effect_name(effect_of(verdict)), what, reason, tail);
}

void clause_tell(struct jtree *object, const struct policy *policy,
		 const struct clause *clause, enum abi_id abi, uint32_t call,
		 const char *otherwise, const char *tail)
{
	cleanup_free char *cond = clause_text(clause, abi, call);
	cleanup_free char *what = cond ? xasprintf("if %s", cond)
				       : xstrdup(otherwise);

	jtree_put_text(object, "condition", cond);
	verdict_tell(object, policy, &clause->verdict, "    ", what, tail);
}

const char *final_text(const struct layer *layer)
{
	static const char *const texts[] = {
		[FINAL_NO] = "", [FINAL_YES] = " (final)",
		[FINAL_ALL] = " (final = all)"};

	return texts[layer->settings[SET_FINAL].value];
}

/* ------------------------------------------------------------------- powers */

void power_line(enum power power, const char *calls)
{
	released_by(wrap_end) struct wrap wrap = wrap_start(stdout, 6);

	wrap_entry(stdout, power_name(power), power_opens(power));
	wrap_words(&wrap, calls);
}

struct jtree *power_add(struct jtree *list, enum power power)
{
	struct jtree *object = jtree_add_object(list);

	jtree_put_text(object, "name", power_name(power));
	jtree_put_text(object, "opens", power_opens(power));
	return object;
}

void calls_put(struct jtree *object, const struct calls *calls)
{
	struct jtree *list = jtree_put_list(object, "calls");

	for (size_t i = 0; i < calls->n; i++)
		jtree_add_text(list, syscall_text(calls->items[i]));
}

/* Adds the uses of a call that carry the power: "ioctl with anything else". */
static void add_uses(struct jtree *list, char **text, uint32_t call,
		     enum power power)
{
	for (const struct power_use *use = power_uses(call); use;
	     use = use->next) {
		cleanup_free char *label =
			use->use.rest ? xasprintf("%s with anything else",
						  syscall_row(call)->name)
				      : xstrdup(use->use.label);

		if (use->use.never || !(use->carries & POWER_SET(power)))
			continue;
		jtree_add_text(list, label);
		reprint(text, "%s%s%s", *text, **text ? ", " : "", label);
	}
}

void powers_list(struct jtree *root)
{
	struct jtree *list = jtree_put_list(root, "powers");

	for (int p = 0; p < POWER_COUNT; p++) {
		struct jtree *calls =
			jtree_put_list(power_add(list, p), "calls");
		cleanup_free char *text = xstrdup("");

		for (uint32_t call = 0; call < syscall_count(); call++)
			add_uses(calls, &text, call, p);
		if (!root)
			power_line(p, text);
	}
	if (!root) {
		putchar('\n');
		wrap_text(stdout, "All other calls open nothing: memory, "
			  "waiting, reading clocks, the program's own "
			  "descriptors.");
	}
}
