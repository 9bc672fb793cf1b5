#include "tally/uses.h"

#include <stdlib.h>
#include <string.h>

#include "base/util.h"

void uses_add_value(struct uses *uses, uint64_t value)
{
	unsigned at = 0; /* where it is, or where it belongs */

	while (at < uses->n_values && uses->values[at] < value)
		at++;
	if (at < uses->n_values && uses->values[at] == value)
		return;
	if (uses->n_values == USES_VALUES) {
		uses->more_values = true;
		return;
	}
	if (!uses->values)
		uses->values = xcalloc(USES_VALUES, sizeof(*uses->values));
	memmove(&uses->values[at + 1], &uses->values[at],
		(uses->n_values - at) * sizeof(*uses->values));
	uses->values[at] = value;
	uses->n_values++;
}

void uses_add(struct uses *uses, int abi, uint32_t call,
	      const uint64_t args[static 6])
{
	if (!uses->is_begun) {
		uses->is_begun = true;
		uses->selector = use_selector(call);
		uses->most = powers_of(call);
		uses->least = powers_always(call);
	}
	/* Is there anything more to be learned of its powers? */
	if (uses->powers != uses->most || !(uses->harmless || uses->least)) {
		powers carries = abi < 0 ? uses->most
					 : powers_at((enum abi_id)abi, call,
						     args);

		uses->powers |= carries;
		uses->harmless |= !carries;
	}
	if (uses->selector >= 0)
		uses_add_value(uses, args[uses->selector] & UINT32_MAX);
}

void uses_join(struct uses *uses, const struct uses *others)
{
	uses->powers |= others->powers;
	uses->harmless |= others->harmless;
	uses->more_values |= others->more_values;
	for (unsigned i = 0; i < others->n_values; i++)
		uses_add_value(uses, others->values[i]);
}

void uses_release(struct uses *uses)
{
	free(uses->values);
	*uses = (struct uses){0};
}
