/* Conditions of what the table of powers says of arguments. */
#ifndef SANDBOX_POWER_COND_H
#define SANDBOX_POWER_COND_H

#include "model/cond.h"
#include "tables/power.h"

/* A test of a use; it is in no arena. */
struct cond use_cond(const struct use_test *test);

/* Where the call carries no power but those allowed, as powers_at() says on an
 * ABI that passes its arguments in registers: NULL is always, &cond_never
 * nowhere.  As short as people would write it. */
const struct cond *power_cond(struct arena *arena, uint32_t call,
			      powers allowed);

#endif
