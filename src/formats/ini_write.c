#include "formats/ini_write.h"

#include <stdlib.h>

#include "base/util.h"
#include "formats/entry_text.h"
#include "formats/names.h"
#include "formats/scope.h"
#include "formats/settings.h"
#include "tables/errname.h"
#include "tables/group.h"

/* Where a text goes on in the next line, and the longest name of a key. */
enum { WIDTH = 78, TAB = 8, NAME_LIMIT = 49 };

struct words {
	char **items;
	size_t n, cap;
};

struct line {
	char *key, *value;
};

struct own_group_text {
	char *name, *members;
};

struct section {
	struct words list; /* of `syscalls` */
	struct line *lines;
	size_t n, cap;
};

struct writing {
	const struct policy *policy;
	struct own_group_text *groups;
	size_t n_groups, cap_groups;
	struct section sections[ACTION_COUNT];
};

/* An entry with what it says, of one rule. */
struct said {
	const struct entry *entry;
	size_t rule; /* its place among the layer's rules */
	char *value;
};

struct all_said {
	struct said *items;
	size_t n, cap;
};

static void add_word(struct words *words, const char *word)
{
	for (size_t i = 0; i < words->n; i++)
		if (streq(words->items[i], word))
			return;
	words->items = grow(words->items, words->n, &words->cap,
			    sizeof(*words->items));
	words->items[words->n++] = xstrdup(word);
}

/* A rule that names an implicit call says something only if it names nothing
 * else; a list of one would be that. */
static bool stands_alone(const struct rule *rule, uint32_t call)
{
	const struct syscall_row *row = syscall_row(call);

	return !rule->group && rule->alone && row &&
	       row->flags & SYSCALL_IMPLICIT;
}

/* A key with its value, or a word of the section's list. */
static void say_rule(struct writing *w, const struct said *said,
		     const char *key)
{
	const struct rule *rule = said->entry->rule;
	struct section *section = &w->sections[rule->action];
	bool always = streq(said->value, "always");
	char buf[16];
	const char *err = rule->action == ACTION_DENY &&
					  rule->err != ERRNO_UNSET
				  ? errno_name(rule->err, buf)
				  : NULL;
	char *value;

	if (always && !err && !stands_alone(rule, said->entry->call)) {
		add_word(&section->list, key);
		return;
	}
	value = !err     ? xstrdup(said->value)
		: always ? xstrdup(err)
			 : xasprintf("%s %s", err, said->value);
	section->lines = grow(section->lines, section->n, &section->cap,
			      sizeof(*section->lines));
	section->lines[section->n++] = (struct line){xstrdup(key), value};
}

/* ------------------------------------------------------------------- groups */

static bool is_builtin(const char *name, const struct said *members, size_t n)
{
	struct scope none = SCOPE_INIT;
	struct diags diags = DIAGS_INIT;
	struct calls calls = CALLS_INIT;
	uint64_t seen[SYSCALL_ROWS / 64] = {0};
	bool same = group_find(name) &&
		    name_resolve(&none, name, (struct source){0}, &calls,
				 &diags) == 0 &&
		    calls.n == n;

	for (size_t i = 0; same && i < n; i++) {
		uint32_t call = members[i].entry->call;

		same = call < SYSCALL_ROWS;
		if (same)
			seen[call / 64] |= UINT64_C(1) << call % 64;
	}
	same = same && memcmp(seen, calls.seen, sizeof(seen)) == 0;
	calls_free(&calls);
	diags_free(&diags);
	return same;
}

static char *members_text(const struct said *members, size_t n)
{
	char *text = NULL, buf[16];
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	for (size_t i = 0; i < n; i++)
		fprintf(out, "%s%s", i ? " " : "",
			syscall_name(members[i].entry->call, buf));
	fclose(out);
	return text;
}

static bool is_taken(const struct writing *w, const char *name)
{
	for (size_t i = 0; i < w->n_groups; i++)
		if (streq(w->groups[i].name, name))
			return true;
	return group_find(name) || strlen(name) > NAME_LIMIT;
}

static char *new_name(const struct writing *w, const char *wanted)
{
	char *name = xstrdup(wanted);

	for (int i = 2; is_taken(w, name); i++) {
		free(name);
		name = xasprintf("%.40s-%d", wanted, i);
	}
	return name;
}

/* The name of a group that has these members, defined if need be; owned by
 * the table or by w. */
static const char *group_for(struct writing *w, const char *wanted,
			     const struct said *members, size_t n)
{
	cleanup_free char *text = NULL;

	if (is_builtin(wanted, members, n))
		return wanted;
	text = members_text(members, n);
	for (size_t i = 0; i < w->n_groups; i++)
		if (streq(w->groups[i].members, text))
			return w->groups[i].name;
	w->groups = grow(w->groups, w->n_groups, &w->cap_groups,
			 sizeof(*w->groups));
	w->groups[w->n_groups] = (struct own_group_text){
		new_name(w, wanted), steal(text)};
	return w->groups[w->n_groups++].name;
}

/* --------------------------------------------------------------- from a layer */

static void add_said(struct all_said *all, const struct entry *entry)
{
	all->items = grow(all->items, all->n, &all->cap, sizeof(*all->items));
	all->items[all->n++] = (struct said){.entry = entry};
}

static void collect(const struct layer *layer, struct all_said *all)
{
	for (uint32_t call = 0; call < syscall_count(); call++)
		for (const struct entry *e = layer_entries(layer, call); e;
		     e = e->next)
			add_said(all, e);
	for (const struct entry *raw = layer->raw; raw; raw = raw->next_raw)
		for (const struct entry *e = raw; e; e = e->next)
			add_said(all, e);
}

struct place {
	const struct rule *rule;
	size_t place;
};

