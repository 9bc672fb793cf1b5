/* sandbox: run a command under a system-call policy, and say what it denied. */
#include <sys/auxv.h>

#include "base/exitcode.h"
#include "base/text.h"
#include "commands/command.h"
#include "front/mistyped.h"
#include "front/options.h"
#include "launch/launch.h"
#include "run/run.h"

int main(int argc, char **argv)
{
	struct options options;
	int status;

	if (launch_hold_stdio() < 0) {
		say("sandbox: cannot open /dev/null for a closed standard "
		    "descriptor: %m");
		return EXITCODE_SANDBOX;
	}
	if (getauxval(AT_SECURE)) {
		say("sandbox: refuses to run setuid, setgid or with file "
		    "capabilities: any user's policy would get these "
		    "privileges");
		return EXITCODE_SANDBOX;
	}
	switch (options_parse(argc, argv, &options)) {
	case OPTIONS_GO:
		if (options.verb) {
			status = command_end(
				command_find(options.verb)->run(&options));
			break;
		}
		status = run(&options);
		if (status == EXITCODE_NOTFOUND)
			mistyped_run(&options);
		break;
	case OPTIONS_DONE:
		status = command_end(EXITCODE_OK);
		if (status && !options.verb)
			status = EXITCODE_SANDBOX;
		break;
	default:
		status = options.verb ? EXITCODE_TROUBLE : EXITCODE_SANDBOX;
	}
	options_free(&options);
	return status;
}
