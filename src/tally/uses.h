/* What the arguments of a call's hits asked for, as far as policies tell them
 * apart: the powers that they carried, and the values of the argument that
 * selects one of many operations (ioctl's cmd; use_selector()). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "tables/power.h"

enum { USES_VALUES = 64 };

struct uses {
	powers powers;       /* of all hits together */
	bool harmless;       /* some hit carried none */
	uint64_t *values;    /* rising; owned; NULL where nothing is selected */
	unsigned n_values;
	bool more_values;    /* than USES_VALUES: these are not all */
	/* of the call, from its first hit on */
	bool is_begun;
	int selector;
	powers most, least;  /* that it can carry, and always does */
};

/* One more hit of the call; abi -1: one without a row. */
void uses_add(struct uses *uses, int abi, uint32_t call,
	      const uint64_t args[static 6]);
void uses_add_value(struct uses *uses, uint64_t value);
void uses_join(struct uses *uses, const struct uses *others);
void uses_release(struct uses *uses);
