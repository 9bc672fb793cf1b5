#include "commands/unithides.h"

#include <string.h>

#include "base/util.h"

/* Settings that put something else in the place of folders; the value's own
 * words are the folders if none are named here. */
static const struct {
	const char *setting;
	const char *values;  /* those that hide; NULL: any */
	const char *folders;
} hidings[] = {
	{"PrivateTmp", "yes true on 1 disconnected", "/tmp /var/tmp"},
	{"DynamicUser", "yes true on 1", "/tmp /var/tmp"},
	{"ProtectHome", "yes true on 1 tmpfs", "/home /root /run/user"},
	{"PrivateDevices", "yes true on 1", "/dev"},
	{"InaccessiblePaths", NULL, NULL},
	{"TemporaryFileSystem", NULL, NULL},
	{"RootDirectory", NULL, "/"},
	{"RootImage", NULL, "/"},
};

/* Does a word of the list, or the folder that it names, hold it? A word may
 * have systemd's '-' and '+' before it and ":OPTIONS" behind. */
static bool lists(const char *list, const char *wanted, bool as_folders)
{
	while (*(list += strspn(list, " \t-+"))) {
		size_t word = strcspn(list, " \t"), n = strcspn(list, " \t:");
		bool same = strncmp(list, wanted, n) == 0;

		while (as_folders && n > 0 && list[n - 1] == '/')
			n--;
		if (same && (!wanted[n] || (as_folders && wanted[n] == '/')))
			return true;
		list += word;
	}
	return false;
}

static bool is_bound(const struct unit *unit, const char *path)
{
	for (size_t i = 0; i < unit->n; i++)
		if ((streq(unit->items[i].name, "BindPaths") ||
		     streq(unit->items[i].name, "BindReadOnlyPaths")) &&
		    lists(unit->items[i].value, path, true))
			return true;
	return false;
}

const char *unit_hides(const struct unit *unit, const char *path)
{
	if (is_bound(unit, path))
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(hidings); i++) {
		const char *value = unit_value(unit, hidings[i].setting);

		if (!value || (hidings[i].values &&
			       !lists(hidings[i].values, value, false)))
			continue;
		if (lists(hidings[i].folders ? hidings[i].folders : value,
			  path, true))
			return hidings[i].setting;
	}
	return NULL;
}
