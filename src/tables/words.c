#include "tables/words.h"

#include "base/util.h"

bool words_find(const char *list, const char *name, char value[WORDS_VALUE])
{
	size_t n = strcspn(name, " =");
	const char *at = list;

	if (!n || name[n])
		return false;
	while ((at = strstr(at, name)) &&
	       ((at != list && at[-1] != ' ') || !strchr(" =", at[n])))
		at += n;
	if (!at || !value)
		return at;
	at += n + (at[n] == '=');
	snprintf(value, WORDS_VALUE, "%.*s", (int)strcspn(at, " "), at);
	return true;
}
