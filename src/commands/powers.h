/* Powers in the commands' output: what each opens, and by which calls. */
#ifndef SANDBOX_POWERS_H
#define SANDBOX_POWERS_H

#include "base/jtree.h"
#include "review/finding.h"

/* What one power opens, and below it the calls ("execve and execveat"). */
void power_line(enum power power, const char *calls);

/* Adds an object of `name` and `opens`. */
struct jtree *power_add(struct jtree *list, enum power power);

/* The names in a set, as a list `powers`. */
void powers_put(struct jtree *object, powers set);

/* The names, as a list `calls`. */
void calls_put(struct jtree *object, const struct calls_list *calls);

/* `sandbox groups --powers`: all of them, as text if root is NULL. */
void powers_list(struct jtree *root);

#endif
