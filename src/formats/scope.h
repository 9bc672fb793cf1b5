/* Groups that policy files define themselves, and who sees them. */
#ifndef SANDBOX_SCOPE_H
#define SANDBOX_SCOPE_H

#include <stddef.h>

#include "base/diag.h"
#include "formats/calls.h"
#include "formats/ini.h"

/* A group of a [groups] section. */
struct own_group {
	char *name; /* with its '@' */
	struct source at;
	const struct ini_item *item;
	struct calls calls;
	enum { GROUP_NEW, GROUP_OPEN, GROUP_DONE } state;
	const struct own_group *within; /* while open: who asked for it */
};

/* The groups a file sees beside the built-in ones: its own and those of the
 * files it includes. */
struct scope {
	struct own_group **own;
	size_t n_own, cap_own;
	struct visible {
		const struct own_group *group;
		const struct own_group *rival; /* another of this name */
	} *visible;
	size_t n, cap;
};

#define SCOPE_INIT ((struct scope){0})

/* A name that is not visible yet. */
void scope_show(struct scope *scope, const struct own_group *group);

/* Makes what an inner scope shows visible in this one. A name that stands for
 * two groups is reported at the place, or, if at.file is NULL, when it is
 * used.  Own groups come last: they may not take a name that is there. */
int scope_import(struct scope *scope, const struct scope *inner,
		 struct source at, struct diags *diags);

/* NULL: no group of that name beside the built-in ones. */
struct visible *scope_find(const struct scope *scope, const char *name);
void scope_free(struct scope *scope);

#endif
