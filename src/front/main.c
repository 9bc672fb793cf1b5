/* sandbox: run a command under a system-call policy, and say what it denied. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>

#include "base/exitcode.h"
#include "base/text.h"
#include "base/util.h"
#include "front/mistyped.h"
#include "front/options.h"
#include "launch/launch.h"
#include "run/run.h"

/* The words around the verb, options before it included. */
static int run_verb(const struct command *verb, const struct options *options,
		    int argc, char **argv)
{
	char **rest = xcalloc((size_t)argc, sizeof(*rest));
	int n = 0, status;

	for (int i = 0; i < argc; i++)
		if (argv + i != options->command)
			rest[n++] = argv[i];
	status = command_main(verb, n, rest);
	free(rest);
	return status;
}

int main(int argc, char **argv)
{
	const struct command *verb;
	struct options options;
	int status;

	if (launch_hold_stdio() < 0) {
		say("sandbox: cannot open /dev/null in the place of a closed "
		    "descriptor: %m");
		return EXITCODE_SANDBOX;
	}
	if (getauxval(AT_SECURE)) {
		say("sandbox: refuses to run setuid, setgid or with file "
		    "capabilities: it would lend them to any policy");
		return EXITCODE_SANDBOX;
	}
	switch (options_parse(argc, argv, &options, &verb)) {
	case OPTIONS_RUN:
		status = run(&options);
		if (status == EXITCODE_NOTFOUND)
			mistyped_run(&options);
		break;
	case OPTIONS_VERB:
		status = run_verb(verb, &options, argc, argv);
		break;
	case OPTIONS_DONE:
		status = fflush(stdout) == 0 ? EXITCODE_OK : EXITCODE_SANDBOX;
		break;
	default:
		status = EXITCODE_SANDBOX;
	}
	options_free(&options);
	return status;
}
