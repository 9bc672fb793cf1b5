/* What a word of a policy names: a call by name or number, or a group. */
#ifndef SANDBOX_NAMES_H
#define SANDBOX_NAMES_H

#include <stdbool.h>

#include "base/diag.h"
#include "formats/calls.h"
#include "formats/scope.h"

/* Adds what a word names to calls.  -1 with the reason in diags. */
int name_resolve(const struct scope *scope, const char *word, struct source at,
		 struct calls *calls, struct diags *diags);

static inline bool is_group_name(const char *word)
{
	return word[0] == '@';
}

#endif
