/* A cache entry that somebody wrote: what is loaded from it is armed and
 * proved, and only what is equal in effect passes. */
#include <string.h>

#include "base/util.h"
#include "filter/cache.h"
#include "fuzz.h"

static const struct digest key = {"6b657900000000000000000000000000"};

static void write_entry(const uint8_t *data, size_t size)
{
	static char *entry;

	if (!entry) {
		/* which makes the folder */
		MUST(cache_store(fuzz_folder(), &key, &fuzz_subject()->program));
		entry = xasprintf("%s/%s", fuzz_folder(), key.text);
	}
	fuzz_write(entry, data, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rng rng = fuzz_rng(data, size);
	struct program program;

	write_entry(data, size);
	if (!cache_load(fuzz_folder(), &key, &program)) {
		MUST(program.n == 0);
		return 0;
	}
	MUST(program.n > 0 && program.n <= PROGRAM_MAX);
	MUST(program.n * sizeof(*program.insns) == size);
	gate_arm(&program, &fuzz_subject()->gate);
	fuzz_prove(&rng, &program);
	program_free(&program);
	return 0;
}
