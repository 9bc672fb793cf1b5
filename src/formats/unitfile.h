/* As much of systemd's unit files as it takes to read their filters and to put
 * sandbox in front of a service: the settings of [Service], and the commands in an ExecStart=.
 * Syntax: systemd.syntax(7), systemd.service(5), "COMMAND LINES". */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct unit_setting {
	const char *name;
	char *value;
	int line;
};

/* One command line, in the text's own quoting. */
struct unit_command {
	const char *prefix; /* some of @-:+!| */
	const char *path;   /* the file */
	const char *argv0;  /* what '@' calls it; NULL without '@' */
	const char *rest;   /* "", or its arguments behind a blank */
};

struct unit {
	/* Of [Service], in the order in which they stand. */
	struct unit_setting *items;
	size_t n, cap;
	/* What ExecStart= comes to: several lines, several in a line (" ; "),
	 * an empty value that forgets those before. */
	struct unit_command *commands;
	size_t n_commands, cap_commands;
	struct arena memory; /* of all words */
};

/* text: a unit file, or what `systemctl cat` prints of one with its drop-ins.
 * skip, if not NULL: a file named so among them ("…/sandbox.conf") is left
 * out. */
void unit_parse(struct unit *unit, const char *text, const char *skip);
void unit_free(struct unit *unit);

/* The value that counts of a setting that has one; NULL: not set. */
const char *unit_value(const struct unit *unit, const char *name);

/* A word as it is written in a command line: quoted where it must be, '%'
 * doubled, '$' too unless expands is false (':'), and control characters as
 * \x.., so that no word ends the line.  malloc'd. */
char *unit_word(const char *word, bool expands);
