#include "tables/action.h"

#include "base/util.h"

const char *const action_names[ACTION_COUNT] = {
	[ACTION_ALLOW] = "allow",
	[ACTION_LOG] = "log",
	[ACTION_DENY] = "deny",
	[ACTION_KILL] = "kill",
};

int action_parse(const char *name)
{
	for (int i = 0; i < ACTION_COUNT; i++)
		if (streq(action_names[i], name))
			return i;
	return -1;
}
