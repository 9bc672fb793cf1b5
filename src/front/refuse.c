#include "front/refuse.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/exitcode.h"

int refuse(char *why)
{
	fprintf(stderr, "sandbox: %s; the command was not started\n", why);
	free(why);
	return EXITCODE_SANDBOX;
}
