/* What is about other machines and other ABIs: names that only those have in a
 * list of denials (alone they are mistakes), and what the settings leave to
 * them. */
#include "review/check.h"
#include "tables/alias.h"

static void note_absent(struct survey *survey, const struct entry *entry)
{
	uint32_t native = native_call(entry->call, survey->policy->machine);
	bool is_outright = entry->cond == cond_always;
	cleanup_free char *mend = NULL;

	/* what does the same work here is denied as well, or there is none */
	if (policy_abi_with(survey->policy, entry->call) >= 0 ||
	    entry->rule->group || !rule_refuses(entry->rule) ||
	    standing_of(survey, native) <= (is_outright ? CLOSED : PARTLY))
		return;
	mend = xasprintf("name %s as well", syscall_text(native));
	review_add(survey, FINDING_ABSENT, SEVERITY_NOTE, entry->rule->at,
		   calls_of(entry->call), mend,
		   "%s does nothing here: %s has no such call, and %s in its "
		   "place is allowed",
		   syscall_text(entry->call),
		   abis[survey->policy->machine].name, syscall_text(native));
}

void review_foreign(struct survey *survey)
{
	const struct policy *policy = survey->policy;
	const struct setting *set = policy->effective;
	struct calls none = {0};

	for_entries (e, policy_next, policy)
		note_absent(survey, e);
	if (set[SET_FOREIGN].value == ACTION_DENY)
		review_add(survey, FINDING_FOREIGN, SEVERITY_NOTE,
			   set[SET_FOREIGN].at, none,
			   "write foreign = kill, unless the program needs to "
			   "try such calls",
			   "calls of other ABIs are denied, not killed, so a "
			   "program can keep trying them");
	for_abis (abi, policy)
		if (abi != policy->machine)
			review_add(survey, FINDING_FOREIGN, SEVERITY_NOTE,
				   set[SET_ARCHITECTURES].at, none,
				   "write architectures = native, unless you "
				   "run such programs",
				   "calls of %s are admitted: more of the "
				   "kernel can be reached, and where that ABI "
				   "hides the arguments, a condition denies the "
				   "call", abis[abi].name);
}
