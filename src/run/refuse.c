#include "run/refuse.h"

#include <stdlib.h>

#include "base/exitcode.h"
#include "base/text.h"

int refuse(char *why)
{
	say("sandbox: %s; the command was not started", why);
	free(why);
	return EXITCODE_SANDBOX;
}
