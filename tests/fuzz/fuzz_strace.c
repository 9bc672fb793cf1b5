/* A log of strace's: refused as a whole, or a policy comes of it that loads. */
#include <string.h>

#include "formats/load.h"
#include "fuzz.h"
#include "learn/learn.h"
#include "learn/seen_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *why = NULL, *learned;
	struct diags notes = DIAGS_INIT, diags = DIAGS_INIT;
	struct seen seen = {0};
	struct policy *policy;

	if (strace_read("F", text, strlen(text), &seen, &notes, &why) < 0) {
		MUST(why && *why && !seen.n && !notes.n);
	} else {
		for (size_t i = 0; i < seen.n; i++)
			MUST(!(seen.calls[i].uses.powers &
			       ~powers_of(seen.calls[i].call)));
		learned = learn_text(&seen, false);
		policy = policy_load_text("p.ini", learned, ABI_NATIVE,
					  &diags);
		if (!policy)
			diags_print(&diags, stderr);
		MUST(policy);
		policy_free(policy);
		free(learned);
	}
	diags_free(&notes);
	diags_free(&diags);
	free(why);
	seen_release(&seen);
	free(text);
	return 0;
}
