#include "formats/rules.h"

#include "base/nearest.h"
#include "base/util.h"
#include "formats/condition.h"
#include "formats/names.h"
#include "formats/settings.h"
#include "formats/spelling.h"
#include "tables/errname.h"

static struct rule *new_rule(const struct rules_target *target,
			     enum action action, const char *group, int line,
			     int key_line)
{
	struct rule rule = {
		.action = action,
		.err = ERRNO_UNSET,
		.group = group,
		.at = {target->layer->file, line},
		.key_line = key_line,
		.layer = target->layer,
	};

	return policy_add_rule(target->policy, target->layer, rule);
}

/* Adds what a word of a list names: to the rule of all calls of its line, *named,
 * or, of a group, to a rule of its own. */
static void add_word(const struct rules_target *target, enum action action,
		     const struct ini_word *word, int key_line,
		     struct rule **named)
{
	uint32_t call = syscall_by_word(word->text, word->len);
	cleanup_free char *name = NULL;
	struct calls calls = CALLS_INIT;
	struct rule *rule = *named;
	bool is_group = is_group_name(word->text);

	if (call == CALL_NONE) {
		name = xstrndup(word->text, word->len);
		if (name_resolve(target->scope, name,
				 (struct source){target->file, word->line},
				 &calls, target->diags) < 0)
			return;
	}
	if (is_group || !rule || rule->at.line != word->line)
		rule = new_rule(target, action, is_group ? name : NULL,
				word->line, key_line);
	if (!is_group)
		*named = rule;
	if (call != CALL_NONE) /* most words: no copy, no set */
		rule_add_call(rule, call, NULL);
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

/* What stands right of a call's '='. */
struct word_on_call {
	int err;
	bool only;
	bool conditional;
	size_t condition; /* offset in the value */
};

/* Takes one word off the value; "if(x" has two. */
static bool take_word(const char *value, size_t *offset, const char *expected)
{
	size_t n = strcspn(value + *offset, " \t(");

	if (n != strlen(expected) || strncmp(value + *offset, expected, n) != 0)
		return false;
	*offset += n + strspn(value + *offset + n, " \t");
	return true;
}

static const char *const expected[ACTION_COUNT] = {
	[ACTION_ALLOW] = "'always', 'if CONDITION' or 'only if CONDITION'",
	[ACTION_LOG] = "'always' or 'if CONDITION'",
	[ACTION_DENY] = "'always', an errno, 'if CONDITION' or 'ERRNO if "
			"CONDITION'",
	[ACTION_KILL] = "'always' or 'if CONDITION'",
};

static int refuse_value(const struct ini_item *item, enum action action,
			struct source at, struct diags *diags,
			const char *advice)
{
	return diag_add(diags, at, "'%s = %.60s': expected %s%s%s%s", item->key,
			item->value, expected[action], advice ? " (" : "",
			advice ? advice : "", advice ? ")" : "");
}

static int refuse_errno(const char *word, enum action action,
			const struct ini_item *item, struct source at,
			struct diags *diags)
{
	const char *near = action == ACTION_DENY ? errno_suggest(word) : NULL;
	cleanup_free char *advice =
		spelling_of_value(item->value, action_names[action]);

	if (near)
		return diag_add(diags, at, "unknown errno '%s' (did you mean "
				"'%s'?)", word, near);
	if (!advice && word[0] && !word[strspn(word, "0123456789")])
		return diag_add(diags, at, "errno %s is out of range: 0-%d",
				word, ERRNO_LAST);
	return refuse_value(item, action, at, diags, advice);
}

/* Takes the errno off the value if there is one. */
static int take_errno(const struct ini_item *item, enum action action,
		      size_t *offset, int *err, struct source at,
		      struct diags *diags)
{
	const char *value = item->value;
	size_t n = strcspn(value, " \t(");
	cleanup_free char *word = xstrndup(value, n);

	*err = errno_parse(word);
	if (*err < 0)
		return refuse_errno(word, action, item, at, diags);
	if (action != ACTION_DENY)
		return diag_add(diags, at, "'%s = %s': an errno belongs under "
				"[deny]", item->key, word);
	*offset = n + strspn(value + n, " \t");
	return 0;
}

static int parse_value(const struct ini_item *item, enum action action,
		       struct source at, struct diags *diags,
		       struct word_on_call *out)
{
	const char *value = item->value;
	size_t offset = 0;

	*out = (struct word_on_call){.err = ERRNO_UNSET};
	if (streq(value, "always"))
		return 0;
	out->only = take_word(value, &offset, "only");
	if (out->only && action != ACTION_ALLOW)
		return diag_add(diags, at, "'only if' belongs under [allow]");
	out->conditional = take_word(value, &offset, "if");
	if (!out->conditional && !out->only) {
		if (take_errno(item, action, &offset, &out->err, at, diags) < 0)
			return -1;
		if (!value[offset])
			return 0;
		out->conditional = take_word(value, &offset, "if");
	}
	if (!out->conditional)
		return refuse_value(item, action, at, diags, NULL);
	if (!value[offset])
		return diag_add(diags, at, "'%s': the condition after 'if' is "
				"missing", item->key);
	out->condition = offset;
	return 0;
}

/* A condition reads differently for each call: arguments have names. */
static void add_calls(const struct rules_target *target, struct rule *rule,
		      const struct ini_item *item, const struct calls *calls,
		      const struct word_on_call *word)
{
	for (size_t i = 0; i < calls->n; i++) {
		const struct cond *cond[ABI_COUNT];

		if (word->conditional &&
		    condition_parse(item, word->condition, target->file,
				    calls->items[i], &target->policy->conds,
				    cond, target->diags) < 0)
			return;
		rule_add_call(rule, calls->items[i],
			      word->conditional ? cond : NULL);
	}
}

/* Words that belong elsewhere are not misspelt calls. */
static int check_key(const struct rules_target *target, const char *key,
		     struct source at)
{
	if (setting_is_key(key))
		return diag_add(target->diags, at,
				"'%s' belongs under [policy]", key);
	/* The table has a call named "syscall", of MIPS; nobody means it. */
	if (edit_distance(key, "syscalls", 2) <= 2)
		return diag_add(target->diags, at, "unknown key '%s' (did you "
				"mean 'syscalls'?)", key);
	return 0;
}

void rules_add(const struct rules_target *target, enum action action,
	       const struct ini_item *item)
{
	struct source at = {target->file, item->line};
	bool group = is_group_name(item->key);
	struct calls calls = CALLS_INIT;
	struct word_on_call word;
	struct rule *rule;
	int ret;

	if (streq(item->key, "syscalls")) {
		rules_add_list(target, action, item);
		return;
	}
	if (check_key(target, item->key, at) < 0)
		return;
	ret = name_resolve(target->scope, item->key, at, &calls,
			   target->diags);
	ret |= parse_value(item, action, at, target->diags, &word);
	if (ret == 0) {
		rule = new_rule(target, action, group ? item->key : NULL,
				item->line, item->line);
		rule->err = word.err;
		rule->only = word.only;
		rule->alone = !group;
		add_calls(target, rule, item, &calls, &word);
	}
	calls_free(&calls);
}
