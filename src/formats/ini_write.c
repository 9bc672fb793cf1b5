#include "formats/ini_write.h"

#include <stdlib.h>

#include "base/util.h"
#include "formats/condition.h"
#include "formats/names.h"
#include "formats/settings.h"
#include "tables/errname.h"
#include "tables/group.h"
#include "tables/words.h"

/* Where a text goes on in the next line, and the longest name of a key. */
enum { WIDTH = 78, TAB = 8, NAME_LIMIT = 49 };

/* What a rule says of a call, or of several calls of a group at once. */
struct said {
	const struct entry *entry;
	const char *text; /* "always", "if CONDITION", "only if CONDITION" */
	const char *key;  /* NULL: said together with the one before */
};

struct writing {
	const struct policy *policy;
	struct said *said; /* by rule */
	size_t n, cap;
	struct own_group_text {
		const char *name, *members;
	} *groups;
	size_t n_groups, cap_groups;
	struct arena memory; /* of all texts */
};

static const char *keep(struct writing *w, char *text)
{
	cleanup_free char *owned = text;

	return arena_strdup(&w->memory, text);
}

/* --------------------------------------------------------------- conditions */

/* A name is the same argument everywhere, a register need not be: where they
 * part, the form that says the same on all ABIs. */
static bool names_agree(const struct entry *entry, unsigned among, int main,
			const char *text)
{
	for (int abi = 0; abi < ABI_COUNT; abi++) {
		cleanup_free char *other = NULL;

		if (!(among >> abi & 1) || cond_args(entry->cond[abi]) ==
						  cond_args(entry->cond[main]))
			continue;
		other = condition_text(entry->cond[abi], (enum abi_id)abi,
				       entry->call);
		if (!streq(text, other))
			return false;
	}
	return true;
}

/* What stands right of a call's '=', without its errno; NULL: one text cannot
 * say it. */
static char *entry_text(const struct policy *policy, const struct entry *entry)
{
	cleanup_free char *text = NULL;
	bool is_outright = true;
	const struct cond *cond;
	unsigned among = 0; /* ABIs where one can speak of the arguments */
	int main;

	for (int abi = 0; abi < ABI_COUNT; abi++) {
		if (!policy_admits(policy, abi) ||
		    syscall_number(entry->call, (enum abi_id)abi) < 0)
			continue;
		is_outright &= !entry->cond[abi];
		if (entry->cond[abi] != &cond_unaskable)
			among |= 1u << abi;
	}
	if (is_outright)
		return xstrdup("always");
	main = condition_abi(entry->call, among);
	cond = main < 0 ? NULL : entry->cond[main];
	if (!cond || cond == &cond_never)
		return NULL;
	text = condition_text(cond, (enum abi_id)main, entry->call);
	if (!names_agree(entry, among, main, text)) {
		free(text);
		text = condition_registers(cond, (enum abi_id)main,
					   entry->call);
	}
	return xasprintf("%sif %s", entry->rule->only ? "only " : "", text);
}

/* ------------------------------------------------------------------- groups */

static bool is_builtin(const char *name, const struct said *members, size_t n)
{
	const struct group *group = group_find(name);
	released_by(calls_free) struct calls calls = CALLS_INIT;
	bool same;

	calls_add_group(&calls, group);
	same = group && calls.n == n;
	for (size_t i = 0; same && i < n; i++)
		same = calls_has(&calls, members[i].entry->call);
	return same;
}

static bool is_taken(const struct writing *w, const char *name)
{
	for (size_t i = 0; i < w->n_groups; i++)
		if (streq(w->groups[i].name, name))
			return true;
	return group_find(name) || strlen(name) > NAME_LIMIT;
}

