#include "commands/show_ini.h"

#include <stdlib.h>

#include "base/util.h"
#include "formats/ini_write.h"
#include "formats/load.h"
#include "review/difference.h"
#include "review/flatten.h"
#include "tables/syscall.h"

/* Why the text does not say what the policy does; NULL: it does. */
static char *disproof(const struct policy *policy, const char *text)
{
	struct diags diags = DIAGS_INIT;
	struct policy *again = policy_load_text("the text", text, &diags);
	struct differences found = DIFFERENCES_INIT;
	uint32_t call = CALL_NONE;
	char *why = NULL, buf[16];

	if (!again)
		why = xstrdup(diags.items[0].text);
	else if (differences_find(policy, again, &found, &call) < 0)
		why = xasprintf("the conditions of %s are too large to "
				"compare", syscall_name(call, buf));
	else if (found.n)
		why = xasprintf("%s is %s, and would be %s",
				found.items[0].what, found.items[0].a,
				found.items[0].b);
	differences_free(&found);
	policy_free(again);
	diags_free(&diags);
	return why;
}

char *show_ini(const struct policy *policy, char **why)
{
	/* one layer as it is, several by what they come to */
	struct policy *flat = policy->n_layers > 1 ? flatten(policy) : NULL;
	const struct policy *one = flat ? flat : policy;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	*why = NULL;
	ini_write(out, one, one->layers[0], why);
	fclose(out);
	policy_free(flat);
	if (!*why)
		*why = disproof(policy, text);
	if (!*why)
		return text;
	free(text);
	return NULL;
}
