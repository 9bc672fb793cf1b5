/* The table of calls that do the same work, by which `check` finds a denial of
 * one that leaves others (equivalents.c), and others ask too.  Rows are in
 * equivalent.def: data, to be looked over when a kernel has new calls.
 *
 * Calls stand in lists of tables/use.h. */
#ifndef SANDBOX_EQUIVALENT_H
#define SANDBOX_EQUIVALENT_H

#include <stdbool.h>
#include <stddef.h>

#include "review/survey.h"
#include "tables/use.h"

struct equivalent {
	const char *what;   /* "opening files" */
	/* When one of these is denied, outright or for some arguments … */
	const char *denied;
	bool outright;      /* … (outright only) … */
	const char *others; /* … these still do it. */
	const char *needs;  /* and one of these runs; NULL: no matter */
	const char *mend;
	bool alike;         /* libraries take one of them for another */
};

size_t equivalent_count(void);
const struct equivalent *equivalent_at(size_t i);

/* Do the two calls stand in one row, outright or by the use that carries their
 * power (mmap and mprotect, with PROT_EXEC)?  Then one of them is no better
 * closed than the other. */
bool equivalent_calls(uint32_t a, uint32_t b);

/* What io_uring does without a call that a filter sees. */
extern const char *const io_uring_does;

/* Calls that reach beyond the process, whatever else is denied. */
struct reach {
	const char *calls;
	const char *what; /* "they can …" */
	const char *mend;
};

size_t reach_count(void);
const struct reach *reach_at(size_t i);

/* A program that makes one of the calls will want the others. */
struct brings {
	const char *calls, *others;
};

size_t brings_count(void);
const struct brings *brings_at(size_t i);

/* Calls that libc and others try first and replace by older ones when the
 * answer is ENOSYS, and only then. */
struct fallback {
	const char *call;
	const char *older;
	bool fatal; /* programs do not start, rather than fail here and there */
	const char *who; /* … would go on */
};

size_t fallback_count(void);
const struct fallback *fallback_at(size_t i);

/* One member of such a list. */
struct member {
	uint32_t call;
	bool partly; /* a use: where `asks` hold */
	bool never;  /* … and they cannot */
	struct cond asks[USE_TESTS];
	int n_asks;
	char label[USE_LABEL];
};

/* The next member, false at the end; start with MEMBER_LIST(text). */
struct member_list {
	struct use_list uses;
};
#define MEMBER_LIST(text) ((struct member_list){USE_LIST(text)})
bool member_next(struct member_list *list, struct member *member);

/* Where the arguments make it this use of the call. */
diagram member_asks(struct survey *survey, const struct member *member);

#endif
