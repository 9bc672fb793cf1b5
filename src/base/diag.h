/* The mistakes found in a policy, collected so that one run shows them all.
 *
 * Layers below the front end never print and never exit: they add to a list
 * and return -1.  The front end prints the list, sorted by file (in the order
 * the files were read) and line, and stops. */
#pragma once

#include <stddef.h>
#include <stdio.h>

#include "base/util.h"

/* A place in a policy file.  file is borrowed: it points into the policy (or
 * is a literal such as "command line") and may be NULL; line 0 means none.  From
 * PLACE_RULE on it is no line but counts the `syscalls` of a JSON profile. */
struct source {
	const char *file;
	int line;
};
enum { PLACE_RULE = 1 << 24 };

/* "policy.ini:7", "seccomp.json: syscalls[3]", or the file alone; malloc'd. */
char *source_text(struct source at);
/* In a message about the same file: "on line 7"; malloc'd. */
char *source_line(struct source at);

struct diag {
	char *file; /* owned copy, or NULL */
	int line;   /* 0: none */
	int column; /* 0: none; counted in bytes from 1 */
	char *text; /* one sentence without a newline, owned */
};

struct diags {
	struct diag *items;
	size_t n, cap;
};

#define DIAGS_INIT ((struct diags){0})

/* -1, for the caller to hand on.  Cold: whatever leads here is laid out for the
 * case that it does not. */
__attribute__((cold)) int diag_add_column(int column, struct diags *diags,
					  struct source at, const char *fmt, ...)
	printf_like(4, 5);
#define diag_add(...) diag_add_column(0, __VA_ARGS__)

/* Appends all of from, which is empty then. */
void diags_move(struct diags *to, struct diags *from);

/* One line each, "FILE:LINE[:COLUMN]: text" ("sandbox: text" without a file);
 * the first 100, then how many more there are. */
void diags_print(struct diags *diags, FILE *out);
void diags_free(struct diags *diags);
/* Both, on standard error. */
void diags_tell(struct diags *diags);