/* The name of a group that has these members, defined if need be. */
static const char *group_for(struct writing *w, const char *wanted,
			     const struct said *members, size_t n)
{
	char *names = xstrdup("");
	const char *text, *name = wanted;

	for (size_t i = 0; i < n; i++)
		reprint(&names, "%s%s%s", names, i ? " " : "",
			syscall_text(members[i].entry->call));
	text = keep(w, names);
	if (is_builtin(wanted, members, n))
		return wanted;
	for (size_t i = 0; i < w->n_groups; i++)
		if (streq(w->groups[i].members, text))
			return w->groups[i].name;
	for (int i = 2; is_taken(w, name); i++)
		name = keep(w, xasprintf("%.40s-%d", wanted, i));
	push(w->groups, w->n_groups, w->cap_groups) =
		(struct own_group_text){name, text};
	return name;
}

/* ------------------------------------------------------------- from a layer */

/* -1 with a reason if one text cannot say what an entry does. */
static int collect(struct writing *w, const struct layer *layer, char **why)
{
	for_entries (e, layer_next, layer) {
		char *text = entry_text(w->policy, e);

		if (!text) {
			*why = xasprintf("the rule for %s differs between "
					 "architectures, and one condition "
					 "cannot express it",
					 syscall_text(e->call));
			return -1;
		}
		push(w->said, w->n, w->cap) =
			(struct said){e, keep(w, text), NULL};
	}
	return 0;
}

/* By rule; of a rule what says the same together; then by call. */
static int compare_said(const void *va, const void *vb)
{
	const struct said *a = va, *b = vb;
	int order = strcmp(a->text, b->text);

	if (a->entry->rule != b->entry->rule)
		return a->entry->rule->place < b->entry->rule->place ? -1 : 1;
	return order ? order
		     : (a->entry->call > b->entry->call) -
			       (a->entry->call < b->entry->call);
}

/* Calls that a group gives to a rule, and of which it says the same, have one
 * key. */
static void find_keys(struct writing *w)
{
	if (w->n)
		qsort(w->said, w->n, sizeof(*w->said), compare_said);
	for (size_t i = 0, n; i < w->n; i += n) {
		struct said *first = &w->said[i];
		const struct rule *rule = first->entry->rule;

		for (n = 1; rule->group && i + n < w->n &&
			    first[n].entry->rule == rule &&
			    streq(first[n].text, first->text);)
			n++;
		first->key = rule->group
				     ? group_for(w, rule->group, first, n)
				     : arena_strdup(&w->memory, syscall_text(
						first->entry->call));
	}
}

/* ----------------------------------------------------------------- printing */

/* How much of a word that is too long for a line can stand in so many columns,
 * up to a bar; 0: the word is none of that. */
static size_t until_bar(const char *word, size_t n, size_t room)
{
	if (n <= WIDTH - TAB)
		return 0;
	for (n = room < n ? room : n; n && word[n - 1] != '|'; n--)
		;
	return n;
}

void ini_write_line(FILE *out, const char *key, const char *value)
{
	cleanup_free char *words = xstrdup(value);
	char *rest = words, *word;
	size_t column = (size_t)fprintf(out, "%s =", key);

	while ((word = strsep(&rest, " "))) {
		size_t n = strlen(word), cut;
		const char *before = " ";

		while (column < WIDTH &&
		       (cut = until_bar(word, n, WIDTH - 1 - column))) {
			fprintf(out, "%s%.*s", before, (int)cut, word);
			before = "\n\t";
			column = TAB - 1;
			word += cut;
			n -= cut;
		}
		/* an operator at the beginning of a line would make it a key */
		if (column + 1 + n > WIDTH && column > TAB &&
		    !strchr("<>=!&", *word)) {
			before = "\n\t";
			column = TAB - 1;
		}
		fprintf(out, "%s%s", before, word);
		column += 1 + n;
	}
	fputc('\n', out);
}

/* Fit for one line: what would begin a comment is no word of its own. */
static void write_description(FILE *out, const char *text)
{
	fputs("description = ", out);
	for (; *text; text++)
		fputc((unsigned char)*text < ' ' ? ' '
		      : *text == ';' || *text == '#' ? ','
						      : *text, out);
	fputc('\n', out);
}

