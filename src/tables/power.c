#include "tables/power.h"

#include <pthread.h>

#include "base/arena.h"
#include "base/util.h"
#include "tables/signature.h"
#include "tables/syscall.h"

/* By power, and behind them the harmless ones. */
#define POWER(id, name, opens, calls) [POWER_##id] = {name, opens, calls},
#define HARMLESS(calls) {NULL, NULL, calls},
static const struct {
	const char *name, *opens, *calls;
} rows[] = {
#include "tables/power.def"
};

_Static_assert(POWER_COUNT <= 64, "more powers than a set holds");

/* Of each call by power and name, built when first asked for. */
static struct power_use *uses[SYSCALL_ROWS];
static pthread_once_t uses_once = PTHREAD_ONCE_INIT;

/* Once, though more than one group has it.  No qsort(), which makes calls that
 * the monitor's cage denies. */
static void add_use(const struct use *use, powers carries)
{
	static struct arena memory;
	struct power_use **at = &uses[use->call], *new;
	int order = -1;

	for (; *at; at = &(*at)->next) {
		order = strcmp((*at)->use.label, use->label);
		if ((*at)->carries > carries ||
		    ((*at)->carries == carries && order >= 0))
			break;
	}
	if (*at && (*at)->carries == carries && order == 0)
		return;
	new = arena_alloc(&memory, sizeof(*new));
	*new = (struct power_use){*use, carries, *at};
	*at = new;
}

static void add_list(const char *calls, powers carries)
{
	struct use use;

	for_uses (calls, &use)
		if (syscall_row(use.call)) /* else the test finds it */
			add_use(&use, carries);
}

static void build_uses(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		add_list(rows[i].calls, i < POWER_COUNT ? POWER_SET(i) : 0);
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

const struct power_use *power_uses(uint32_t call)
{
	pthread_once(&uses_once, build_uses);
	return syscall_row(call) ? uses[call] : NULL;
}

bool power_use_named(uint32_t call, const char *label)
{
	for (const struct power_use *use = power_uses(call); use;
	     use = use->next)
		if (use->carries && streq(use->use.label, label))
			return true;
	return false;
}

/* Of all uses, or of those that are for any arguments. */
static powers collect(uint32_t call, bool always)
{
	powers set = 0;

	if (!syscall_row(call))
		return POWER_SET(POWER_UNKNOWN);
	for (const struct power_use *use = power_uses(call); use;
	     use = use->next)
		if (!always || (!use->use.n && !use->use.rest))
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
	powers set = 0, rest = 0;
	bool named = false;

	if (!syscall_row(call) || !signature_of(abi, call))
		return powers_of(call);
	for (const struct power_use *use = power_uses(call); use;
	     use = use->next) {
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
