/* A condition, of the call that the first two bytes choose: what it says of a
 * call is what its diagram says, and what it prints means the same. */
#include <string.h>

#include "base/util.h"
#include "filter/diagram.h"
#include "formats/condition.h"
#include "formats/condition_print.h"
#include "fuzz.h"

static int parse(const char *text, uint32_t call, struct cond_pool *pool,
		 const struct cond *out[static ABI_COUNT], struct diags *diags)
{
	struct ini_piece piece = {0, 1, 1};
	struct ini_item item = {
		.section = (char *)"deny",
		.key = (char *)"call",
		.line = 1,
		.value = (char *)text,
		.len = strlen(text),
		.pieces = &piece,
		.n_pieces = *text ? 1 : 0,
	};

	return condition_parse(&item, 0, "fuzz.ini", call, pool, out, diags);
}

static bool is_asked(const struct cond *cond)
{
	return cond && cond != &cond_never && cond != &cond_unaskable;
}

static void check_diagram(const struct cond *cond, struct rng *rng)
{
	struct diagram_store *store = diagram_store_new(1 << 14);
	diagram d = diagram_of_cond(store, cond);

	for (int i = 0; d && i < 50; i++) {
		uint64_t args[6];

		for (int j = 0; j < 6; j++)
			args[j] = rng_edge(rng);
		MUST(diagram_eval(store, d, args) == cond_holds(cond, args));
	}
	/* both ways out are real ones */
	if (d && d != DIAGRAM_FALSE && d != DIAGRAM_TRUE) {
		uint64_t args[6];

		MUST(diagram_differ(store, d, DIAGRAM_FALSE, args));
		MUST(cond_holds(cond, args));
		MUST(diagram_differ(store, d, DIAGRAM_TRUE, args));
		MUST(!cond_holds(cond, args));
	}
	diagram_store_free(store);
}

static void check_printed(const struct cond *cond, uint32_t call,
			  struct cond_pool *pool)
{
	cleanup_free char *text = condition_text(cond, ABI_X86_64, call);
	const struct cond *again[ABI_COUNT];
	struct diagram_store *store = diagram_store_new(1 << 14);
	struct diags diags = DIAGS_INIT;
	diagram a = diagram_of_cond(store, cond), b;

	if (parse(text, call, pool, again, &diags) < 0) {
		diags_print(&diags, stderr);
		fprintf(stderr, "printed: %s\n", text);
		abort();
	}
	b = diagram_of_cond(store, again[ABI_X86_64]);
	MUST(!a || !b || a == b);
	diagram_store_free(store);
	diags_free(&diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct cond *conds[ABI_COUNT] = {0};
	struct cond_pool *pool;
	struct diags diags = DIAGS_INIT;
	struct rng rng = fuzz_rng(data, size);
	uint32_t call;
	char *text;

	if (size < 2 || memchr(data + 2, '\0', size - 2))
		return 0;
	call = (uint32_t)(data[0] << 8 | data[1]) % (uint32_t)syscall_count();
	pool = cond_pool_new();
	text = fuzz_text(data + 2, size - 2);
	if (parse(text, call, pool, conds, &diags) < 0) {
		MUST(diags.n > 0);
	} else {
		MUST(diags.n == 0);
		for (int abi = 0; abi < ABI_COUNT; abi++)
			if (is_asked(conds[abi]))
				check_diagram(conds[abi], &rng);
		if (is_asked(conds[ABI_X86_64]))
			check_printed(conds[ABI_X86_64], call, pool);
	}
	diags_free(&diags);
	cond_pool_free(pool);
	free(text);
	return 0;
}
