#include "tables/group.h"

#include "base/nearest.h"
#include "base/util.h"

#define GROUP(...) {__VA_ARGS__},
static const struct group groups[] = {
#include "tables/group.def"
};

const struct group *group_at(size_t i)
{
	return i < ARRAY_SIZE(groups) ? &groups[i] : NULL;
}

const struct group *group_find_word(const char *name, size_t n)
{
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		if (strncmp(groups[i].name, name, n) == 0 &&
		    !groups[i].name[n])
			return &groups[i];
	return NULL;
}

const struct group *group_find(const char *name)
{
	return group_find_word(name, strlen(name));
}

const char *group_suggest(const char *name)
{
	struct nearest near = nearest_to(name);

	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		nearest_offer(&near, groups[i].name);
	return near.name;
}
