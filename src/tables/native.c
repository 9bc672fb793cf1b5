#include "tables/native.h"

#include "base/util.h"
#include "tables/syscall.h"

#define ROW(name, native) {name, native},

const struct native_row native_rows[] = {
#include "tables/native.def"
};

#undef ROW

const size_t native_rows_n = ARRAY_SIZE(native_rows);

/* Wider types came to 32 bits under new names, and native ones had them. */
static uint32_t without_suffix(const char *name)
{
	static const char *const suffixes[] = {"_time64", "64", "32"};

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		uint32_t call;

		if (!has_suffix(name, suffixes[i]))
			continue;
		call = syscall_by_word(name,
				       strlen(name) - strlen(suffixes[i]));
		if (syscall_number(call, ABI_NATIVE) >= 0)
			return call;
	}
	return CALL_NONE;
}

uint32_t native_call(uint32_t call)
{
	const struct syscall_row *row = syscall_row(call);

	if (!row || row->nr[ABI_NATIVE] >= 0)
		return CALL_NONE;
	for (size_t i = 0; i < native_rows_n; i++)
		if (streq(native_rows[i].name, row->name))
			return syscall_by_name(native_rows[i].native);
	return without_suffix(row->name);
}
