#include "learn/wanted.h"

#include <stdlib.h>

#include "base/util.h"
#include "formats/condition.h"
#include "model/power_cond.h"
#include "review/equivalent.h"
#include "review/survey.h"
#include "tables/group.h"
#include "tables/signature.h"
#include "tables/syscall.h"

/* More single values of a selector are no list that people read. */
enum { VALUES_LIMIT = 16, HARMLESS_LIMIT = 32 };

struct finding_wanted {
	const struct seen *seen;
	const struct wanted_how *how;
	struct wanted_list *list;
	powers allowed; /* those used of what may be opened */
};

/* -------------------------------------------------------------------- the list */

/* Behind those of calls, and of their powers, that come before it. */
static void add(struct finding_wanted *f, uint32_t call,
		const struct cond *cond, powers opens)
{
	struct wanted_list *list = f->list;
	struct wanted *at;

	if (cond == &cond_never)
		return;
	at = &push(list->wanted, list->n, list->cap);
	for (; at > list->wanted &&
	       (at[-1].call > call ||
		(at[-1].call == call && at[-1].opens > opens)); at--)
		*at = at[-1];
	*at = (struct wanted){call, cond, opens};
}

static bool is_there(const struct finding_wanted *f, uint32_t call)
{
	for (size_t i = 0; i < f->list->n; i++)
		if (f->list->wanted[i].call == call)
			return true;
	return false;
}

/* Can a policy name it, and say anything by that? */
static bool has_rules(uint32_t call)
{
	if (syscall_row(call))
		return !syscall_has(call, SYSCALL_IMPLICIT | SYSCALL_UNFILTERED);
	return (call & ~CALL_RAW) <= CALL_RAW_LAST &&
	       !abi_is_x32(ABI_NATIVE, call & ~CALL_RAW);
}

/* May it be made, on an ABI that counts? */
static bool is_of_use(const struct finding_wanted *f, uint32_t call)
{
	if (call == syscall_by_name("clone3") || !has_rules(call))
		return false;
	if (syscall_number(call, ABI_NATIVE) >= 0)
		return true;
	for (size_t i = 0; i < f->seen->n; i++)
		if (syscall_number(call, f->seen->calls[i].abi) >= 0)
			return true;
	return false;
}

/* ------------------------------------------------------------------- by powers */

static void add_by_powers(struct finding_wanted *f, uint32_t call,
			  powers allowed)
{
	struct arena *arena = &f->list->arena;
	const struct cond *all = power_cond(arena, call, allowed);
	powers opens = powers_of(call) & allowed;

	/* of one power, or of several that no argument tells apart */
	if (!f->how->by_power || !all || !(opens & (opens - 1)) ||
	    use_selector(call) >= 0) {
		add(f, call, all, opens);
		return;
	}
	for_powers (p, opens)
		add(f, call, power_cond(arena, call, POWER_SET(p)), POWER_SET(p));
}

/* ------------------------------------------------------------------- by values */

/* Of the floor. */
static const struct cond *floor_values(struct arena *arena, uint32_t call)
{
	const struct cond *any = &cond_never;
	struct use use;

	for_uses (floor_uses, &use)
		if (use.call == call)
			any = cond_or(arena, use_cond(arena, &use), any);
	return any;
}

/* What no power needs; where that is too much to be read (prctl), what is of the
 * floor. */
static const struct cond *harmless_values(struct arena *arena, uint32_t call)
{
	const struct cond *any = &cond_never;
	size_t n = 0;

	for (const struct power_use *use = power_uses(call); use;
	     use = use->next)
		if (use->use.n && !use->carries && !use->use.never) {
			any = cond_or(arena, use_cond(arena, &use->use), any);
			n++;
		}
	return n > HARMLESS_LIMIT ? floor_values(arena, call) : any;
}

static powers carried(uint32_t call, uint64_t value)
{
	uint64_t args[6] = {0};

	args[use_selector(call)] = value;
	return powers_at(ABI_NATIVE, call, args);
}

/* Those seen that carry this power before others (-1: none, behind those that
 * need none; without by_power: all). */
