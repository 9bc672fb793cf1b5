/* The meaning of a policy, in one place.
 *
 * decide_call() turns a policy into a decision list for one number of one ABI:
 * clauses asked in order, the first whose condition holds decides, the last
 * has none.  Everything else is read off that list: decide() evaluates it for
 * one call; the proof folds it into a decision diagram; explain walks it; the
 * compiler lowers it.  So there is one text, and they cannot disagree.
 *
 * The order (doc/sandbox.policy.5 has it in full): a layer marked final gets
 * its denials in first; then the layers from the outermost inward, in each the
 * rules that name the call before those that name a group with it; at one
 * level kill, deny, log, allow, then the closing half of `only if`.  Then the
 * implicit calls, the calls newer than the policy (ENOSYS), the default.
 *
 * What a tracer adds (policy->tracer_rules) takes away from what would run and
 * changes no denial. */
#ifndef SANDBOX_DECIDE_H
#define SANDBOX_DECIDE_H

#include <stdint.h>

#include "model/decision.h"
#include "model/policy.h"

/* Fills *out for (audit arch, number).  out must be zeroed or come from an
 * earlier call; free with decision_free().  Its memory is used again: a
 * condition of out->conds lives until the next call only, and another one may
 * then stand at its address. */
void decide_call(const struct policy *policy, uint32_t audit_arch, uint32_t nr,
		 struct decision *out);

struct verdict decide(const struct policy *policy, uint32_t audit_arch,
		      uint32_t nr, const uint64_t args[static 6]);

#endif
