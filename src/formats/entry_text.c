#include "formats/entry_text.h"

#include <stdlib.h>

#include "base/util.h"
#include "formats/condition_print.h"
#include "tables/signature.h"

/* Does the text speak of the call's arguments on this ABI? */
static bool is_spoken_of(const struct policy *policy,
			 const struct entry *entry, int abi)
{
	return policy_admits(policy, abi) &&
	       syscall_number(entry->call, (enum abi_id)abi) >= 0 &&
	       entry->cond[abi] != &cond_unaskable;
}

/* The ABI whose names a condition is read with (condition.c): with a signature
 * if any has one.  -1: on none. */
static int main_abi(const struct policy *policy, const struct entry *entry)
{
	int first = -1;

	for (int abi = 0; abi < ABI_COUNT; abi++) {
		if (!is_spoken_of(policy, entry, abi))
			continue;
		if (signature_of((enum abi_id)abi, entry->call))
			return abi;
		if (first < 0)
			first = abi;
	}
	return first;
}

static bool is_outright(const struct policy *policy, const struct entry *entry)
{
	for (int abi = 0; abi < ABI_COUNT; abi++)
		if (policy_admits(policy, abi) &&
		    syscall_number(entry->call, (enum abi_id)abi) >= 0 &&
		    entry->cond[abi])
			return false;
	return true;
}

/* A name is the same argument everywhere, a register need not be: where they
 * part, the form that says the same on all ABIs. */
static bool names_agree(const struct policy *policy, const struct entry *entry,
			int main, const char *text)
{
	for (int abi = 0; abi < ABI_COUNT; abi++) {
		cleanup_free char *other = NULL;

		if (abi == main || !is_spoken_of(policy, entry, abi) ||
		    cond_args(entry->cond[abi]) ==
			    cond_args(entry->cond[main]))
			continue;
		other = condition_text(entry->cond[abi], (enum abi_id)abi,
				       entry->call);
		if (!streq(text, other))
			return false;
	}
	return true;
}

static char *condition_of(const struct policy *policy,
			  const struct entry *entry)
{
	int main = main_abi(policy, entry);
	const struct cond *cond = main < 0 ? NULL : entry->cond[main];
	char *text;

	if (!cond || cond == &cond_never)
		return NULL;
	text = condition_text(cond, (enum abi_id)main, entry->call);
	if (names_agree(policy, entry, main, text))
		return text;
	free(text);
	return condition_registers(cond, (enum abi_id)main, entry->call);
}

char *entry_text(const struct policy *policy, const struct entry *entry)
{
	cleanup_free char *text = NULL;

	if (is_outright(policy, entry))
		return xstrdup("always");
	text = condition_of(policy, entry);
	if (!text)
		return NULL;
	return xasprintf("%sif %s", entry->rule->only ? "only " : "", text);
}
