/* A call's name, and on the next line a condition of it: what it says of a call
 * is what its diagram says, and what it prints means the same. */
#include <string.h>

#include "base/util.h"
#include "model/diagram.h"
#include "formats/condition.h"
#include "fuzz.h"

static int parse(const char *text, uint32_t call, struct arena *pool,
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

static void check_printed(const struct cond *cond, enum abi_id abi,
			  uint32_t call, struct arena *pool)
{
	cleanup_free char *text = condition_text(cond, abi, call);
	const struct cond *again[ABI_COUNT];
	struct diagram_store *store = diagram_store_new(1 << 14);
	struct diags diags = DIAGS_INIT;
	diagram a = diagram_of_cond(store, cond), b;

	if (parse(text, call, pool, again, &diags) < 0) {
		diags_print(&diags, stderr);
		fprintf(stderr, "printed: %s\n", text);
		abort();
	}
	b = diagram_of_cond(store, again[abi]);
	MUST(!a || !b || a == b);
	diagram_store_free(store);
	diags_free(&diags);
}

/* Any name is one of a call's: what is tried are conditions. */
static uint32_t some_call(const char *name)
{
	uint32_t call = syscall_by_name(name), sum = 0;

	if (call != CALL_NONE)
		return call;
	while (*name)
		sum = sum * 31 + (unsigned char)*name++;
	return sum % (uint32_t)syscall_count();
}

static void try_condition(const char *text, uint32_t call, struct rng *rng)
{
	const struct cond *conds[ABI_COUNT] = {0};
	struct arena arena = ARENA_INIT, *pool = &arena;
	struct diags diags = DIAGS_INIT;

	if (parse(text, call, pool, conds, &diags) < 0) {
		MUST(diags.n > 0);
	} else {
		MUST(diags.n == 0);
		for (int abi = 0; abi < ABI_COUNT; abi++)
			if (is_asked(conds[abi]))
				check_diagram(conds[abi], rng);
		/* as it would be shown: for the first ABI that has the call */
		for (int abi = 0; abi < ABI_COUNT; abi++) {
			if (syscall_number(call, (enum abi_id)abi) < 0)
				continue;
			if (is_asked(conds[abi]))
				check_printed(conds[abi], (enum abi_id)abi,
					      call, pool);
			break;
		}
	}
	diags_free(&diags);
	arena_free(pool);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rng rng = fuzz_rng(data, size);
	char *text = fuzz_text(data, size), *condition = strchr(text, '\n');

	/* The reader of files lets neither through. */
	if (condition && !memchr(data, '\0', size) &&
	    !strchr(condition + 1, '\n')) {
		*condition++ = '\0';
		try_condition(condition, some_call(text), &rng);
	}
	free(text);
	return 0;
}
