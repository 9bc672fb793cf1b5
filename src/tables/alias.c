#include "tables/alias.h"

#include "base/util.h"
#include "tables/syscall.h"

/* Single machines' lists, and those of all. */
enum { OF_LIBC = ABI_COUNT, OF_ANY };
#define LIBC(list) [OF_LIBC] = list,
#define FOREIGN(list) [OF_ANY] = list,
#define NATIVE(machine, list) [machine] = list,
static const char *const names[] = {
	[ABI_X86] = "", /* no machine's own */
#include "tables/alias.def"
};

bool libcname_find(const char *name, char write[WORDS_VALUE])
{
	return words_find(names[OF_LIBC], name, write);
}

/* Wider types came to 32 bits under new names, and native ones had them. */
static uint32_t without_suffix(const char *name, enum abi_id machine)
{
	static const char *const suffixes[] = {"_time64", "64", "32"};

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		uint32_t call;

		if (!has_suffix(name, suffixes[i]))
			continue;
		call = syscall_by_word(name,
				       strlen(name) - strlen(suffixes[i]));
		if (syscall_number(call, machine) >= 0)
			return call;
	}
	return CALL_NONE;
}

uint32_t native_call(uint32_t call, enum abi_id machine)
{
	const struct syscall_row *row = syscall_row(call);
	char native[WORDS_VALUE];

	if (!row || row->nr[machine] >= 0)
		return CALL_NONE;
	return words_find(names[machine], row->name, native) ||
			       words_find(names[OF_ANY], row->name, native)
		       ? syscall_by_name(native)
		       : without_suffix(row->name, machine);
}