static void add_values(struct finding_wanted *f, const struct seen_call *call,
		       const struct cond *harmless, int power)
{
	struct arena *arena = &f->list->arena;
	const struct cond *any = power < 0 ? harmless : &cond_never;
	uint8_t arg = (uint8_t)use_selector(call->call);
	uint8_t bits = signature_of(ABI_NATIVE, call->call)->args[arg].bits;
	powers opens = 0;

	for (unsigned i = 0; i < call->uses.n_values; i++) {
		uint64_t value = call->uses.values[i], args[6] = {0};
		powers carries = carried(call->call, value);
		int first = __builtin_ffsll((long long)carries) - 1;
		const struct cond test = {.kind = COND_TEST, .arg = arg,
					  .bits = bits, .value = value,
					  .mask = width_mask(bits)};

		args[arg] = value;
		if ((f->how->by_power && first != power) ||
		    cond_holds(harmless, args))
			continue;
		opens |= carries;
		any = cond_or(arena, cond_test(arena, test), any);
	}
	add(f, call->call, any, opens);
}

/* ------------------------------------------------------------------------ what */

/* Its uses, without the values that carry what may not be opened. */
static void join(struct finding_wanted *f, struct uses *all,
		 const struct seen_call *call)
{
	all->more_values |= call->uses.more_values;
	for (unsigned i = 0; i < call->uses.n_values; i++)
		if (!(carried(call->call, call->uses.values[i]) & ~f->allowed))
			uses_add_value(all, call->uses.values[i]);
}

static void add_seen(struct finding_wanted *f, uint32_t call)
{
	struct seen_call all = {.call = call};
	struct uses *uses = &all.uses;
	const struct cond *harmless = &cond_never;

	/* of all ABIs, which policies do not tell apart */
	for (size_t i = 0; i < f->seen->n; i++)
		if (f->seen->calls[i].call == call)
			join(f, uses, &f->seen->calls[i]);
	if (use_selector(call) < 0 || !uses->n_values ||
	    uses->n_values > VALUES_LIMIT || uses->more_values) {
		add_by_powers(f, call, f->allowed);
	} else {
		if (!f->how->exact && !(powers_always(call) & ~f->allowed))
			harmless = harmless_values(&f->list->arena, call);
		for (int p = -1; p < (f->how->by_power ? POWER_COUNT : 0); p++)
			add_values(f, &all, harmless, p);
	}
	uses_release(uses);
}

static void add_others(struct finding_wanted *f, struct calls *others,
		       powers allowed)
{
	for (size_t i = 0; i < others->n; i++)
		if (is_of_use(f, others->items[i]) &&
		    !is_there(f, others->items[i]))
			add_by_powers(f, others->items[i], allowed);
	free(others->items);
}

/* Calls of @runtime, and what belongs beside it; none of it opens anything. */
static void add_floor(struct finding_wanted *f)
{
	struct calls floor = {0};
	struct use use;

	calls_add_group(&floor, group_find("@runtime"));
	floor_add(&floor);
	add_others(f, &floor, 0);
	for_uses (floor_uses, &use)
		if (!is_there(f, use.call))
			add(f, use.call, floor_values(&f->list->arena, use.call),
			    0);
}

powers wanted_powers(const struct seen *seen, const struct wanted_how *how)
{
	uint32_t clone3 = syscall_by_name("clone3");
	powers used = 0;

	for (size_t i = 0; i < seen->n; i++)
		if (seen->calls[i].call != clone3)
			used |= seen->calls[i].uses.powers;
	return used & how->allowed;
}

void wanted_find(const struct seen *seen, const struct wanted_how *how,
		 struct wanted_list *list)
{
	struct finding_wanted f = {
		.seen = seen,
		.how = how,
		.list = list,
		.allowed = wanted_powers(seen, how),
	};
	struct calls siblings = {0};

