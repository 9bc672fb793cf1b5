/* What programs did, as a line of words: "read openat:write-files
 * ioctl=TCGETS,0x5413 socket:socket-tcp:connect getpid@x86 462". */
#ifndef TEST_SEEN_FIXTURE_H
#define TEST_SEEN_FIXTURE_H

#include <stdlib.h>

#include "learn/seen.h"
#include "tables/constant.h"
#include "tables/syscall.h"

static inline uint64_t seen_value(const char *word)
{
	uint64_t value;

	if (!constant_find(word, ABI_NATIVE, &value))
		value = strtoull(word, NULL, 0);
	return value & UINT32_MAX;
}

static inline void see_word(struct seen *seen, char *word)
{
	struct seen_call call = {.abi = ABI_NATIVE, .hits = 1};
	char *values = word, *rest, *abi = word, *part;

	strsep(&values, "=");
	rest = word;
	strsep(&abi, "@");
	if (abi)
		call.abi = (enum abi_id)abi_by_name(abi);
	part = strsep(&rest, ":");
	call.call = syscall_by_name(part);
	if (call.call == CALL_NONE)
		call.call = CALL_RAW | (uint32_t)atoi(part);
	call.uses.powers = powers_always(call.call);
	while ((part = strsep(&rest, ":"))) {
		assert_true(power_by_name(part) >= 0);
		call.uses.powers |= POWER_SET(power_by_name(part));
	}
	while ((part = strsep(&values, ","))) {
		uint64_t args[6] = {0};

		args[use_selector(call.call)] = seen_value(part);
		uses_add(&call.uses, call.abi, call.call, args);
	}
	seen_add(seen, &call);
	uses_release(&call.uses);
}

static inline struct seen see(const char *words)
{
	struct seen seen = {0};
	char *copy = strdup(words), *rest = copy, *word;

	while ((word = strsep(&rest, " ")))
		see_word(&seen, word);
	free(copy);
	return seen;
}

#endif
