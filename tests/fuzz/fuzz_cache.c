/* A cache entry that somebody wrote: what is loaded from it is armed and
 * proved, and only what is equal in effect passes.  If the first byte is odd,
 * the header is put right, so that more than headers is tried. */
#include <string.h>

#include "base/util.h"
#include "filter/cache.h"
#include "fuzz.h"

static const struct key key = {{'k', 'e', 'y'}};

/* Magic, key, number of instructions. */
enum { HEADER = 8 + sizeof(key) + 8 };

static char *entry;

/* The magic is the cache's own business: ask it. */
static void find_entry(uint8_t magic[static 8])
{
	FILE *f;

	MUST(cache_store(fuzz_folder(), &key, &fuzz_subject()->program));
	/* named after its key, in hexadecimal */
	entry = xasprintf("%s/6b6579%026d", fuzz_folder(), 0);
	f = fopen(entry, "re");
	MUST(f && fread(magic, 1, 8, f) == 8);
	fclose(f);
}

static void repair(uint8_t *bytes, size_t size, const uint8_t magic[static 8])
{
	uint64_t n = (size - HEADER) / sizeof(struct sock_filter);

	memcpy(bytes, magic, 8);
	memcpy(bytes + 8, &key, sizeof(key));
	memcpy(bytes + 8 + sizeof(key), &n, sizeof(n));
}

static void write_entry(const uint8_t *data, size_t size)
{
	static uint8_t magic[8];
	uint8_t *bytes;

	if (!entry)
		find_entry(magic);
	bytes = (uint8_t *)fuzz_text(data + 1, size - 1);
	if (data[0] & 1 && size > HEADER)
		repair(bytes, size - 1, magic);
	fuzz_write(entry, bytes, size - 1);
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rng rng = fuzz_rng(data, size);
	struct program program;

	if (!size)
		return 0;
	write_entry(data, size);
	if (!cache_load(fuzz_folder(), &key, &program)) {
		MUST(program.n == 0);
		return 0;
	}
	MUST(program.n > 0 && program.n <= PROGRAM_MAX);
	MUST(HEADER + program.n * sizeof(*program.insns) == size - 1);
	gate_arm(&program, &fuzz_subject()->gate);
	fuzz_prove(&rng, &program);
	program_free(&program);
	return 0;
}
