/* One concrete call that stands for many: "socket(AF_INET, _, _)", where _ is
 * any value, as `explain` takes it. */
#ifndef SANDBOX_SAMPLE_H
#define SANDBOX_SAMPLE_H

#include "model/diagram.h"

struct sample {
	uint64_t args[6];
	unsigned used; /* bit n: argument n is shown */
};

/* Marks the arguments that the list's conditions look at. */
void sample_use(struct sample *sample, const struct decision *decision);

/* Finds arguments for which the diagram holds, with values that have names
 * where it can choose; false if there are none. */
bool sample_find(struct sample *sample, struct diagram_store *store,
		 diagram where, uint32_t call);

/* malloc'd. */
char *sample_text(const struct sample *sample, enum abi_id abi, uint32_t call);

#endif
