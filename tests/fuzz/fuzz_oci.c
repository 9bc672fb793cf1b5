/* A JSON profile: refused with a reason, or a policy comes of it that means the
 * same as the INI file that `convert` makes of it. */
#include "formats/load.h"
#include "fuzz.h"
#include "review/difference.h"
#include "review/flatten.h"

static void compare(const struct policy *policy)
{
	struct differences differences = {0};
	struct diags diags = DIAGS_INIT;
	char *why = NULL, *ini = show_ini(policy, &why);
	struct policy *again =
		ini ? policy_load_text("p.ini", ini, ABI_NATIVE, &diags) : NULL;
	uint32_t call;

	MUST(ini || why);
	if (ini && !again)
		diags_print(&diags, stderr);
	MUST(!ini || again);
	if (again &&
	    differences_find(policy, again, &differences, &call) == 0)
		MUST(!differences.n);
	differences_free(&differences);
	policy_free(again);
	diags_free(&diags);
	free(ini);
	free(why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	const char *name = "fuzz.json";
	struct diags notes = DIAGS_INIT, diags = DIAGS_INIT;
	struct policy_request request = {
		.policies = &name, .n = 1,
		.container = {"CAP_SYS_ADMIN,CAP_KILL", "5.4", &notes},
	};
	struct kept_files kept = KEPT_FILES_INIT;
	struct policy *policy = NULL;

	if (*text == '{') {
		kept_add(&kept, (struct kept_file){.name = name, .path = name,
						   .text = text, .n = size});
		policy = policy_load_kept(&request, &kept, &diags);
		MUST((policy == NULL) == (diags.n > 0));
	}
	if (policy && size % 8 == 0) /* it takes long */
		compare(policy);
	policy_free(policy);
	kept_free(&kept);
	diags_free(&notes);
	diags_free(&diags);
	free(text);
	return 0;
}
