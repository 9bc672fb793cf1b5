/* What would come of allowing a call that a policy denies, for who proposes it:
 * judged as `check` judges, by effect. */
#ifndef SANDBOX_OPENING_H
#define SANDBOX_OPENING_H

#include "model/policy.h"
#include "review/finding.h"
#include "tables/power.h"

/* Of these calls, allowed together: the holes that are not there without, each
 * naming those of them that open it.  What is left out is closed again, so the
 * others may then open another one: ask again.  A call is allowed as far as it
 * carries no power but those that `only` has for its row; NULL: outright. */
void opening_holes(const struct policy *policy, const struct calls_list *calls,
		   const powers *only, struct findings *holes);

/* Programs go on without the call when the policy answers it ENOSYS, with an
 * older call that runs: "after ENOSYS libc's statx, which ls and Qt use, goes
 * on to newfstatat".  malloc'd; NULL if that is not so. */
char *opening_fallback(const struct policy *policy, enum abi_id abi,
		       uint32_t call);

#endif
