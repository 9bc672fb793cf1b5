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

/* The uses of all calls: those of each call are a list, by power and name.
 * Numbers are places in the array + 1, 0 ends a list.  Built when first asked
 * for. */
static struct listed_use {
	struct power_use use;
	uint16_t next;
} *uses;
static uint16_t first[SYSCALL_ROWS];
static pthread_once_t index_once = PTHREAD_ONCE_INIT;

static bool stands_before(const struct power_use *a, const struct use *use,
			  powers carries)
{
	if (a->carries != carries)
		return a->carries < carries;
	return strcmp(a->use.label, use->label) < 0;
}

/* Once, though more than one group has it.  No qsort(), which makes calls that
 * the monitor's cage denies. */
static void add_use(const struct use *use, powers carries)
{
	static size_t n, cap;
	uint16_t *at = &first[use->call];

	uses = grow(uses, n, &cap, sizeof(*uses));
	while (*at && stands_before(&uses[*at - 1].use, use, carries))
		at = &uses[*at - 1].next;
	if (*at && uses[*at - 1].use.carries == carries &&
	    streq(uses[*at - 1].use.use.label, use->label))
		return;
	uses[n] = (struct listed_use){{*use, carries}, *at};
	*at = (uint16_t)++n;
}

static void add_list(const char *calls, powers carries)
{
	struct use_list list = USE_LIST(calls);
	struct use use;

	while (use_next(&list, &use))
		if (syscall_row(use.call)) /* else the test finds it */
			add_use(&use, carries);
}

static void build_index(void)
{
	for (size_t p = 0; p < POWER_COUNT; p++)
		add_list(rows[p].calls, POWER_SET(p));
	for (size_t h = 0; h < ARRAY_SIZE(harmless); h++)
		add_list(harmless[h], 0);
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
	uint16_t at;

	if (!syscall_row(call))
		return NULL;
	pthread_once(&index_once, build_index);
	for (at = first[call]; at && i; i--)
		at = uses[at - 1].next;
	return at ? &uses[at - 1].use : NULL;
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
