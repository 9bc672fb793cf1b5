/* Named groups of system calls: systemd's names and members, brought up to
 * date for newer calls, and groups that close doors together (@open, @exec …).
 * The rows are in group.def. */
#pragma once

#include <stddef.h>

struct group {
	const char *name;    /* with its '@' */
	const char *help;    /* one line */
	/* Names of calls and of other groups, separated by single blanks, no
	 * cycles; a call may come twice, by itself and through a group.  "*"
	 * alone (@known) is every call of the table: rows 0 to
	 * syscall_count() - 1. */
	const char *members;
};

/* In the order they are listed, systemd's first; NULL behind the last. */
const struct group *group_at(size_t i);
const struct group *group_find(const char *name); /* NULL: none */
const struct group *group_find_word(const char *name, size_t n); /* n bytes */
const char *group_suggest(const char *name);      /* nearest name or NULL */
