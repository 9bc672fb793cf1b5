#include "tables/syscall.h"

#include <endian.h>
#include <pthread.h>

#include "base/util.h"
#include "tables/suggest.h"

#define K KERNEL
#define DONE SYSCALL_ZERO_IS_DONE
#define IMPLICIT SYSCALL_IMPLICIT
#define UNFILTERED SYSCALL_UNFILTERED
#define ROW(name, n64, n32, narm, s64, s32, sarm, flags)                       \
	{name, {n64, n32, narm}, {s64, s32, sarm}, flags},

static const struct syscall_row rows[] = {
#include "tables/syscall.def"
};

#undef ROW
#undef UNFILTERED
#undef IMPLICIT
#undef DONE
#undef K

_Static_assert(ARRAY_SIZE(rows) <= SYSCALL_ROWS, "more rows than sets hold");

/* From here on numbers are the same on every ABI (and new ones are added). */
enum { COMMON_FIRST = 424 };

/* Rows by number: the index + 1, 0 for none.  Built when first asked for. */
enum { NUMBERS = 512 };
static uint16_t by_number[ABI_COUNT][NUMBERS];
static uint32_t last[ABI_COUNT];
static pthread_once_t index_once = PTHREAD_ONCE_INIT;

static void build_index(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		for (int abi = 0; abi < ABI_COUNT; abi++) {
			int nr = rows[i].nr[abi];

			if (nr < 0 || nr >= NUMBERS)
				continue;
			by_number[abi][nr] = (uint16_t)(i + 1);
			if ((uint32_t)nr > last[abi])
				last[abi] = (uint32_t)nr;
		}
	}
}

size_t syscall_count(void)
{
	return ARRAY_SIZE(rows);
}

const struct syscall_row *syscall_row(uint32_t call)
{
	return call < ARRAY_SIZE(rows) ? &rows[call] : NULL;
}

/* The first letters, as a number that sorts as they do. */
static uint64_t head_of(const char *name, size_t n)
{
	uint64_t head = 0;

	memcpy(&head, name, n < sizeof(head) ? n : sizeof(head));
	return be64toh(head);
}

static int compare_name(const char *name, size_t n, uint64_t head,
			const struct syscall_row *row)
{
	uint64_t other = head_of(row->name, sizeof(row->name));
	int order = head < other ? -1 : head > other;

	if (!order)
		order = strncmp(name, row->name, n);
	if (!order && row->name[n])
		order = -1;
	return order;
}

uint32_t syscall_by_word(const char *name, size_t n)
{
	uint64_t head = head_of(name, n);
	uint32_t low = 0, high = ARRAY_SIZE(rows);

	while (n < SYSCALL_NAME_SIZE && low < high) {
		uint32_t middle = (low + high) / 2;
		int order = compare_name(name, n, head, &rows[middle]);

		if (!order)
			return middle;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return CALL_NONE;
}

uint32_t syscall_by_name(const char *name)
{
	return syscall_by_word(name, strlen(name));
}

uint32_t syscall_by_number(enum abi_id abi, uint32_t nr)
{
	pthread_once(&index_once, build_index);
	if (nr < NUMBERS && by_number[abi][nr])
		return by_number[abi][nr] - 1u;
	return CALL_RAW | nr;
}

int64_t syscall_number(uint32_t call, enum abi_id abi)
{
	const struct syscall_row *row = syscall_row(call);
	uint32_t nr = call & ~CALL_RAW;

	if (row)
		return row->nr[abi];
	if (!(call & CALL_RAW) || call == CALL_NONE)
		return -1;
	return abi == ABI_NATIVE || nr >= COMMON_FIRST ? (int64_t)nr : -1;
}

uint32_t syscall_last(enum abi_id abi)
{
	pthread_once(&index_once, build_index);
	return last[abi];
}

/* Names that mean something here are offered before those that are real on
 * another ABI only. */
static const char *native_name(size_t i)
{
	return rows[i].nr[ABI_NATIVE] >= 0 ? rows[i].name : NULL;
}

static const char *any_name(size_t i)
{
	return rows[i].name;
}

const char *syscall_suggest(const char *name)
{
	const char *near =
		suggest_nearest(name, ARRAY_SIZE(rows), native_name);

	return near ? near
		    : suggest_nearest(name, ARRAY_SIZE(rows), any_name);
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
