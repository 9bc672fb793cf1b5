/* Which files an exec of CMD tries, worked out before the filter is loaded:
 * the lookup of execvp(3), PATH and the shell for scripts without "#!"
 * included, with nothing left to do but execve(2) itself. */
#pragma once

#include <stddef.h>

struct execplan {
	char *const *argv; /* borrowed */
	char **files;      /* in the order they are tried, owned */
	size_t n;
	char **shell_argv; /* "/bin/sh", FILE, argv[1] …; [1] is filled in when
	                      a file turns out to be a script */
};

struct execplan execplan_new(char *const *argv);
void execplan_free(struct execplan *plan);
