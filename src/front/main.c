/* sandbox: run a command under a system-call policy, and say what it denied. */
#include <stdio.h>
#include <sys/auxv.h>

#include "base/exitcode.h"
#include "front/options.h"
#include "front/run.h"
#include "launch/launch.h"

int main(int argc, char **argv)
{
	struct options options;
	int status;

	if (launch_hold_stdio() < 0)
		return EXITCODE_SANDBOX;
	if (getauxval(AT_SECURE)) {
		fputs("sandbox: refuses to run setuid, setgid or with file "
		      "capabilities: it would lend them to any policy\n",
		      stderr);
		return EXITCODE_SANDBOX;
	}
	switch (options_parse(argc, argv, &options)) {
	case OPTIONS_RUN:
		status = run(&options);
		break;
	case OPTIONS_DONE:
		status = EXITCODE_OK;
		break;
	default:
		status = EXITCODE_SANDBOX;
	}
	options_free(&options);
	return status;
}
