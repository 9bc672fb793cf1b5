#include "tables/signature.h"

#include <stdlib.h>

#include "base/util.h"
#include "tables/syscall.h"
#include "tables/words.h"

struct row {
	char call[SYSCALL_NAME_SIZE];
	struct signature signature;
};

/* signature.def is read once for each table that is made of it, of the rows of
 * one macro. */
#define TAKE(call, n, ...) {call, {n, {__VA_ARGS__}}},
#define SKIP(...)
#define S32(name, type) {name, type, 32, true, false}
#define U32(name, type) {name, type, 32, false, false}
#define U16(name, type) {name, type, 16, false, false}
#define S64(name, type) {name, type, 64, true, false}
#define U64(name, type) {name, type, 64, false, false}
#define PTR(name, type) {name, type, 64, false, true}

#define SIGNATURE SKIP
#define ON_X86 SKIP
#define ON_AARCH64 SKIP
#define NOT_ON_X86(list) static const char not_on_x86[] = list;
#define SAME(list) static const char same_as[] = list;
#include "tables/signature.def"

#undef NOT_ON_X86
#undef SAME
#undef SIGNATURE
#define NOT_ON_X86 SKIP
#define SAME SKIP
#define SIGNATURE TAKE
static const struct row rows[] = {
#include "tables/signature.def"
};

#undef SIGNATURE
#undef ON_AARCH64
#define SIGNATURE SKIP
#define ON_AARCH64 TAKE
static const struct row rows_aarch64[] = {
#include "tables/signature.def"
};
#undef ON_AARCH64
#define ON_AARCH64 SKIP

/* An i386 register holds 32 bits. */
#undef S64
#undef U64
#undef PTR
#define S64(name, type) {name, type, 32, true, false}
#define U64(name, type) {name, type, 32, false, false}
#define PTR(name, type) {name, type, 32, false, true}

#undef SIGNATURE
#define SIGNATURE TAKE
static const struct row rows_32[] = {
#include "tables/signature.def"
};

#undef SIGNATURE
#undef ON_X86
#define SIGNATURE SKIP
#define ON_X86 TAKE
static const struct row rows_x86[] = {
#include "tables/signature.def"
};

static int compare_call(const void *name, const void *row)
{
	return strcmp(name, ((const struct row *)row)->call);
}

static const struct signature *find_row(const char *call,
					const struct row *table, size_t n)
{
	const struct row *row =
		bsearch(call, table, n, sizeof(*table), compare_call);

	return row ? &row->signature : NULL;
}

/* Of a table of all calls: that of the call, or of the one it is like. */
static const struct signature *find(const char *call, const struct row *table,
				    size_t n)
{
	static const struct signature nothing;
	const struct signature *own = find_row(call, table, n);
	char other[WORDS_VALUE];

	if (own || !words_find(same_as, call, other))
		return own;
	return *other ? find_row(other, table, n) : &nothing;
}

const struct signature *signature_of(enum abi_id abi, uint32_t call)
{
	const struct syscall_row *row = syscall_row(call);
	const struct signature *own = NULL;

	if (!row || row->nr[abi] < 0)
		return NULL;
	if (abi == ABI_X86)
		own = find_row(row->name, rows_x86, ARRAY_SIZE(rows_x86));
	else if (abi == ABI_AARCH64)
		own = find_row(row->name, rows_aarch64,
			       ARRAY_SIZE(rows_aarch64));
	if (own)
		return own;
	if (abi != ABI_X86)
		return find(row->name, rows, ARRAY_SIZE(rows));
	return words_find(not_on_x86, row->name, NULL)
		       ? NULL
		       : find(row->name, rows_32, ARRAY_SIZE(rows_32));
}

const struct signature *signature_any(uint32_t call)
{
	for (int abi = 0; abi < ABI_COUNT; abi++) {
		const struct signature *signature = signature_of(abi, call);

		if (signature)
			return signature;
	}
	return NULL;
}
