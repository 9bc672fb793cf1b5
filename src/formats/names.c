#include "formats/names.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/nearest.h"
#include "base/text.h"
#include "base/util.h"
#include "formats/spelling.h"

/* ------------------------------------------------------------ sets of calls */

void calls_add(struct calls *calls, uint32_t call)
{
	if (calls_has(calls, call))
		return;
	if (call < SYSCALL_ROWS)
		calls->seen[call / 64] |= UINT64_C(1) << call % 64;
	push(calls->items, calls->n, calls->cap) = call;
}

bool calls_has(const struct calls *calls, uint32_t call)
{
	if (call < SYSCALL_ROWS)
		return calls->seen[call / 64] >> call % 64 & 1;
	for (size_t i = 0; i < calls->n; i++)
		if (calls->items[i] == call)
			return true;
	return false;
}

struct calls calls_of(uint32_t call)
{
	struct calls calls = CALLS_INIT;

	calls_add(&calls, call);
	return calls;
}

void calls_free(struct calls *calls)
{
	free(calls->items);
	*calls = CALLS_INIT;
}

/* "*" is every call of the table (tables/group.h). */
static void add_member(struct calls *calls, const char *word, size_t n)
{
	uint32_t call;

	if (*word == '*') {
		for (call = 0; call < syscall_count(); call++)
			calls_add(calls, call);
	} else if (is_group_name(word)) {
		calls_add_group(calls, group_find_word(word, n));
	} else {
		call = syscall_by_word(word, n);
		if (call != CALL_NONE)
			calls_add(calls, call);
	}
}

void calls_add_group(struct calls *calls, const struct group *group)
{
	const char *word = group ? group->members : "";

	for (size_t n; *word; word += n + (word[n] == ' ')) {
		n = strcspn(word, " ");
		add_member(calls, word, n);
	}
}

/* More names than this do not make a sentence clearer. */
enum { SHOWN_ALL = 10, SHOWN_OF_MORE = 8 };

char *calls_text(const struct calls *calls)
{
	size_t shown = calls->n > SHOWN_ALL ? SHOWN_OF_MORE : calls->n;
	char *text = xstrdup("");

	for (size_t i = 0; i < shown; i++) {
		const char *between = i == 0	       ? ""
				      : i + 1 < calls->n ? ", "
							: " and ";

		reprint(&text, "%s%s%s", text, between,
			syscall_text(calls->items[i]));
	}
	if (shown < calls->n)
		reprint(&text, "%s and %zu more", text, calls->n - shown);
	return text;
}

/* ----------------------------------------------------- groups of the policy */

static struct visible *find(const struct scope *scope, const char *name)
{
	for (size_t i = 0; i < scope->n; i++)
		if (streq(scope->visible[i].group->item->key, name))
			return &scope->visible[i];
	return NULL;
}

static bool is_word(const char *s)
{
	size_t n = 0;

	while (isalnum((unsigned char)s[n]) || s[n] == '_' || s[n] == '-')
		n++;
	return n > 0 && !s[n];
}

static int declare(struct scope *scope, const struct ini_item *item,
		   struct source at, struct diags *diags)
{
	const struct visible *there = find(scope, item->key);
	struct own_group *group;

	if (!is_group_name(item->key) || !is_word(item->key + 1))
		return diag_add(diags, at, "a group's name is '@' followed by "
				"letters, digits, '-' and '_', not '%s'",
				item->key);
	if (group_find(item->key))
		return diag_add(diags, at, "group '%s' is built in: choose "
				"another name", item->key);
	if (there)
		return diag_add(diags, at, "group '%s' is already defined in "
				"%s:%d", item->key, there->group->at.file,
				there->group->at.line);
	group = xcalloc(1, sizeof(*group));
	group->at = at;
	group->item = item;
	push(scope->visible, scope->n, scope->cap) =
		(struct visible){group, true, NULL};
	return 0;
}

/* "@a contains itself: @a, @b, @a", told from the innermost asker outward. */
static void complain_cycle(const struct own_group *asker,
			   const struct own_group *again, struct source at,
			   struct diags *diags)
{
	const char *name = again->item->key;
	cleanup_free char *chain = xasprintf("%s, %s", asker->item->key, name);

	for (const struct own_group *g = asker; g != again;) {
		g = g->within;
		reprint(&chain, "%s, %s", g->item->key, chain);
	}
	diag_add(diags, at, "group '%s' contains itself: %s", name, chain);
}

/* Groups of one file may name each other in any order: each is filled when it
 * is first asked for. */
static void fill(struct scope *scope, struct own_group *group,
		 struct diags *diags)
{
	struct ini_word word = {0};

	group->state = GROUP_OPEN;
	while (ini_next_word(group->item, &word)) {
		cleanup_free char *name = xstrndup(word.text, word.len);
		struct source at = {group->at.file, word.line};
		struct visible *there = find(scope, name);
		struct own_group *inner = there ? there->group : NULL;

		if (inner && inner->state == GROUP_OPEN) {
			complain_cycle(group, inner, at, diags);
			continue;
		}
		if (inner && inner->state == GROUP_NEW) {
			inner->within = group;
			fill(scope, inner, diags);
		}
		name_resolve(scope, name, at, &group->calls, diags);
	}
	if (group->item->len == 0)
		diag_add(diags, group->at, "group '%s' has no members",
			 group->item->key);
	group->state = GROUP_DONE;
}

