#include "formats/item.h"

#include "base/util.h"
#include "formats/settings.h"
#include "tables/errname.h"

/* Takes the value, which is malloc'd. */
static void put(struct ini_file *out, const char *section, const char *key,
		int line, char *value)
{
	push(out->items, out->n_items, out->cap_items) = (struct ini_item){
		.section = xstrdup(section), .key = xstrdup(key), .line = line,
		.value = value, .len = strlen(value)};
}

void item_put_setting(struct ini_file *out, enum setting_id id, int value)
{
	put(out, "policy", setting_key(id), 0, setting_text(id, value));
}

void item_put_rule(struct ini_file *out, int line, enum action action, int err,
		   const char *call, const char *cond)
{
	bool denies = action == ACTION_DENY;

	put(out, action_names[action], call, line,
	    xasprintf("%s%s%s", denies ? errno_text(err) : "",
		      !*cond ? "" : denies ? " if " : "if ",
		      *cond || denies ? cond : "always"));
}
