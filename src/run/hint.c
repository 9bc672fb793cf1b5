#include "run/hint.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "base/util.h"
#include "report/report_words.h"

/* Those by which a program gives up, and which nobody sends by hand. */
static const int own_ends[] = {SIGSYS, SIGABRT, SIGSEGV, SIGBUS,
			       SIGILL, SIGFPE,  SIGTRAP};

static bool ends_itself(int sig)
{
	for (size_t i = 0; i < ARRAY_SIZE(own_ends); i++)
		if (own_ends[i] == sig)
			return true;
	return false;
}

/* Shells end with 128 + N after a signal. */
static bool may_be_denied(int wait_status)
{
	int code = WEXITSTATUS(wait_status);

	if (WIFSIGNALED(wait_status))
		return ends_itself(WTERMSIG(wait_status));
	return code && (code <= 128 || code > 128 + SIGRTMAX ||
			ends_itself(code - 128));
}

void hint_ended(const struct options *options, int wait_status)
{
	cleanup_free char *how = NULL;

	if (options->quiet || !isatty(STDERR_FILENO) ||
	    !may_be_denied(wait_status))
		return;
	how = WIFSIGNALED(wait_status)
		      ? signal_label(WTERMSIG(wait_status))
		      : xasprintf("status %d", WEXITSTATUS(wait_status));
	say("sandbox: '%s' ended with %s; to see whether the policy denied it "
	    "something, add -t", options->command[0], how);
}
