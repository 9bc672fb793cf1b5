/* A unit: refused with a reason, or a policy comes of it that means the same as
 * the INI file that `convert` makes of it. */
#include "formats/load.h"
#include "formats/systemd.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	const char *name = "fuzz.service";
	struct diags notes = DIAGS_INIT, diags = DIAGS_INIT;
	struct policy_request request = {
		.policies = &name, .n = 1, .container = {"", "5.4", &notes},
	};
	struct kept_files kept = KEPT_FILES_INIT;
	struct policy *policy = NULL;

	if (systemd_is_unit(text)) {
		kept_add(&kept, (struct kept_file){.name = name, .path = name,
						   .text = text, .n = size});
		policy = policy_load_kept(&request, &kept, &diags);
		MUST((policy == NULL) == (diags.n > 0));
	}
	if (policy && size % 8 == 0) /* it takes long */
		fuzz_compare(policy);
	policy_free(policy);
	kept_free(&kept);
	diags_free(&notes);
	diags_free(&diags);
	free(text);
	return 0;
}
