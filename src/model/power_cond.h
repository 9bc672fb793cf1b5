/* Conditions of what the table of powers says of arguments. */
#pragma once

#include "model/cond.h"
#include "tables/power.h"

/* Where the arguments make it this use of the call: NULL is always, &cond_never
 * nowhere. */
const struct cond *use_cond(struct arena *arena, const struct use *use);

/* The same without the harmless uses, which win (tables/power.h). */
const struct cond *use_cond_alone(struct arena *arena, const struct use *use);

/* Where the call carries no power but those allowed, as powers_at() says on an
 * ABI that passes its arguments in registers.  As short as people would write
 * it. */
const struct cond *power_cond(struct arena *arena, uint32_t call,
			      powers allowed);
