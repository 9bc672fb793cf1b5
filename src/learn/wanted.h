/* What a policy shall allow after programs were seen: calls, and the conditions
 * under which they give no power but those that the programs used. */
#ifndef SANDBOX_WANTED_H
#define SANDBOX_WANTED_H

#include "learn/seen.h"
#include "model/cond.h"

struct wanted {
	uint32_t call;
	const struct cond *cond; /* NULL: always; in the list's arena */
	powers opens;            /* what it lets the program do */
};

struct wanted_list {
	struct arena *arena;
	struct wanted *wanted; /* by name of the call */
	size_t n, cap;
};

struct wanted_how {
	bool exact;     /* neither siblings nor floor */
	powers allowed; /* nothing but these is opened (~0: whatever was seen) */
};

/* Of a call that selects an operation: the values seen (up to 16; with them
 * those that no power needs), else what its powers say (model/power_cond.h).
 * A call is left out where nothing of it may be opened. */
void wanted_find(const struct seen *seen, const struct wanted_how *how,
		 struct wanted_list *list);
void wanted_release(struct wanted_list *list);

#endif
