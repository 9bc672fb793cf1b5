/* What reports say was denied, as edits of a policy file, and as words where
 * there are none.
 *
 * Nothing that a report says of rules is believed: each row is asked again.
 * Rows are joined before anything is done, so that their order is of no
 * account. */
#pragma once

#include "formats/names.h"
#include "learn/edit.h"
#include "learn/seen_read.h"

/* What --open names: powers, and calls with all that they open. */
struct opened {
	powers powers;
	struct calls calls;
};

/* NULL, or why (malloc'd): there is no such thing. */
char *opened_add(struct opened *opened, const char *name);

struct amended {
	size_t calls;  /* that the edit allows more of */
	char **notes;  /* what was not done and why, a sentence each; sorted */
	size_t n, cap;
	char *outer;   /* an outer layer that would allow what rules of the file
	                  decided otherwise; NULL: none would */
};

/* Completes rows that do not say what was used. */
void amend(struct edit *edit, struct seen_rows *rows,
	   const struct opened *opened, struct amended *out);
void amended_free(struct amended *amended);
