#include "formats/names.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/nearest.h"
#include "base/text.h"
#include "base/util.h"
#include "formats/spelling.h"
#include "tables/group.h"
#include "tables/syscall.h"

/* Above any number a kernel will ever use, below the x32 bit. */
enum { NUMBER_LIMIT = 0xffff };

static void add_builtin(const struct group *group, struct calls *calls,
			int depth);

/* "*" is every call of the table (tables/group.h). */
static void add_member(const char *word, size_t n, struct calls *calls,
		       int depth)
{
	enum { DEPTH_LIMIT = 16 };
	const struct group *inner;
	uint32_t call;

	if (*word == '*') {
		for (call = 0; call < syscall_count(); call++)
			calls_add(calls, call);
	} else if (is_group_name(word)) {
		inner = group_find_word(word, n);
		if (inner && depth < DEPTH_LIMIT)
			add_builtin(inner, calls, depth + 1);
	} else {
		call = syscall_by_word(word, n);
		if (call != CALL_NONE)
			calls_add(calls, call);
	}
}

static void add_builtin(const struct group *group, struct calls *calls,
			int depth)
{
	const char *word = group->members, *end;

	for (;; word = end + 1) {
		end = strchrnul(word, ' ');
		add_member(word, (size_t)(end - word), calls, depth);
		if (!*end)
			return;
	}
}

static const char *suggest_group(const struct scope *scope, const char *name)
{
	struct nearest near = nearest_to(name);

	for (size_t i = 0; group_at(i); i++)
		nearest_offer(&near, group_at(i)->name);
	for (size_t i = 0; i < scope->n; i++)
		nearest_offer(&near, scope->visible[i].group->name);
	return near.name;
}

static int resolve_group(const struct scope *scope, const char *name,
			 struct source at, struct calls *calls,
			 struct diags *diags)
{
	const struct visible *own = scope_find(scope, name);
	const struct group *builtin = group_find(name);
	cleanup_free char *lower = NULL;
	const char *near;

	if (own && own->rival) {
		diag_add(diags, at, "group '%s' is defined twice, in %s:%d and "
			 "in %s:%d", name, own->group->at.file,
			 own->group->at.line, own->rival->at.file,
			 own->rival->at.line);
		return -1;
	}
	if (own) {
		for (size_t i = 0; i < own->group->calls.n; i++)
			calls_add(calls, own->group->calls.items[i]);
		return 0;
	}
	if (builtin) {
		add_builtin(builtin, calls, 0);
		return 0;
	}
	near = suggest_group(scope, name);
	lower = xstrdup(name);
	for (char *c = lower; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	if (!near)
		near = suggest_group(scope, lower);
	if (near)
		diag_add(diags, at, "unknown group '%s' (did you mean '%s'?)",
			 name, near);
	else
		diag_add(diags, at, "unknown group '%s' ('%s groups' lists "
			 "them)", name, own_name());
	return -1;
}

/* Decimal only: 0x and octal numbers are not how calls are counted. */
static int resolve_number(const char *word, struct source at,
			  struct calls *calls, struct diags *diags)
{
	unsigned long long nr;

	if (word[strspn(word, "0123456789")] ||
	    (word[0] == '0' && word[1])) {
		diag_add(diags, at, "'%s' is neither a system call nor a "
			 "decimal number", word);
		return -1;
	}
	if (parse_u64(word, &nr) && nr >= X32_FIRST && nr <= X32_LAST) {
		diag_add(diags, at, "no system call has the number %s: %u to "
			 "%u belong to x32, which meets 'foreign'", word,
			 X32_FIRST, X32_LAST);
		return -1;
	}
	if (!parse_u64(word, &nr) || nr > NUMBER_LIMIT) {
		diag_add(diags, at, "no system call has the number %s", word);
		return -1;
	}
	calls_add(calls, syscall_by_number(ABI_NATIVE, (uint32_t)nr));
	return 0;
}

static int resolve_call(const char *word, struct source at,
			struct calls *calls, struct diags *diags)
{
	uint32_t call = syscall_by_name(word);
	cleanup_free char *advice = NULL;

	if (call != CALL_NONE) {
		calls_add(calls, call);
		return 0;
	}
	advice = spelling_of_call(word);
	if (advice)
		diag_add(diags, at, "unknown system call '%s' (%s)", word,
			 advice);
	else
		diag_add(diags, at, "unknown system call '%s'", word);
	return -1;
}

int name_resolve(const struct scope *scope, const char *word, struct source at,
		 struct calls *calls, struct diags *diags)
{
	if (is_group_name(word))
		return resolve_group(scope, word, at, calls, diags);
	if (isdigit((unsigned char)word[0]))
		return resolve_number(word, at, calls, diags);
	return resolve_call(word, at, calls, diags);
}