void scope_define(struct scope *scope, const struct ini_file *ini,
		  const char *file, struct diags *diags)
{
	for (size_t i = 0; i < ini->n_items; i++) {
		const struct ini_item *item = &ini->items[i];

		if (streq(item->section, "groups"))
			declare(scope, item, (struct source){file, item->line},
				diags);
	}
	for (size_t i = 0; i < scope->n; i++)
		if (scope->visible[i].group->state == GROUP_NEW)
			fill(scope, scope->visible[i].group, diags);
}

void scope_import(struct scope *scope, const struct scope *inner,
		  struct source at, struct diags *diags)
{
	for (size_t i = 0; i < inner->n; i++) {
		struct own_group *group = inner->visible[i].group;
		const char *name = group->item->key;
		struct visible *there = find(scope, name);

		if (!there)
			push(scope->visible, scope->n, scope->cap) =
				(struct visible){group, false, NULL};
		if (!there || there->group == group || there->rival)
			continue;
		there->rival = group;
		if (at.file)
			diag_add(diags, at, "group '%s' of %s:%d is also "
				 "defined in %s:%d: rename one of them", name,
				 group->at.file, group->at.line,
				 there->group->at.file, there->group->at.line);
	}
}

void scope_free(struct scope *scope)
{
	for (size_t i = 0; i < scope->n; i++)
		if (scope->visible[i].is_own) {
			calls_free(&scope->visible[i].group->calls);
			free(scope->visible[i].group);
		}
	free(scope->visible);
	*scope = (struct scope){0};
}

/* ---------------------------------------------------------------- resolving */

static const char *suggest_group(const struct scope *scope, const char *name)
{
	struct nearest near = nearest_to(name);

	for (size_t i = 0; group_at(i); i++)
		nearest_offer(&near, group_at(i)->name);
	for (size_t i = 0; i < scope->n; i++)
		nearest_offer(&near, scope->visible[i].group->item->key);
	return near.name;
}

static int refuse_group(const struct scope *scope, const char *name,
			struct source at, struct diags *diags)
{
	const char *near = suggest_group(scope, name);
	cleanup_free char *lower = with_case(name, tolower);

	if (!near)
		near = suggest_group(scope, lower);
	return near ? diag_add(diags, at, "unknown group '%s' (did you mean "
			       "'%s'?)", name, near)
		    : diag_add(diags, at, "unknown group '%s' ('%s groups' "
			       "lists them)", name, own_name());
}

static int resolve_group(const struct scope *scope, const char *name,
			 struct source at, struct calls *calls,
			 struct diags *diags)
{
	const struct visible *own = find(scope, name);
	const struct group *builtin = group_find(name);

	if (own && own->rival)
		return diag_add(diags, at, "group '%s' is defined twice, in "
				"%s:%d and in %s:%d", name, own->group->at.file,
				own->group->at.line, own->rival->at.file,
				own->rival->at.line);
	if (!own && !builtin)
		return refuse_group(scope, name, at, diags);
	for (size_t i = 0; own && i < own->group->calls.n; i++)
		calls_add(calls, own->group->calls.items[i]);
	if (!own)
		calls_add_group(calls, builtin);
	return 0;
}

/* Decimal only: 0x and octal numbers are not how calls are counted. */
static int resolve_number(const struct scope *scope, const char *word,
			  struct source at, struct calls *calls,
			  struct diags *diags)
{
	unsigned long long nr;

	if (word[strspn(word, "0123456789")] || (word[0] == '0' && word[1]))
		return diag_add(diags, at, "'%s' is neither a system call nor "
				"a decimal number", word);
	if (!parse_u64(word, &nr))
		nr = UINT64_MAX;
	if (nr >= X32_FIRST && nr <= X32_LAST)
		return diag_add(diags, at, "no system call has the number %s: "
				"%u to %u belong to x32, which meets 'foreign'",
				word, X32_FIRST, X32_LAST);
	if (nr > CALL_RAW_LAST)
		return diag_add(diags, at, "no system call has the number %s",
				word);
	calls_add(calls, syscall_by_number(scope->machine, (uint32_t)nr));
	return 0;
}

int name_resolve(const struct scope *scope, const char *word, struct source at,
		 struct calls *calls, struct diags *diags)
{
	uint32_t call = syscall_by_name(word);
	cleanup_free char *advice = NULL;

	if (is_group_name(word))
		return resolve_group(scope, word, at, calls, diags);
	if (isdigit((unsigned char)word[0]))
		return resolve_number(scope, word, at, calls, diags);
	if (call != CALL_NONE) {
		calls_add(calls, call);
		return 0;
	}
	advice = spelling_of_call(word);
	return diag_add(diags, at, "unknown system call '%s'%s%s%s", word,
			advice ? " (" : "", advice ? advice : "",
			advice ? ")" : "");
}
