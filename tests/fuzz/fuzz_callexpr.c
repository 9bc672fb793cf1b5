/* One call as people write it. */
#include <string.h>

#include "formats/callexpr.h"
#include "fuzz.h"
#include "tables/syscall.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct callexpr expr;
	int result = callexpr_parse(&expr, ABI_NATIVE, text);

	MUST((result < 0) == (expr.error != NULL));
	if (result < 0) {
		MUST(*expr.error && expr.error_at <= strlen(text));
	} else {
		MUST(expr.n_args >= 0 && expr.n_args <= 6);
		MUST(expr.has_args || expr.n_args == 0);
		MUST(expr.abi < ABI_COUNT);
		MUST(expr.call == CALL_NONE || expr.call & CALL_RAW ||
		     expr.call < syscall_count());
		for (int i = expr.n_args; i < 6; i++)
			MUST(expr.args[i].kind == CALLEXPR_ANY);
	}
	callexpr_free(&expr);
	free(text);
	return 0;
}
