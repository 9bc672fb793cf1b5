/* What lets denied calls run, and what is better left alone: no remedy opens
 * what `check` would call a hole. */
#pragma once

#include <stdio.h>

#include "report/run_info.h"
#include "tally/tally.h"

enum remedy {
	REMEDY_NAME,   /* name it under [allow], or `text` there */
	REMEDY_OPTION, /* typed on the spot, or no INI: name it in --allow */
	REMEDY_LAYER,  /* a rule names it: change that, or an outer --allow */
	REMEDY_UNTYPE, /* leave it out of --deny */
	REMEDY_FINAL,  /* only a change of that rule: its layer is final */
	REMEDY_NARROW, /* outright it is a hole: `text` under [allow] is none */
	REMEDY_ABI,    /* admit its ABI */
	REMEDY_BUILD,  /* nothing can: no policy can admit its ABI */
	REMEDY_LOOK,   /* a kill that was not seen: trace with ptrace */
	REMEDY_HOLE,   /* none is proposed; `text` says why */
	REMEDY_NONE,   /* none is needed; `text` says why */
};

struct row_remedy {
	enum remedy kind;
	char *text;    /* or NULL */
	powers powers; /* that it opens (tables/power.h) */
};

/* One for each row, in their order. */
struct row_remedy *remedies_find(const struct run_info *run,
				 const struct tally_row *const *rows,
				 size_t n);
void remedies_free(struct row_remedy *remedies, size_t n);

/* The words to write: "syscalls = openat", "--allow write"; NULL if there are
 * none.  malloc'd. */
char *remedy_words(const struct row_remedy *remedy,
		   const struct tally_row *row);

/* One line of advice for each remedy that rows need; nothing for no rows. */
void advice_write(FILE *out, const struct run_info *run,
		  const struct tally_row *const *rows, size_t n);

/* Does the program do without, on an older call (opening.h)?  How, or NULL;
 * malloc'd. */
char *row_fallback(const struct tally_row *row, const struct run_info *run);
