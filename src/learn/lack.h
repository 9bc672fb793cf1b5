/* What a policy does not allow of what is wanted, for all arguments. */
#ifndef SANDBOX_LACK_H
#define SANDBOX_LACK_H

#include "learn/wanted.h"
#include "model/policy.h"

/* Those of the list that are not, or not wholly, allowed on each ABI that the
 * policy admits, and those that only ABIs have which it is to admit too (abis, a
 * bit each); their conditions stay the list's.  To be released. */
void lack_find(const struct policy *policy, const struct wanted_list *wanted,
	       int abis, struct wanted_list *lacking);

/* Leaves what more lines of the outermost file can allow: not what rules of it
 * deny outright, or by a group, or allow already and deny otherwise.  Of what it
 * allows under a condition the rest is wanted: an outright allow beside that
 * would be a mistake.  Conditions are made in the arena. */
void lack_for_file(const struct policy *policy, struct arena *arena,
		   struct wanted_list *lacking);

#endif
