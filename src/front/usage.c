#include "front/usage.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "base/util.h"
#include "base/wrap.h"
#include "front/option_row.h"

static void print_options(unsigned commands)
{
	const struct option_row *row;

	for (size_t i = 0; (row = option_next(commands, &i));) {
		char left[40], brief[5] = "    ";

		if (row->key < 256)
			snprintf(brief, sizeof(brief), "-%c%s", row->key,
				 row->name ? ", " : "");
		snprintf(left, sizeof(left), "%s%s%s%s%s", brief,
			 row->name ? "--" : "", row->name ? row->name : "",
			 row->arg && row->arg[0] != '[' ? " " : "",
			 row->arg ? row->arg : "");
		wrap_entry(stdout, left, row->help);
	}
}

static void print_commands(void)
{
	cleanup_free char *text = NULL;
	const struct command *command;

	puts("\nCommands that work on policies and run nothing:");
	for (size_t i = 0; (command = command_at(i)); i++) {
		char left[40];

		snprintf(left, sizeof(left), "%s %s", command->name,
			 command->operands);
		wrap_entry(stdout, left, command->summary);
	}
	text = xasprintf("'%s COMMAND --help' has their options; show has "
			 "--pfc, --bpf and --ini, groups --powers, amend --apply "
			 "and --open.", own_name());
	wrap_text(stdout, text);
}

static void print_of_run(void)
{
	const char *self = own_name();
	cleanup_free char *text = NULL;

	printf("Usage: %s -p POLICY [OPTION]... [--] CMD [ARG]...\n"
	       "       %s --deny LIST | --allow LIST [OPTION]... [--] CMD "
	       "[ARG]...\n"
	       "       %s -c [OPTION]... [--] CMD [ARG]...\n"
	       "       %s --learn FILE [OPTION]... [--] CMD [ARG]...\n"
	       "       %s COMMAND [OPTION]... [OPERAND]...\n"
	       "Run CMD under a system-call policy and report what it denied."
	       "\n\n", self, self, self, self, self);
	print_options(COMMAND_RUN);
	print_commands();
	text = xasprintf(
		"Exit status: that of CMD (or sandbox dies of the same "
		"signal); 125 if the policy could not be put in force, so CMD "
		"was not started, 126 if CMD cannot be run, 127 if it was not "
		"found.  Commands: 0, 1 if check, diff or amend found "
		"something, 2 on failure.  See %s(1) and %s.policy(5).", self, self);
	putchar('\n');
	wrap_text(stdout, text);
}

void usage_print(const struct command *command)
{
	if (!command) {
		print_of_run();
		return;
	}
	printf("Usage: %s %s [OPTION]...%s%s\n", own_name(), command->name,
	       *command->operands ? " " : "", command->operands);
	printf("Runs nothing: %s.\n\n", command->summary);
	print_options(command->bit);
	printf("\nExit status: 0%s%s; 2 on failure.\n",
	       command->found ? ", or 1 if " : "",
	       command->found ? command->found : "");
}
