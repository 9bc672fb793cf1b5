#include "formats/scope.h"

#include <stdlib.h>

#include "base/util.h"

void scope_show(struct scope *scope, const struct own_group *group)
{
	scope->visible = grow(scope->visible, scope->n, &scope->cap,
			      sizeof(*scope->visible));
	scope->visible[scope->n++] = (struct visible){.group = group};
}

struct visible *scope_find(const struct scope *scope, const char *name)
{
	for (size_t i = 0; i < scope->n; i++)
		if (streq(scope->visible[i].group->name, name))
			return &scope->visible[i];
	return NULL;
}

int scope_import(struct scope *scope, const struct scope *inner,
		 struct source at, struct diags *diags)
{
	int ret = 0;

	for (size_t i = 0; i < inner->n; i++) {
		const struct own_group *group = inner->visible[i].group;
		struct visible *there = scope_find(scope, group->name);

		if (!there) {
			scope_show(scope, group);
			continue;
		}
		if (there->group == group || there->rival)
			continue;
		there->rival = group;
		if (!at.file)
			continue;
		diag_add(diags, at, "group '%s' of %s:%d is also defined in "
			 "%s:%d: rename one of them", group->name,
			 group->at.file, group->at.line,
			 there->group->at.file, there->group->at.line);
		ret = -1;
	}
	return ret;
}

void scope_free(struct scope *scope)
{
	for (size_t i = 0; i < scope->n_own; i++) {
		free(scope->own[i]->name);
		calls_free(&scope->own[i]->calls);
		free(scope->own[i]);
	}
	free(scope->own);
	free(scope->visible);
	*scope = SCOPE_INIT;
}
