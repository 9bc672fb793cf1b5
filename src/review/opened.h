/* The powers that a policy leaves open, judged by effect: what a program can do
 * to the world under it. */
#ifndef SANDBOX_OPENED_H
#define SANDBOX_OPENED_H

#include "model/policy.h"
#include "review/finding.h"
#include "tables/power.h"

struct opened {
	bool open;
	struct calls calls; /* that open it, by name; raw ones last.  None
	                            if only numbers without a name do */
};

/* One for each power, to be freed. */
void opened_find(const struct policy *policy,
		 struct opened opened[static POWER_COUNT]);
void opened_free(struct opened opened[static POWER_COUNT]);

#endif
