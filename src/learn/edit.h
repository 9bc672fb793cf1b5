/* The smallest edits of one policy file's text that allow what is wanted.
 *
 * Every byte that an edit does not need stays: comments, continuation lines,
 * CRLF, tabs, a missing last newline.  Edits are proved: the text is read
 * again, and for all calls and arguments it must mean what it meant before with
 * the wanted call allowed in this file's [allow] under the condition, no more
 * and no less.  A [deny] or [kill] that names the call is not undone. */
#pragma once

#include <stdio.h>

#include "base/diag.h"
#include "formats/load.h"

struct edit {
	const struct policy_request *request;
	struct kept_files *kept; /* the file is the first of them */
	char *before;          /* what was in it */
	const char *text;      /* what is to be in it, of kept */
	struct policy *policy; /* what that means, with all other files */
	size_t layer;          /* of the policy: the file's own */
};

/* The file is the request's first policy.  What was kept of its files is not
 * read again; kept is borrowed.  0; -1 with the mistakes in diags, and nothing
 * to close. */
int edit_open(struct edit *edit, const struct policy_request *request,
	      struct kept_files *kept, struct diags *diags);
void edit_close(struct edit *edit);

/* Allows the call where the condition holds: of registers, as power_cond() has
 * it; NULL: always.  1: the text has changed; 0: that was allowed already; -1:
 * no edit of this file does that and nothing else, *why (malloc'd) says so. */
int edit_allow(struct edit *edit, uint32_t call, const struct cond *cond,
	       char **why);

/* A unified diff from `before` to `text`; nothing if they are the same. */
void edit_diff(const struct edit *edit, const char *name, FILE *out);

/* Writes the text into the file, which is as before or nothing happens: NULL,
 * or why not (malloc'd). */
char *edit_write(const struct edit *edit);
