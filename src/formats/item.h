/* Items of an INI file that no file has: what other formats are read into. */
#pragma once

#include "formats/ini.h"
#include "tables/action.h"

/* Takes the value, which is malloc'd. */
void item_put(struct ini_file *out, const char *section, const char *key,
	      int line, char *value);
/* A rule for one call: a list has one errno for all, and says nothing of the
 * implicit calls.  cond: "" for none.  err: of a denial. */
void item_put_rule(struct ini_file *out, int line, enum action action, int err,
		   const char *call, const char *cond);
