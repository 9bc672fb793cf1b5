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

/* A list in the making; the calls' memory serves one word after another. */
struct list {
	enum action action;
	struct rule *named; /* the rule of the line's calls, or NULL */
	struct calls calls; /* of the word in hand */
	size_t n;
	int key_line;
};

/* The rule of all calls that one line of a list names. */
static struct rule *rule_of_line(const struct rules_target *target,
				 struct list *list, int line)
{
	if (!list->named || list->named->at.line != line)
		list->named = new_rule(target, list->action, NULL, line,
				       list->key_line);
	return list->named;
}

static int add_other_word(const struct rules_target *target, struct list *list,
			  const char *name, int line)
{
	struct source at = {target->file, line};
	struct rule *rule;

	calls_clear(&list->calls);
	if (name_resolve(target->scope, name, at, &list->calls,
			 target->diags) < 0)
		return -1;
	rule = is_group_name(name)
		       ? new_rule(target, list->action, name, line,
				  list->key_line)
		       : rule_of_line(target, list, line);
	for (size_t i = 0; i < list->calls.n; i++)
		rule_add_call(rule, list->calls.items[i], NULL);
	return 0;
}

/* Most words name a call: no copy, no set. */
static int add_word(const struct rules_target *target, struct list *list,
		    const struct ini_word *word)
{
	uint32_t call = syscall_by_word(word->text, word->len);
	cleanup_free char *name = NULL;

	list->n++;
	if (call != CALL_NONE) {
		rule_add_call(rule_of_line(target, list, word->line), call,
			      NULL);
		return 0;
	}
	name = xstrndup(word->text, word->len);
	return add_other_word(target, list, name, word->line);
}

int rules_add_list(const struct rules_target *target, enum action action,
		   const struct ini_item *item)
{
	struct list list = {.action = action,
			    .calls = CALLS_INIT,
			    .key_line = item->line};
	struct ini_word word = {0};
	int ret = 0;

	while (ini_next_word(item, &word))
		ret |= add_word(target, &list, &word);
	if (list.n == 1 && list.named)
		list.named->alone = true;
	if (list.n == 0) {
		diag_add(target->diags,
			 (struct source){target->file, item->line},
			 "this list names no system call");
		ret = -1;
	}
	calls_free(&list.calls);
	return ret;
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

static int refuse_errno(const char *word, enum action action,
			const struct ini_item *item, struct source at,
			struct diags *diags)
{
	const char *near = action == ACTION_DENY ? errno_suggest(word) : NULL;
	cleanup_free char *advice = spelling_of_value(item->value, action_names[action]);

	if (advice && !near)
		diag_add(diags, at, "'%s = %.60s': expected %s (%s)", item->key,
			 item->value, expected[action], advice);
	else if (near)
		diag_add(diags, at, "unknown errno '%s' (did you mean '%s'?)",
			 word, near);
	else if (word[0] && !word[strspn(word, "0123456789")])
		diag_add(diags, at, "errno %s is out of range: 0-%d", word,
			 ERRNO_LAST);
	else
		diag_add(diags, at, "'%s = %.60s': expected %s", item->key,
			 item->value, expected[action]);
	return -1;
}

/* Takes the errno off the value if there is one. */
static int take_errno(const struct ini_item *item, enum action action,
		      size_t *offset, int *err, struct source at,
		      struct diags *diags)
{
	const char *value = item->value;
	size_t n = strcspn(value, " \t(");
	cleanup_free char *word = xstrndup(value, n);
	int parsed = errno_parse(word);

	if (parsed >= 0 && action != ACTION_DENY) {
		diag_add(diags, at, "'%s = %s': an errno belongs under [deny]",
			 item->key, word);
		return -1;
	}
	if (parsed < 0)
		return refuse_errno(word, action, item, at, diags);
	*err = parsed;
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
	if (take_word(value, &offset, "only")) {
		if (action != ACTION_ALLOW) {
			diag_add(diags, at, "'only if' belongs under [allow]");
			return -1;
		}
		out->only = true;
	} else if (!take_word(value, &offset, "if")) {
		if (take_errno(item, action, &offset, &out->err, at, diags) < 0)
			return -1;
		if (!value[offset])
			return 0;
	} else {
		offset = 0;
	}
	if (!take_word(value, &offset, "if")) {
		diag_add(diags, at, "'%s = %.60s': expected %s", item->key,
			 value, expected[action]);
		return -1;
	}
	if (!value[offset]) {
		diag_add(diags, at, "'%s': the condition after 'if' is "
			 "missing", item->key);
		return -1;
	}
	out->conditional = true;
	out->condition = offset;
	return 0;
}

/* A condition reads differently for each call: arguments have names. */
static int add_calls(const struct rules_target *target, struct rule *rule,
		     const struct ini_item *item, const struct calls *calls,
		     const struct word_on_call *word)
{
	for (size_t i = 0; i < calls->n; i++) {
		const struct cond *cond[ABI_COUNT];

		if (!word->conditional) {
			rule_add_call(rule, calls->items[i], NULL);
			continue;
		}
		if (condition_parse(item, word->condition, target->file,
				    calls->items[i], &target->policy->conds,
				    cond, target->diags) < 0)
			return -1;
		rule_add_call(rule, calls->items[i], cond);
	}
	return 0;
}

/* Words that belong elsewhere are not misspelt calls. */
static int refuse_key(const struct rules_target *target,
		      const struct ini_item *item, struct source at)
{
	if (setting_is_key(item->key)) {
		diag_add(target->diags, at, "'%s' belongs under [policy]",
			 item->key);
		return -1;
	}
	/* The table has a call named "syscall", of MIPS; nobody means it. */
	if (edit_distance(item->key, "syscalls", 2) <= 2) {
		diag_add(target->diags, at,
			 "unknown key '%s' (did you mean 'syscalls'?)",
			 item->key);
		return -1;
	}
	return 0;
}

int rules_add(const struct rules_target *target, enum action action,
	      const struct ini_item *item)
{
	struct source at = {target->file, item->line};
	bool group = is_group_name(item->key);
	struct calls calls = CALLS_INIT;
	struct word_on_call word;
	struct rule *rule;
	int ret;

	if (streq(item->key, "syscalls"))
		return rules_add_list(target, action, item);
	if (refuse_key(target, item, at) < 0)
		return -1;
	ret = name_resolve(target->scope, item->key, at, &calls,
			   target->diags);
	ret |= parse_value(item, action, at, target->diags, &word);
	if (ret == 0) {
		rule = new_rule(target, action, group ? item->key : NULL,
				item->line, item->line);
		rule->err = word.err;
		rule->only = word.only;
		rule->alone = !group;
		ret = add_calls(target, rule, item, &calls, &word);
	}
	calls_free(&calls);
	return ret;
}
