/* Verdicts and powers as all commands tell them, in text and JSON. */
#pragma once

#include "base/jtree.h"
#include "formats/names.h"
#include "model/decide.h"
#include "tables/power.h"

/* "web.ini:14", "web.ini:14 @open", "default (web.ini:3)", "newer than kernel
 * 5.2 (web.ini:4)", "foreign (built in)", "implicit", "tracer".
 * malloc'd. */
char *verdict_reason(const struct policy *policy,
		     const struct verdict *verdict);

/* "web.ini:14", "command line", "built in" without a file.  malloc'd. */
char *place_text(struct source at);

/* "family == AF_UNIX"; NULL without a condition.  malloc'd. */
char *clause_text(const struct clause *clause, enum abi_id abi, uint32_t call);

/* Puts `action`, `errno` (of a deny, a name or "0"), `quiet` (true) and `rule`;
 * those that do not apply are absent.  Without an object a line on standard
 * output, "  deny EPERM   WHAT  [web.ini:14]". */
void verdict_tell(struct jtree *object, const struct policy *policy,
		  const struct verdict *verdict, const char *indent,
		  const char *what, const char *tail);
/* The same, and before it `condition` unless there is none; WHAT is that or
 * otherwise. */
void clause_tell(struct jtree *object, const struct policy *policy,
		 const struct clause *clause, enum abi_id abi, uint32_t call,
		 const char *otherwise, const char *tail);

/* "", " (final)", " (final = all)" */
const char *final_text(const struct layer *layer);

/* What one power opens, and below it the calls ("execve and execveat"). */
void power_line(enum power power, const char *calls);

/* Adds an object of `name` and `opens`. */
struct jtree *power_add(struct jtree *list, enum power power);

/* The names, as a list `calls`. */
void calls_put(struct jtree *object, const struct calls *calls);

/* `sandbox groups --powers`: all of them, as text if root is NULL. */
void powers_list(struct jtree *root);
