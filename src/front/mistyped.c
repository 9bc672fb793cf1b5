#include "front/mistyped.h"

#include "base/nearest.h"
#include "base/text.h"
#include "base/util.h"
#include "commands/command.h"
#include "run/tracer.h"
#include "tables/words.h"

/* Words that other programs have for commands. */
static bool is_option(const char *word, char option[WORDS_VALUE])
{
	return words_find("help=--help version=--version count=-c trace=-t",
			  word, option);
}

void mistyped_command(const char *word)
{
	char option[WORDS_VALUE];
	const char *near;
	struct nearest nearest = nearest_to(word);
	const struct command *command;

	for (size_t i = 0; (command = command_at(i)); i++)
		nearest_offer(&nearest, command->name);
	near = nearest.name;
	if (is_option(word, option))
		say("sandbox: there is no command '%s': type '%s %s'", word,
		    own_name(), option);
	else if (has_suffix(word, ".ini"))
		say("sandbox: '%s' is not a command of sandbox: to run CMD under "
		    "this policy, type '%s -p %s CMD'", word, own_name(), word);
	else
		say("sandbox: no policy, and '%s' is not a command of sandbox"
		    "%s%s%s: to run it, give -p FILE, --deny LIST or --allow "
		    "LIST, or -c to count", word,
		    near ? " (did you mean '" : "", near ? near : "",
		    near ? "'?)" : "");
}

/* "-p web.ini x.ini" */
static char *words_behind(const struct options *options)
{
	const struct policy_request *request = &options->request;
	char *text = xstrdup("");

	for (size_t i = 0; i < request->n; i++) {
		bool layer = options->command[1] || i;

		reprint(&text, "%s %s%s", text, layer ? "-p " : "",
			request->policies[i]);
	}
	for (char *const *word = options->command + 1; *word; word++)
		reprint(&text, "%s %s", text, *word);
	return text;
}

void mistyped_run(const struct options *options)
{
	const char *word = options->command[0];
	char option[WORDS_VALUE];

	if (options->trace && !options->tracer && tracer_find(word)) {
		say("sandbox: to trace with %s, type '--trace=%s' in one word",
		    word, word);
	} else if (command_find(word)) {
		cleanup_free char *behind = words_behind(options);

		say("sandbox: for sandbox's own command, put it first: "
		    "%s %s%s", own_name(), word, behind);
	} else if (is_option(word, option)) {
		say("sandbox: for sandbox's own, type '%s %s'", own_name(),
		    option);
	}
}
