/* Which observer a traced run gets, and what that means for its policy: one
 * answer for the run itself and for `show` and `explain`. */
#pragma once

#include <stdbool.h>

#include "filter/answer.h"
#include "launch/observer.h"
#include "model/policy.h"

/* By its name ("ptrace", "notify"), or NULL. */
const struct observer *tracer_find(const char *name);

/* The one that is taken if none is named: notify for its price; ptrace where
 * that is needed (calls must run under it, or no kill may be missed), where the
 * policy kills (a death tells less than a stopped call), and on kernels without
 * notify. */
const struct observer *tracer_default(const struct policy *policy,
				      bool needs_ptrace);

/* Does a rule, or the default, kill?  Does anything, `foreign` included? */
bool tracer_kills(const struct policy *policy);
bool tracer_may_kill(const struct policy *policy);

/* What the filter answers under it, and what it adds to the policy (ADD_…);
 * NULL: no tracer. */
enum watch tracer_watch(const struct observer *tracer);
unsigned tracer_rules(const struct observer *tracer);

/* Who lets the exec of an untraced CMD run: observer_exec where the policy
 * denies it and this process tree can have a listener; NULL: nobody need, or
 * can. */
const struct observer *tracer_of_exec(const struct policy *policy);

/* Does an exec that the policy denies need a secret in this process tree, since
 * nobody can let it run (filter/gate.h)? */
bool tracer_exec_by_cookie(const struct policy *policy);
