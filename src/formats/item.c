#include "formats/item.h"

#include "base/util.h"
#include "tables/errname.h"

void item_put(struct ini_file *out, const char *section, const char *key,
	      int line, char *value)
{
	push(out->items, out->n_items, out->cap_items) = (struct ini_item){
		.section = xstrdup(section), .key = xstrdup(key), .line = line,
		.value = value, .len = strlen(value)};
}

void item_put_rule(struct ini_file *out, int line, enum action action, int err,
		   const char *call, const char *cond)
{
	bool denies = action == ACTION_DENY;

	item_put(out, action_names[action], call, line,
		 xasprintf("%s%s%s", denies ? errno_text(err) : "",
			   !*cond ? "" : denies ? " if " : "if ",
			   *cond || denies ? cond : "always"));
}
