/* Items of an INI file that no file has: what other formats are read into. */
#pragma once

#include "formats/ini.h"
#include "model/policy.h"

void item_put_setting(struct ini_file *out, enum setting_id id, int value);
/* A rule for one call: a list has one errno for all, and says nothing of the
 * implicit calls.  cond: "" for none.  err: of a denial. */
void item_put_rule(struct ini_file *out, int line, enum action action, int err,
		   const char *call, const char *cond);