	*list = (struct wanted_list){0};
	for (size_t i = 0; i < seen->n; i++) {
		uint32_t call = seen->calls[i].call;

		if (syscall_number(call, seen->calls[i].abi) >= 0 &&
		    is_of_use(&f, call) && !is_there(&f, call))
			add_seen(&f, call);
		if (!how->exact)
			siblings_add(call, &siblings);
	}
	if (how->exact)
		return;
	add_others(&f, &siblings, f.allowed);
	add_floor(&f);
}

void wanted_release(struct wanted_list *list)
{
	arena_free(&list->arena);
	free(list->wanted);
	*list = (struct wanted_list){0};
}

/* ------------------------------------------------------- what a policy lacks */

/* A condition that an ABI cannot ask denies there, whatever is written. */
static bool lacks_on(struct survey *survey, enum abi_id abi, int abis_too,
		     const struct wanted *wanted)
{
	struct diagram_store *store = survey->store;
	uint32_t call = wanted->call;

	survey->abi = abi;
	if (syscall_number(call, abi) < 0)
		return false;
	if (!policy_admits(survey->policy, abi))
		return syscall_number(call, ABI_NATIVE) < 0 &&
		       abis_too >> abi & 1;
	if (!abi_counts(survey->policy, abi) ||
	    (wanted->cond && !signature_of(abi, call)))
		return false;
	/* what is too large to be compared is not said to be there */
	return diagram_and(store, diagram_of_cond(store, wanted->cond),
			   diagram_not(store, survey_runs(survey, call))) !=
	       DIAGRAM_FALSE;
}

void lack_find(const struct policy *policy, const struct wanted_list *wanted,
	       int abis_too, struct wanted_list *lacking)
{
	released_by(survey_close) struct survey survey;

	*lacking = (struct wanted_list){0};
	survey_open(&survey, policy, NULL);
	for (size_t i = 0; i < wanted->n; i++) {
		int abi = 0;

		while (abi < ABI_COUNT &&
		       !lacks_on(&survey, (enum abi_id)abi, abis_too,
				 &wanted->wanted[i]))
			abi++;
		if (abi < ABI_COUNT)
			push(lacking->wanted, lacking->n, lacking->cap) =
				wanted->wanted[i];
	}
}

/* What more a line of the file can allow of it; &cond_never: nothing. */
static const struct cond *more_of(const struct wanted *wanted,
				  const struct entry *own, struct arena *arena,
				  struct survey *survey)
{
	struct diagram_store *store = survey->store;
	const struct cond *there = &cond_never, *refused = &cond_never, *more;
	diagram lacks;

	for (; own; own = own->next) {
		const struct cond *cond = own->cond[survey->abi];

		/* lines of the same file cannot go against that */
		if (rule_refuses(own->rule) && (own->rule->group || !cond))
			return &cond_never;
		if (rule_refuses(own->rule))
			refused = cond_or(arena, cond, refused);
		else if (own->rule->action == ACTION_ALLOW)
			there = cond_or(arena, cond, there);
	}
	more = cond_not(arena, there);
	lacks = diagram_and(store, diagram_of_cond(store, wanted->cond),
			    diagram_of_cond(store, cond_and(
				    arena, more, cond_not(arena, refused))));
	lacks = diagram_and(store, lacks, diagram_not(store, survey_runs(
						  survey, wanted->call)));
	if (lacks == DIAGRAM_FALSE)
		return &cond_never;
	return wanted->cond ? wanted->cond : more;
}

void lack_for_file(const struct policy *policy, struct arena *arena,
		   struct wanted_list *lacking)
{
	const struct layer *layer = policy->layers[policy->n_layers - 1];
	released_by(survey_close) struct survey survey;
	size_t n = 0;

	survey_open(&survey, policy, NULL);
	for (size_t i = 0; i < lacking->n; i++) {
		struct wanted wanted = lacking->wanted[i];

		survey.abi = syscall_number(wanted.call, ABI_NATIVE) >= 0
				     ? ABI_NATIVE
				     : (enum abi_id)condition_abi(wanted.call,
								  ~0u);
		wanted.cond = more_of(&wanted,
				      layer_entries(layer, wanted.call), arena,
				      &survey);
		if (wanted.cond != &cond_never)
			lacking->wanted[n++] = wanted;
	}
	lacking->n = n;
}
