#include "formats/rules.h"

#include "base/nearest.h"
#include "base/util.h"
#include "formats/condition.h"
#include "formats/settings.h"
#include "formats/spelling.h"
#include "tables/errname.h"

/* Adds what a word of a list names: to the rule of all calls of its line, *named,
 * or, of a group, to a rule of its own. */
static void add_word(const struct rules_target *target, enum action action,
		     const struct ini_word *word, int key_line,
		     struct rule **named)
{
	uint32_t call = syscall_by_word(word->text, word->len);
	bool is_group = is_group_name(word->text);
	cleanup_free char *name = NULL;
	struct rule *rule = *named;
	struct calls calls;

	if (call == CALL_NONE) {
		calls = CALLS_INIT;
		name = xstrndup(word->text, word->len);
		if (name_resolve(target->scope, name,
				 (struct source){target->file, word->line},
				 &calls, target->diags) < 0)
			return;
	}
	if (is_group || !rule || rule->at.line != word->line)
		rule = policy_add_rule(target->layer, (struct rule){
			.action = action,
			.err = ERRNO_UNSET,
			.group = is_group ? name : NULL,
			.at.line = word->line,
			.key_line = key_line,
		});
	if (!is_group)
		*named = rule;
	if (call != CALL_NONE) { /* most words: no copy, no set */
		rule_add_call(rule, call, NULL);
		return;
	}
	for (size_t i = 0; i < calls.n; i++)
		rule_add_call(rule, calls.items[i], NULL);
	calls_free(&calls);
}

void rules_add_list(const struct rules_target *target, enum action action,
		    const struct ini_item *item)
{
	struct rule *named = NULL;
	struct ini_word word = {0};
	size_t n = 0;

	for (; ini_next_word(item, &word); n++)
		add_word(target, action, &word, item->line, &named);
	if (n == 1 && named)
		named->alone = true;
	if (n == 0)
		diag_add(target->diags,
			 (struct source){target->file, item->line},
			 "this list names no system call");
}

/* What stands right of a call's '=', under a section. */
struct value {
	enum action action;
	const struct ini_item *item;
	struct source at;
	struct diags *diags;
	size_t offset; /* of what is not read yet; then, of the condition */
	int err;
	bool only, conditional;
};

/* Takes one word off the value; "if(x" has two. */
static bool take_word(struct value *v, const char *expected)
{
	const char *s = v->item->value + v->offset;
	size_t n = strcspn(s, " \t(");

	if (n != strlen(expected) || strncmp(s, expected, n) != 0)
		return false;
	v->offset += n + strspn(s + n, " \t");
	return true;
}

static int refuse_value(struct value *v, const char *advice)
{
	static const char *const expected[ACTION_COUNT] = {
		[ACTION_ALLOW] = "'always', 'if CONDITION' or 'only if "
				 "CONDITION'",
		[ACTION_LOG] = "'always' or 'if CONDITION'",
		[ACTION_DENY] = "'always', an errno, 'if CONDITION' or 'ERRNO "
				"if CONDITION'",
		[ACTION_KILL] = "'always' or 'if CONDITION'",
	};

	return diag_add(v->diags, v->at, "'%s = %.60s': expected %s%s%s%s",
			v->item->key, v->item->value, expected[v->action],
			advice ? " (" : "", advice ? advice : "",
			advice ? ")" : "");
}

static int refuse_errno(struct value *v, const char *word)
{
	const char *near =
		v->action == ACTION_DENY ? errno_suggest(word) : NULL;
	cleanup_free char *advice =
		spelling_of_value(v->item->value, action_names[v->action]);

	if (near)
		return diag_add(v->diags, v->at, "unknown errno '%s' (did you "
				"mean '%s'?)", word, near);
	if (!advice && word[0] && !word[strspn(word, "0123456789")])
		return diag_add(v->diags, v->at, "errno %s is out of range: "
				"0-%d", word, ERRNO_LAST);
	return refuse_value(v, advice);
}

static int take_errno(struct value *v)
{
	size_t n = strcspn(v->item->value, " \t(");
	cleanup_free char *word = xstrndup(v->item->value, n);

	v->err = errno_parse(word);
	if (v->err < 0)
		return refuse_errno(v, word);
	if (v->action != ACTION_DENY)
		return diag_add(v->diags, v->at, "'%s = %s': an errno belongs "
				"under [deny]", v->item->key, word);
	take_word(v, word);
	return 0;
}

static int parse_value(struct value *v)
{
	const char *value = v->item->value;

	if (streq(value, "always"))
		return 0;
	v->only = take_word(v, "only");
	if (v->only && v->action != ACTION_ALLOW)
		return diag_add(v->diags, v->at,
				"'only if' belongs under [allow]");
	v->conditional = take_word(v, "if");
	if (!v->conditional && !v->only) {
		if (take_errno(v) < 0)
			return -1;
		if (!value[v->offset])
			return 0;
		v->conditional = take_word(v, "if");
	}
	if (!v->conditional)
		return refuse_value(v, NULL);
	if (!value[v->offset])
		return diag_add(v->diags, v->at, "'%s': the condition after "
				"'if' is missing", v->item->key);
	return 0;
}

/* A condition reads differently for each call: arguments have names. */
static void add_calls(const struct rules_target *target, struct rule *rule,
		      const struct calls *calls, const struct value *v)
{
	for (size_t i = 0; i < calls->n; i++) {
		const struct cond *cond[ABI_COUNT];

		if (v->conditional &&
		    condition_parse(v->item, v->offset, target->file,
				    calls->items[i], &target->policy->conds,
				    cond, target->diags) < 0)
			return;
		rule_add_call(rule, calls->items[i],
			      v->conditional ? cond : NULL);
	}
}

void rules_add(const struct rules_target *target, enum action action,
	       const struct ini_item *item)
{
	struct value value = {
		.action = action,
		.item = item,
		.at = {target->file, item->line},
		.diags = target->diags,
		.err = ERRNO_UNSET,
	};
	const char *key = item->key, *group = is_group_name(key) ? key : NULL;
	released_by(calls_free) struct calls calls = CALLS_INIT;
	struct rule *rule;
	int ret;

	if (streq(key, "syscalls")) {
		rules_add_list(target, action, item);
		return;
	}
	/* Words that belong elsewhere are not misspelt calls.  The table has one
	 * named "syscall", of MIPS; nobody means it. */
	if (setting_is_key(key)) {
		ret = diag_add(value.diags, value.at,
			       "'%s' belongs under [policy]", key);
	} else if (edit_distance(key, "syscalls", 2) <= 2) {
		ret = diag_add(value.diags, value.at, "unknown key '%s' (did "
			       "you mean 'syscalls'?)", key);
	} else {
		ret = name_resolve(target->scope, key, value.at, &calls,
				   value.diags);
		ret |= parse_value(&value);
	}
	if (ret == 0) {
		rule = policy_add_rule(target->layer, (struct rule){
			.action = action,
			.err = value.err,
			.only = value.only,
			.alone = !group,
			.group = group,
			.at.line = item->line,
			.key_line = item->line,
		});
		add_calls(target, rule, &calls, &value);
	}
}
