/* The groups that a policy file defines: its [groups] sections. */
#ifndef SANDBOX_OWN_GROUPS_H
#define SANDBOX_OWN_GROUPS_H

#include "base/diag.h"
#include "formats/ini.h"
#include "formats/scope.h"

/* Defines the groups of all [groups] sections of a file, which is borrowed as
 * long as the scope lives; file is the name in messages. */
int own_groups_define(struct scope *scope, const struct ini_file *ini,
		      const char *file, struct diags *diags);

#endif
