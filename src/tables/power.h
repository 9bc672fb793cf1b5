/* Powers: what calls let a program do to the world outside it, and what a
 * policy is therefore written to withhold.  The rows of power.def say which
 * calls, and which of their arguments, carry which; everything else carries
 * none: own memory, own descriptors, waiting, clocks to read.
 *
 * A row's calls stand in a list of use.h.  "ioctl:*" is for the arguments that
 * no other row names, HARMLESS ones included.  A use that is HARMLESS wins
 * over what else holds (personality's 0xffffffff, which asks).
 *
 * The uses are file-scope, sorted when they are first asked for. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "tables/abi.h"
#include "tables/use.h"

enum power {
#define POWER(id, name, opens, calls) POWER_##id,
#define HARMLESS(calls)
#include "tables/power.def"
#undef POWER
#undef HARMLESS
	POWER_COUNT
};

typedef uint64_t powers; /* a set */
#define POWER_SET(power) (UINT64_C(1) << (power))
/* for_powers (p, set) … */
#define for_powers(p, set)                                                     \
	for (int p = 0; p < POWER_COUNT; p++)                                  \
		if ((set) & POWER_SET(p))

const char *power_name(enum power power);  /* "write-files" */
const char *power_opens(enum power power); /* "writing or changing files" */
int power_by_name(const char *name);       /* -1: none */

/* All that the call can carry, by some arguments or other; and what it carries
 * whatever they are. */
powers powers_of(uint32_t call);
powers powers_always(uint32_t call);

/* What it carries with these arguments.  Where they are passed in another way
 * (signature_of() has none): all that it can. */
powers powers_at(enum abi_id abi, uint32_t call,
		 const uint64_t args[static 6]);

/* How that is known, for who makes conditions of it: the uses of a call by
 * power and name, NULL for a raw one.  `carries` 0: harmless. */
struct power_use {
	struct use use;
	powers carries;
	struct power_use *next;
};
const struct power_use *power_uses(uint32_t call);
/* Is a use of this label ("mmap with PROT_WRITE|PROT_EXEC") one of them, and
 * carries a power? */
bool power_use_named(uint32_t call, const char *label);
