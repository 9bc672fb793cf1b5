#include "tables/power.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/nearest.h"
#include "base/util.h"
#include "tables/signature.h"
#include "tables/syscall.h"

struct power_row {
	const char *name, *opens, *calls;
};

#define POWER(id, name, opens, calls) {name, opens, calls},
#define HARMLESS(calls)
static const struct power_row rows[POWER_COUNT] = {
#include "tables/power.def"
};

#undef POWER
#undef HARMLESS
#define POWER(...)
#define HARMLESS(calls) calls,
static const char *const harmless[] = {
#include "tables/power.def"
};

_Static_assert(POWER_COUNT <= 64, "more powers than a set holds");

/* The uses of all calls, by call, power and name, and where those of a call
 * begin.  Built when first asked for. */
static struct power_use *uses;
static uint16_t first[SYSCALL_ROWS + 1];
static pthread_once_t index_once = PTHREAD_ONCE_INIT;

typedef void visit_fn(const struct use *use, powers carries);

static void visit_list(const char *calls, powers carries, visit_fn *visit)
{
	struct use_list list = USE_LIST(calls);
	struct use use;

	while (use_next(&list, &use))
		if (syscall_row(use.call)) /* else the test finds it */
			visit(&use, carries);
}

static void visit_all(visit_fn *visit)
{
	for (size_t p = 0; p < POWER_COUNT; p++)
		visit_list(rows[p].calls, POWER_SET(p), visit);
	for (size_t h = 0; h < ARRAY_SIZE(harmless); h++)
		visit_list(harmless[h], 0, visit);
}

static void count(const struct use *use, powers carries)
{
	(void)carries;
	first[use->call + 1]++;
}

static bool stands_before(const struct power_use *a, powers carries,
			  const struct use *use)
{
	if (a->carries != carries)
		return a->carries < carries;
	return strcmp(a->use.label, use->label) < 0;
}

/* first[call + 1] is where the call's next use goes, until all are there.  No
 * qsort(), which makes calls that the monitor's cage denies. */
static void insert(const struct use *use, powers carries)
{
	size_t i = first[use->call + 1]++;

	for (; i > 0 && uses[i - 1].use.call == use->call &&
	       !stands_before(&uses[i - 1], carries, use);
	     i--)
		uses[i] = uses[i - 1];
	uses[i] = (struct power_use){*use, carries};
}

static void build_index(void)
{
	uint16_t n = 0;

	visit_all(count);
	for (uint32_t call = 0; call < SYSCALL_ROWS; call++) {
		uint16_t own = first[call + 1];

		first[call + 1] = n;
		n = (uint16_t)(n + own);
	}
	uses = xcalloc(n, sizeof(*uses));
	visit_all(insert);
}

const char *power_name(enum power power)
{
	return rows[power].name;
}

const char *power_opens(enum power power)
{
	return rows[power].opens;
}

int power_by_name(const char *name)
{
	for (int p = 0; p < POWER_COUNT; p++)
		if (streq(rows[p].name, name))
			return p;
	return -1;
}

const char *power_suggest(const char *name)
{
	struct nearest near = nearest_to(name);

	for (int p = 0; p < POWER_COUNT; p++)
		nearest_offer(&near, rows[p].name);
	return near.name;
}

const struct power_use *power_use_at(uint32_t call, size_t i)
{
	if (!syscall_row(call))
		return NULL;
	pthread_once(&index_once, build_index);
	i += first[call];
	return i < first[call + 1] ? &uses[i] : NULL;
}

bool power_use_named(uint32_t call, const char *label)
{
	const struct power_use *use;

	for (size_t i = 0; (use = power_use_at(call, i)); i++)
		if (use->carries && streq(use->use.label, label))
			return true;
	return false;
}

static bool is_always(const struct use *use)
{
	return !use->n && !use->rest;
}

/* Of all uses, or of those that are for any arguments. */
static powers collect(uint32_t call, bool always)
{
	const struct power_use *use;
	powers set = 0;

	if (!syscall_row(call))
		return POWER_SET(POWER_UNKNOWN);
	for (size_t i = 0; (use = power_use_at(call, i)); i++)
		if (!always || is_always(&use->use))
			set |= use->carries;
	return set;
}

powers powers_of(uint32_t call)
{
	return collect(call, false);
}

powers powers_always(uint32_t call)
{
	return collect(call, true);
}

powers powers_at(enum abi_id abi, uint32_t call, const uint64_t args[static 6])
{
	const struct power_use *use;
	powers set = 0, rest = 0;
	bool named = false;

	if (!syscall_row(call) || !signature_of(abi, call))
		return powers_of(call);
	for (size_t i = 0; (use = power_use_at(call, i)); i++) {
		if (use->use.rest) {
			rest |= use->carries;
			continue;
		}
		if (!use_holds(&use->use, args))
			continue;
		if (use->use.n && !use->carries)
			return powers_always(call);
		named |= use->use.n > 0;
		set |= use->carries;
	}
	return named ? set : set | rest;
}
