/* What belongs to a call that was seen, for who makes a policy of it: another
 * libc, or the same one on another day, makes a sibling instead.
 *
 * Whether a sibling may be allowed, or only some of it, is for powers to say
 * (model/power_cond.h). */
#ifndef SANDBOX_SIBLINGS_H
#define SANDBOX_SIBLINGS_H

#include "review/finding.h"

/* Adds the calls that do the same work (rename: renameat, renameat2), and those
 * that a program will make beside it (socket: getsockopt …); the call itself
 * may be among them. */
void siblings_add(uint32_t call, struct calls_list *siblings);

/* What belongs under every list beside @runtime, as far as it carries no power:
 * a group has no place for a condition. */
void floor_add(struct calls_list *calls);

/* Uses of calls that belong there, too: a list of use.h. */
extern const char *const floor_uses;

#endif
