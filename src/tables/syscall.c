#include "tables/syscall.h"

#include <endian.h>

#include "base/nearest.h"
#include "base/util.h"

#define K KERNEL
#define DONE SYSCALL_ZERO_IS_DONE
#define IMPLICIT SYSCALL_IMPLICIT
#define UNFILTERED SYSCALL_UNFILTERED
#define ROW(name, n64, n32, narm, s64, s32, sarm, flags, ...)                  \
	{name, {n64, n32, narm}, {s64, s32, sarm}, flags},

const struct syscall_row syscall_rows[] = {
#include "tables/syscall.def"
};

#undef ROW
#undef UNFILTERED
#undef IMPLICIT
#undef DONE
#undef K

const uint32_t syscall_rows_n = ARRAY_SIZE(syscall_rows);
_Static_assert(ARRAY_SIZE(syscall_rows) <= SYSCALL_ROWS,
	       "more rows than sets hold");

/* From here on numbers are the same on every ABI (and new ones are added). */
enum { COMMON_FIRST = 424 };

/* Rows by number + 1: the index + 1, 0 for none.  All that have no number (-1)
 * pile up in front, and nothing reads that. */
enum { FIRST = __COUNTER__ + 1 };
#define NEXT_ROW ((__COUNTER__ - FIRST) % ARRAY_SIZE(syscall_rows) + 1)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"

static const uint16_t rows_x86_64[] = {
#define ROW(name, n64, n32, narm, ...) [n64 + 1] = NEXT_ROW,
#include "tables/syscall.def"
#undef ROW
};
static const uint16_t rows_x86[] = {
#define ROW(name, n64, n32, narm, ...) [n32 + 1] = NEXT_ROW,
#include "tables/syscall.def"
#undef ROW
};
static const uint16_t rows_aarch64[] = {
#define ROW(name, n64, n32, narm, ...) [narm + 1] = NEXT_ROW,
#include "tables/syscall.def"
#undef ROW
};
#pragma GCC diagnostic pop

static const struct {
	const uint16_t *rows;
	uint32_t last; /* number */
} by_number[ABI_COUNT] = {
	[ABI_X86_64] = {rows_x86_64, ARRAY_SIZE(rows_x86_64) - 2},
	[ABI_X86] = {rows_x86, ARRAY_SIZE(rows_x86) - 2},
	[ABI_AARCH64] = {rows_aarch64, ARRAY_SIZE(rows_aarch64) - 2},
};

/* The first letters, as a number that sorts as they do. */
static uint64_t head_of(const char *name, size_t n)
{
	uint64_t head = 0;

	memcpy(&head, name, n < sizeof(head) ? n : sizeof(head));
	return be64toh(head);
}

static uint64_t head_of_row(uint32_t i)
{
	return head_of(syscall_rows[i].name, sizeof(syscall_rows[i].name));
}

/* The first row that begins with these letters or sorts behind them. */
static uint32_t first_from(uint64_t head)
{
	uint32_t low = 0, high = ARRAY_SIZE(syscall_rows);

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (head_of_row(middle) < head)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

uint32_t syscall_by_word(const char *name, size_t n)
{
	uint64_t head = head_of(name, n);

	if (n >= SYSCALL_NAME_SIZE)
		return CALL_NONE;
	for (uint32_t i = first_from(head);
	     i < ARRAY_SIZE(syscall_rows) && head_of_row(i) == head; i++)
		if (!syscall_rows[i].name[n] &&
		    (n <= sizeof(head) ||
		     memcmp(name, syscall_rows[i].name, n) == 0))
			return i;
	return CALL_NONE;
}

uint32_t syscall_by_name(const char *name)
{
	return syscall_by_word(name, strlen(name));
}

uint32_t syscall_by_number(enum abi_id abi, uint32_t nr)
{
	uint16_t row = nr <= by_number[abi].last ? by_number[abi].rows[nr + 1]
						 : 0;

	return row ? row - 1u : CALL_RAW | nr;
}

int64_t syscall_number(uint32_t call, enum abi_id abi)
{
	const struct syscall_row *row = syscall_row(call);
	uint32_t nr = call & ~CALL_RAW;

	if (row)
		return row->nr[abi];
	if (!(call & CALL_RAW) || call == CALL_NONE)
		return -1;
	return abi_runs_on(abi, abi) || nr >= COMMON_FIRST ? (int64_t)nr : -1;
}

uint32_t syscall_last(enum abi_id abi)
{
	return by_number[abi].last;
}

/* Names that mean something here are offered before those that are real on
 * another ABI only. */
const char *syscall_suggest(const char *name)
{
	struct nearest native = nearest_to(name), any = native;

	for (size_t i = 0; i < ARRAY_SIZE(syscall_rows); i++) {
		nearest_offer(&any, syscall_rows[i].name);
		if (syscall_rows[i].nr[ABI_NATIVE] >= 0)
			nearest_offer(&native, syscall_rows[i].name);
	}
	return native.name ? native.name : any.name;
}

const char *syscall_name(uint32_t call, char buf[static 16])
{
	const struct syscall_row *row = syscall_row(call);

	if (row)
		return row->name;
	/* NR_SKIPPED, which CALL_RAW cannot be told apart from */
	if (call == CALL_NONE)
		return "-1";
	snprintf(buf, 16, "%u", call & ~CALL_RAW);
	return buf;
}