/* The calls, whatever groups they were named by. */
static void write_quiet(FILE *out, const struct layer *quiet)
{
	cleanup_free char *list = xstrdup("");
	const struct entry *e = NULL;

	while (quiet && (e = layer_next(quiet, e)))
		reprint(&list, "%s%s%s", list, *list ? " " : "",
			syscall_text(e->call));
	if (*list)
		ini_write_line(out, "quiet", list);
}

static void write_settings(FILE *out, const struct layer *layer)
{
	fputs("[policy]\n", out);
	if (layer->description && *layer->description)
		write_description(out, layer->description);
	for (int id = 0; id < SET_COUNT; id++) {
		const struct setting *setting = &layer->settings[id];
		cleanup_free char *value = NULL;

		if (!setting->at.file)
			continue;
		value = setting_text((enum setting_id)id, setting->value);
		fprintf(out, "%s = %s\n", setting_key((enum setting_id)id),
			value);
	}
	write_quiet(out, layer->quiet);
}

/* Is it a word of the section's list?  A rule that names an implicit call says
 * something only if it names nothing else: it stays a line of its own. */
static bool is_listed(const struct said *said)
{
	const struct rule *rule = said->entry->rule;

	return streq(said->text, "always") &&
	       (rule->action != ACTION_DENY || rule->err == ERRNO_UNSET) &&
	       !(rule->alone && !rule->group &&
		 syscall_has(said->entry->call, SYSCALL_IMPLICIT));
}

static bool is_of(const struct said *said, enum action action, bool listed)
{
	return said->key && said->entry->rule->action == action &&
	       is_listed(said) == listed;
}

static void write_list(FILE *out, const struct writing *w, enum action action)
{
	cleanup_free char *list = xstrdup("");
	size_t n = 0;

	for (const struct said *s = w->said; s < w->said + w->n; s++)
		if (is_of(s, action, true) && !words_find(list, s->key, NULL))
			reprint(&list, "%s%s%s", list, n++ ? " " : "", s->key);
	/* An implicit call in a list of its own would be named alone. */
	if (n == 1 && syscall_has(syscall_by_name(list), SYSCALL_IMPLICIT))
		reprint(&list, "%s %s", list, list);
	if (n)
		ini_write_line(out, "syscalls", list);
}

static void write_said(FILE *out, const struct said *said)
{
	const struct rule *rule = said->entry->rule;
	bool has_errno = rule->action == ACTION_DENY && rule->err != ERRNO_UNSET;
	const char *err = has_errno ? errno_text(rule->err) : "";
	const char *text = has_errno && streq(said->text, "always") ? ""
								    : said->text;
	cleanup_free char *value =
		xasprintf("%s%s%s", err, *err && *text ? " " : "", text);

	ini_write_line(out, said->key, value);
}

static void write_section(FILE *out, const struct writing *w,
			  enum action action)
{
	bool any = false;

	for (size_t i = 0; i < w->n; i++)
		any |= w->said[i].entry->rule->action == action;
	if (!any)
		return;
	fprintf(out, "\n[%s]\n", action_names[action]);
	write_list(out, w, action);
	for (size_t i = 0; i < w->n; i++)
		if (is_of(&w->said[i], action, false))
			write_said(out, &w->said[i]);
}

int ini_write(FILE *out, const struct policy *policy,
	      const struct layer *layer, char **why)
{
	struct writing w = {.policy = policy};
	int ret = collect(&w, layer, why);

	if (ret == 0) {
		find_keys(&w);
		write_settings(out, layer);
		if (w.n_groups)
			fputs("\n[groups]\n", out);
		for (size_t i = 0; i < w.n_groups; i++)
			ini_write_line(out, w.groups[i].name,
				       w.groups[i].members);
		for (int action = 0; action < ACTION_COUNT; action++)
			write_section(out, &w, (enum action)action);
	}
	free(w.said);
	free(w.groups);
	arena_free(&w.memory);
	return ret;
}