static int compare_places(const void *va, const void *vb)
{
	const struct place *a = va, *b = vb;

	return (a->rule > b->rule) - (a->rule < b->rule);
}

/* The place of each entry's rule in the layer. */
static void find_places(const struct layer *layer, struct all_said *all)
{
	cleanup_free struct place *places =
		xcalloc(layer->n_rules + 1, sizeof(*places));

	for (size_t i = 0; i < layer->n_rules; i++)
		places[i] = (struct place){layer->rules[i], i};
	qsort(places, layer->n_rules, sizeof(*places), compare_places);
	for (size_t i = 0; i < all->n; i++) {
		struct place key = {all->items[i].entry->rule, 0};

		all->items[i].rule =
			((struct place *)bsearch(&key, places, layer->n_rules,
						 sizeof(key), compare_places))
				->place;
	}
}

/* By rule; of a rule what says the same together; then by call. */
static int compare_said(const void *va, const void *vb)
{
	const struct said *a = va, *b = vb;
	int order;

	if (a->rule != b->rule)
		return a->rule < b->rule ? -1 : 1;
	order = strcmp(a->value, b->value);
	return order ? order
		     : (a->entry->call > b->entry->call) -
			       (a->entry->call < b->entry->call);
}

static int say_all(struct writing *w, const struct layer *layer,
		   struct all_said *all, char **why)
{
	char buf[16];

	find_places(layer, all);
	for (size_t i = 0; i < all->n; i++) {
		struct said *said = &all->items[i];

		said->value = entry_text(w->policy, said->entry);
		if (said->value)
			continue;
		*why = xasprintf("the rule for %s differs between "
				 "architectures, and one condition cannot "
				 "express it", syscall_name(said->entry->call, buf));
		return -1;
	}
	if (all->n)
		qsort(all->items, all->n, sizeof(*all->items), compare_said);
	return 0;
}

static void say_rules(struct writing *w, const struct all_said *all)
{
	char buf[16];

	for (size_t i = 0, end; i < all->n; i = end) {
		const struct said *first = &all->items[i];
		const char *group = first->entry->rule->group;

		for (end = i + 1; group && end < all->n &&
				  all->items[end].rule == first->rule &&
				  streq(all->items[end].value, first->value);
		     end++)
			;
		say_rule(w, first,
			 group ? group_for(w, group, first, end - i)
			       : syscall_name(first->entry->call, buf));
	}
}

/* ------------------------------------------------------------------ printing */

/* An operator at the beginning of a line would make it a key. */
static bool may_begin_line(const char *word)
{
	return !strchr("<>=!&", *word);
}

void ini_write_line(FILE *out, const char *key, const char *value)
{
	cleanup_free char *words = xstrdup(value);
	char *rest = words, *word;
	size_t column = (size_t)fprintf(out, "%s =", key);

	while ((word = strsep(&rest, " "))) {
		size_t n = strlen(word);

		if (column + 1 + n > WIDTH && column > TAB &&
		    may_begin_line(word)) {
			fprintf(out, "\n\t%s", word);
			column = TAB + n;
		} else {
			fprintf(out, " %s", word);
			column += 1 + n;
		}
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
}

/* An implicit call in a list of its own would be named alone. */
static bool would_be_alone(const struct words *list)
{
	const struct syscall_row *row =
		list->n == 1 ? syscall_row(syscall_by_name(list->items[0]))
			     : NULL;

	return row && row->flags & SYSCALL_IMPLICIT;
}

static void write_section(FILE *out, enum action action,
			  const struct section *section)
{
	char *list = NULL;
	size_t size;
	FILE *words;

	if (!section->list.n && !section->n)
		return;
	fprintf(out, "\n[%s]\n", action_names[action]);
	words = open_memstream(&list, &size);
	if (!words)
		abort();
	for (size_t i = 0; i < section->list.n; i++)
		fprintf(words, "%s%s", i ? " " : "", section->list.items[i]);
	if (would_be_alone(&section->list))
		fprintf(words, " %s", section->list.items[0]);
	fclose(words);
	if (section->list.n)
		ini_write_line(out, "syscalls", list);
	for (size_t i = 0; i < section->n; i++)
		ini_write_line(out, section->lines[i].key,
			       section->lines[i].value);
	free(list);
}

static void write_all(FILE *out, const struct writing *w,
		      const struct layer *layer)
{
	write_settings(out, layer);
	if (w->n_groups)
		fputs("\n[groups]\n", out);
	for (size_t i = 0; i < w->n_groups; i++)
		ini_write_line(out, w->groups[i].name, w->groups[i].members);
	for (int action = 0; action < ACTION_COUNT; action++)
		write_section(out, (enum action)action, &w->sections[action]);
}

static void free_section(struct section *section)
{
	for (size_t i = 0; i < section->list.n; i++)
		free(section->list.items[i]);
	free(section->list.items);
	for (size_t i = 0; i < section->n; i++) {
		free(section->lines[i].key);
		free(section->lines[i].value);
	}
	free(section->lines);
}

int ini_write(FILE *out, const struct policy *policy,
	      const struct layer *layer, char **why)
{
	struct writing w = {.policy = policy};
	struct all_said all = {0};
	int ret;

	collect(layer, &all);
	ret = say_all(&w, layer, &all, why);
	if (ret == 0) {
		say_rules(&w, &all);
		write_all(out, &w, layer);
	}
	for (size_t i = 0; i < all.n; i++)
		free(all.items[i].value);
	free(all.items);
	for (size_t i = 0; i < w.n_groups; i++) {
		free(w.groups[i].name);
		free(w.groups[i].members);
	}
	free(w.groups);
	for (int action = 0; action < ACTION_COUNT; action++)
		free_section(&w.sections[action]);
	return ret;
}
