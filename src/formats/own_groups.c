#include "formats/own_groups.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/util.h"
#include "formats/names.h"
#include "tables/group.h"

static bool is_word(const char *s)
{
	if (!*s)
		return false;
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && *s != '_' && *s != '-')
			return false;
	return true;
}

static int declare(struct scope *scope, const struct ini_item *item,
		   struct source at, struct diags *diags)
{
	const struct visible *there = scope_find(scope, item->key);
	struct own_group *group;

	if (!is_group_name(item->key) || !is_word(item->key + 1)) {
		diag_add(diags, at, "a group's name is '@' followed by "
			 "letters, digits, '-' and '_', not '%s'", item->key);
		return -1;
	}
	if (group_find(item->key)) {
		diag_add(diags, at, "group '%s' is built in: choose another "
			 "name", item->key);
		return -1;
	}
	if (there) {
		diag_add(diags, at, "group '%s' is already defined in %s:%d",
			 item->key, there->group->at.file,
			 there->group->at.line);
		return -1;
	}
	group = xcalloc(1, sizeof(*group));
	group->name = xstrdup(item->key);
	group->at = at;
	group->item = item;
	scope->own = grow(scope->own, scope->n_own, &scope->cap_own,
			  sizeof(struct own_group *));
	scope->own[scope->n_own++] = group;
	scope_show(scope, group);
	return 0;
}

static struct own_group *find_open(const struct scope *scope, const char *name)
{
	for (size_t i = 0; i < scope->n_own; i++)
		if (streq(scope->own[i]->name, name) &&
		    scope->own[i]->state != GROUP_DONE)
			return scope->own[i];
	return NULL;
}

/* "@a contains itself: @a, @b, @a", told from the innermost asker outward. */
static void complain_cycle(const struct own_group *asker,
			   const struct own_group *again, struct source at,
			   struct diags *diags)
{
	cleanup_free char *chain = xstrdup(again->name);

	for (const struct own_group *g = asker;; g = g->within) {
		reprint(&chain, "%s, %s", g->name, chain);
		if (g == again)
			break;
	}
	diag_add(diags, at, "group '%s' contains itself: %s", again->name,
		 chain);
}

/* Groups of one file may name each other in any order: each is filled when it
 * is first asked for. */
static int fill(struct scope *scope, struct own_group *group,
		struct diags *diags)
{
	struct ini_word word = {0};
	int ret = 0;

	group->state = GROUP_OPEN;
	while (ini_next_word(group->item, &word)) {
		cleanup_free char *name = xstrndup(word.text, word.len);
		struct source at = {group->at.file, word.line};
		struct own_group *inner = find_open(scope, name);

		if (inner && inner->state == GROUP_OPEN) {
			complain_cycle(group, inner, at, diags);
			ret = -1;
			continue;
		}
		if (inner) {
			inner->within = group;
			ret |= fill(scope, inner, diags);
		}
		ret |= name_resolve(scope, name, at, &group->calls, diags);
	}
	if (group->item->len == 0) {
		diag_add(diags, group->at, "group '%s' has no members",
			 group->name);
		ret = -1;
	}
	group->state = GROUP_DONE;
	return ret;
}

int own_groups_define(struct scope *scope, const struct ini_file *ini,
		      const char *file, struct diags *diags)
{
	int ret = 0;

	for (size_t i = 0; i < ini->n_items; i++) {
		const struct ini_item *item = &ini->items[i];

		if (streq(item->section, "groups"))
			ret |= declare(scope, item,
				       (struct source){file, item->line},
				       diags);
	}
	for (size_t i = 0; i < scope->n_own; i++)
		if (scope->own[i]->state == GROUP_NEW)
			ret |= fill(scope, scope->own[i], diags);
	return ret;
}
