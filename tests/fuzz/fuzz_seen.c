/* A report, read back and learned from: refused as a whole, or a policy comes of
 * it that loads and opens nothing that the report does not name. */
#include <string.h>

#include "formats/load.h"
#include "fuzz.h"
#include "learn/policy_text.h"
#include "learn/seen_read.h"

static void learn(const struct seen *seen, bool exact)
{
	const struct wanted_how how = {exact, ~(powers)0, .by_power = true};
	struct wanted_list wanted, lacking;
	struct policy_text text = {.wanted = &wanted, .exact = exact};
	struct diags diags = DIAGS_INIT;
	struct policy *policy;
	char *bytes;

	for (size_t i = 0; i < seen->n; i++)
		text.abis |= (1 << seen->calls[i].abi) & ~(1 << ABI_NATIVE);
	wanted_find(seen, &how, &wanted);
	for (size_t i = 0; i < wanted.n; i++)
		MUST(!(wanted.wanted[i].opens & ~wanted_powers(seen, &how)));
	bytes = policy_text_print(&text);
	policy = policy_load_text("p.ini", bytes, ABI_NATIVE, &diags);
	if (!policy)
		diags_print(&diags, stderr);
	MUST(policy);
	lack_find(policy, &wanted, text.abis, &lacking);
	for (size_t i = 0; i < lacking.n; i++)
		MUST(syscall_number(lacking.wanted[i].call, ABI_NATIVE) < 0);
	wanted_release(&lacking);
	wanted_release(&wanted);
	policy_free(policy);
	diags_free(&diags);
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *why = NULL;
	struct seen seen = {0};
	struct seen_rows rows = {0};

	if (seen_read(text, strlen(text), &rows, &why) < 0) {
		MUST(why && *why);
	} else {
		for (size_t i = 0; i < rows.n; i++)
			if (rows.items[i].call.call != CALL_NONE)
				seen_add(&seen, &rows.items[i].call);
		for (size_t i = 0; i < seen.n; i++)
			MUST(!(seen.calls[i].uses.powers &
			       ~powers_of(seen.calls[i].call)));
		learn(&seen, false);
		learn(&seen, true);
	}
	free(why);
	seen_rows_free(&rows);
	seen_release(&seen);
	free(text);
	return 0;
}
