/* The one way in which the front end says no. */
#pragma once

#include <stdlib.h>

#include "base/exitcode.h"
#include "base/text.h"

/* Frees why. */
static inline int refuse(char *why)
{
	say("sandbox: %s; the command was not started", why);
	free(why);
	return EXITCODE_SANDBOX;
}
