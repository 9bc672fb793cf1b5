#include "run/hint.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "base/util.h"
#include "run/tracer.h"
#include "report/report_words.h"

/* Words that other programs have for commands. */
static const struct {
	const char *word, *option;
} elsewhere[] = {
	{"help", "--help"},
	{"version", "--version"},
	{"count", "-c"},
	{"trace", "-t"},
};

static const char *option_for(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(elsewhere); i++)
		if (streq(elsewhere[i].word, word))
			return elsewhere[i].option;
	return NULL;
}

void hint_no_command(const char *word)
{
	const char *option = option_for(word), *near = command_suggest(word);

	if (option)
		say("sandbox: there is no command '%s': type '%s %s'", word,
		    own_name(), option);
	else if (has_suffix(word, ".ini"))
		say("sandbox: '%s' is no command of sandbox: to run CMD under "
		    "this policy, type '%s -p %s CMD'", word, own_name(), word);
	else if (near)
		say("sandbox: no policy, and '%s' is no command of sandbox "
		    "(did you mean '%s'?): to run it, give -p FILE, --deny "
		    "LIST or --allow LIST, or -c to count", word, near);
	else
		say("sandbox: no policy, and '%s' is no command of sandbox: to "
		    "run it, give -p FILE, --deny LIST or --allow LIST, or -c "
		    "to count", word);
}

/* "-p web.ini x.ini" */
static char *words_behind(const struct options *options)
{
	const struct policy_request *request = &options->request;
	char *text = xstrdup("");

	for (size_t i = 0; i < request->n; i++) {
		char *longer = xasprintf(
			"%s %s%s", text,
			options->command[1] || i ? "-p " : "",
			request->policies[i]);

		free(text);
		text = longer;
	}
	for (char *const *word = options->command + 1; *word; word++) {
		char *longer = xasprintf("%s %s", text, *word);

		free(text);
		text = longer;
	}
	return text;
}

void hint_not_found(const struct options *options)
{
	const char *word = options->command[0], *option = option_for(word);

	if (options->trace && !options->tracer && tracer_find(word)) {
		say("sandbox: to trace with %s, type '--trace=%s' in one word",
		    word, word);
	} else if (command_find(word)) {
		cleanup_free char *behind = words_behind(options);

		say("sandbox: for sandbox's own command, put it first: "
		    "%s %s%s", own_name(), word, behind);
	} else if (option) {
		say("sandbox: for sandbox's own, type '%s %s'", own_name(), option);
	}
}

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
