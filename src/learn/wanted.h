/* What a policy shall allow after programs were seen: calls, and the conditions
 * under which they give no power but those that the programs used. */
#pragma once

#include "learn/seen.h"
#include "model/policy.h"

struct wanted {
	uint32_t call;
	const struct cond *cond; /* NULL: always; in the list's arena */
	powers opens;            /* what it lets the program do; 0: nothing */
};

struct wanted_list {
	struct arena arena; /* of its own conditions */
	struct wanted *wanted; /* by name of the call, of one by its powers */
	size_t n, cap;
};

struct wanted_how {
	bool exact;     /* neither siblings nor floor */
	powers allowed; /* nothing but these is opened (~0: whatever was seen) */
	/* One entry for each power of a call where its arguments tell them
	 * apart, together as good as the one; for who reads. */
	bool by_power;
};

/* Of a call that selects an operation: the values seen (up to 16; with them
 * those that no power needs), else what its powers say (model/power_cond.h).
 * A call is left out where nothing of it may be opened; clone3, whose flags no
 * filter sees: answered ENOSYS, as a call newer than the policy is, programs go
 * on with clone. */
void wanted_find(const struct seen *seen, const struct wanted_how *how,
		 struct wanted_list *list);
void wanted_release(struct wanted_list *list);

/* What the programs used of what may be opened. */
powers wanted_powers(const struct seen *seen, const struct wanted_how *how);

/* Those of the list that the policy does not allow, or not for all arguments,
 * on each ABI that it admits, and those that only ABIs have which it is to
 * admit too (abis, a bit each); their conditions stay the list's.  To be
 * released. */
void lack_find(const struct policy *policy, const struct wanted_list *wanted,
	       int abis, struct wanted_list *lacking);

/* Leaves what more lines of the outermost file can allow: not what rules of it
 * deny outright, or by a group, or allow already and deny otherwise.  Of what it
 * allows under a condition the rest is wanted: an outright allow beside that
 * would be a mistake.  Conditions are made in the arena. */
void lack_for_file(const struct policy *policy, struct arena *arena,
		   struct wanted_list *lacking);
