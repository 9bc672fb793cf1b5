/* Powers in the commands' output: what each opens, and by which calls. */
#ifndef SANDBOX_POWERS_H
#define SANDBOX_POWERS_H

#include <stdio.h>

#include "base/jtree.h"
#include "review/opened.h"

/* What one power opens, and below it the calls ("execve and execveat"). */
void power_line(FILE *out, enum power power, const char *calls);

/* Those that are open, each with `name`, `opens` and `calls`. */
void opened_put(struct jtree *object, const struct opened *opened);

/* The names in a set, as a list `powers`. */
void powers_put(struct jtree *object, powers set);

/* `sandbox groups --powers`: all of them. */
void powers_list_text(FILE *out);
void powers_list_json(FILE *out);

#endif
