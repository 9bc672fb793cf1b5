/* The action sections [allow], [deny], [kill], [log]: lines -> rules. */
#pragma once

#include "base/diag.h"
#include "formats/ini.h"
#include "formats/names.h"
#include "model/policy.h"

/* Where rules go and what their words mean. */
struct rules_target {
	struct policy *policy;
	struct layer *layer;
	const struct scope *scope;
	const char *file; /* as shown in messages */
	struct diags *diags;
};

/* One rule for each physical line of a list, and one for each group in it: a
 * rule knows its line, and a group has less weight than a name. */
void rules_add_list(const struct rules_target *target, enum action action,
		    const struct ini_item *list);

/* A key of an action section: `syscalls`, or a call or group with a value. */
void rules_add(const struct rules_target *target, enum action action,
	       const struct ini_item *item);
