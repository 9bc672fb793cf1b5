/* errno by name and number, 1-511 (what a filter may answer; the kernel cuts
 * at 4095, and 512-530 are its own internal codes, refused here). */
#pragma once

enum { ERRNO_LAST = 511 };

/* The number of an errno given by name ("EPERM") or decimal number; 0 for
 * "0", -1 for anything else. */
int errno_parse(const char *text);

/* "EPERM"; a number that has no name is written into buf. */
const char *errno_name(int err, char buf[static 16]);
/* The same, in memory of the block that asks: of an if, its branch. */
#define errno_text(err) errno_name(err, (char[16]){0})

/* The nearest name to a misspelt one, or NULL. */
const char *errno_suggest(const char *name);
