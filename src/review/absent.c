/* Names of other machines in a list of denials (alone they are mistakes). */
#include <stdlib.h>

#include "base/util.h"
#include "review/review.h"
#include "tables/alias.h"
#include "tables/syscall.h"

/* What does the same work here is denied too, or there is nothing to deny. */
static bool is_settled(struct review *review, uint32_t native)
{
	return native == CALL_NONE ||
	       standing_of(review, ABI_NATIVE, native) <= CLOSED;
}

static void note_absent(struct review *review, const struct entry *entry)
{
	uint32_t native = native_call(entry->call);
	cleanup_free char *mend = NULL;
	struct calls_list calls = {0};
	char name[16], instead[16];

	if (entry->rule->group || action_runs(entry->rule->action) ||
	    is_settled(review, native))
		return;
	mend = xasprintf("name %s as well", syscall_name(native, instead));
	calls_list_add(&calls, entry->call);
	review_add(review, ABI_NATIVE, FINDING_ABSENT, SEVERITY_NOTE,
		   entry->rule->at, calls,
		   xasprintf("%s does nothing here: %s has no such call, and "
			     "%s in its place is allowed",
			     syscall_name(entry->call, name),
			     abis[ABI_NATIVE].name,
			     syscall_name(native, instead)),
		   mend);
}

void review_absent(struct review *review)
{
	const struct policy *policy = review->policy;

	for (size_t i = 0; i < policy->n_layers; i++)
		for (uint32_t call = 0; call < syscall_count(); call++) {
			const struct entry *e =
				layer_entries(policy->layers[i], call);

			if (policy_has_call(policy, call))
				continue;
			for (; e; e = e->next)
				note_absent(review, e);
		}
}
