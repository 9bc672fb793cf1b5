/* The [policy] section: what holds for a whole layer. */
#pragma once

#include <stdbool.h>

#include "base/diag.h"
#include "formats/ini.h"
#include "model/policy.h"

bool setting_is_key(const char *key);

/* As they stand in a file: "errno", and a value that the parser takes: "EPERM",
 * "x86_64 x86" (malloc'd). */
const char *setting_key(enum setting_id id);
char *setting_text(enum setting_id id, int value);

/* Fills the layer's settings and description from all [policy] sections of its
 * file (`include` and `quiet` are the loader's).  Mistakes are added to diags; a setting that
 * could not be read then counts as set, so that it is not missed as well. */
void settings_read(struct layer *layer, enum abi_id machine,
		   const struct ini_file *ini, struct diags *diags);

/* The unnamed line that a value other than a list goes on in, or 0: such
 * values take one line. */
int item_second_line(const struct ini_item *item);
