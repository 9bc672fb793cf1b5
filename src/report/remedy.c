#include "report/remedy.h"

#include <errno.h>
#include <stdlib.h>

#include "base/util.h"
#include "formats/condition.h"
#include "model/power_cond.h"
#include "report/report_words.h"
#include "review/check.h"
#include "review/equivalent.h"
#include "tables/syscall.h"

static bool has_ini(const struct policy *policy)
{
	bool has = !policy;

	for (size_t i = 0; policy && i < policy->n_layers; i++)
		has |= policy->layers[i]->is_ini;
	return has;
}

/* What would do it, whatever else came of it. */
static enum remedy plain_remedy(const struct tally_row *row,
				const struct run_info *run)
{
	const struct verdict *verdict = &row->verdict;
	const struct policy *policy = run->policy;

	if (row->unseen)
		return REMEDY_LOOK;
	if (verdict->final &&
	    (verdict->rule || !policy ||
	     verdict->final != policy->layers[policy->n_layers - 1]))
		return REMEDY_FINAL;
	switch (verdict->kind) {
	case BY_RULE:
	case BY_GROUP:
		/* a rule of a file has a line, one of --deny and --allow none */
		if (verdict->at.file && !verdict->at.line)
			return REMEDY_UNTYPE;
		/* A rule that names the call comes before one that names a group
		 * with it, in the same file too. */
		return verdict->kind == BY_GROUP ? REMEDY_NAME : REMEDY_LAYER;
	case BY_FOREIGN:
		return row->abi < 0 || abi_is_x32(row->abi, row->nr) ||
				       row->nr == NR_SKIPPED
			       ? REMEDY_BUILD
			       : REMEDY_ABI;
	default:
		return run->n_policies && has_ini(policy) ? REMEDY_NAME
							  : REMEDY_OPTION;
	}
}

/* Those that open the call itself. */
static bool opens(enum remedy kind)
{
	return kind <= REMEDY_FINAL;
}

char *row_fallback(const struct tally_row *row, const struct run_info *run)
{
	if (!run->policy || row->abi < 0 || row->unseen ||
	    row->verdict.action != ACTION_DENY || row->verdict.err != ENOSYS)
		return NULL;
	return opening_fallback(run->policy, (enum abi_id)row->abi, row->call);
}

/* Has the outermost file an `if` for the call?  Beside it a line that allows the
 * call outright would be a mistake; several `if` are alternatives. */
static bool has_condition(const struct policy *policy, uint32_t call)
{
	const struct entry *entry =
		policy ? layer_entries(policy->layers[policy->n_layers - 1],
				       call)
		       : NULL;

	for (; entry; entry = entry->next)
		if (entry->rule->action == ACTION_ALLOW &&
		    entry->cond != cond_always)
			return true;
	return false;
}

/* "openat = if flags & O_WRITES == 0": the call with these powers only; NULL:
 * that is nothing, or all of it.  All of it beside an `if`: what gives a power. */
static char *part_of(const struct policy *policy, const struct tally_row *row,
		     powers only)
{
	released_by(arena_free) struct arena arena = ARENA_INIT;
	const struct cond *cond = power_cond(&arena, row->call, only);
	cleanup_free char *words = NULL;

	if (!cond && has_condition(policy, row->call))
		cond = cond_not(&arena, power_cond(&arena, row->call, 0));
	if (!cond || cond == &cond_never)
		return NULL;
	words = condition_text(cond, (enum abi_id)row->abi, row->call);
	return xasprintf("%s = if %s", row_name(row), words);
}

/* The powers that were used of a call, or of one that does the same: to close
 * half of two doors is a hole. */
static powers used(const struct tally_row *const *rows, size_t n,
		   const struct tally_row *row)
{
	const powers own = powers_of(row->call);
	powers set = 0;

	if (!syscall_row(row->call)) /* a number without a name does as nothing else */
		return row->uses.powers & own;
	for (size_t i = 0; own && i < n; i++)
		if (rows[i]->call == row->call ||
		    (rows[i]->uses.powers & own &&
		     equivalent_calls(rows[i]->call, row->call)))
			set |= rows[i]->uses.powers;
	return set & own;
}

/* The hole keeps its row from being proposed, or all but what makes it one. */
static void withhold(struct row_remedy *remedy, const struct tally_row *row,
		     const struct finding *hole)
{
	powers left = remedy->powers & ~POWER_SET(POWER_TERMINAL_INPUT);
	char *part = remedy->kind == REMEDY_NAME &&
				     hole->kind == FINDING_TERMINAL
			     ? part_of(NULL, row, left)
			     : NULL;
	cleanup_free char *rule = row_rule(row);

	free(remedy->text);
	if (part)
		*remedy = (struct row_remedy){REMEDY_NARROW, part, left};
	else if (hole->kind == FINDING_EQUIVALENT && row->verdict.rule)
		*remedy = (struct row_remedy){REMEDY_HOLE, xasprintf(
			"%s denies other calls that do the same.  Allow all of "
			"them or none", rule), 0};
	else
		*remedy = (struct row_remedy){REMEDY_HOLE,
					      xstrdup(hole->text), 0};
}

/* One round: false if all that is left may be proposed. */
static bool withhold_holes(const struct policy *policy,
			   struct row_remedy *remedies,
			   const struct tally_row *const *rows, size_t n)
{
	powers only[SYSCALL_ROWS] = {0};
	released_by(findings_free) struct findings holes = {0};
	released_by(calls_free) struct calls calls = {0};
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		if (!opens(remedies[i].kind))
			continue;
		calls_add(&calls, rows[i]->call);
		if (syscall_row(rows[i]->call))
			only[rows[i]->call] |= remedies[i].powers;
	}
	if (calls.n)
		opening_holes(policy, &calls, only, &holes);
	for (size_t i = 0; i < holes.n; i++)
		for (size_t j = 0; j < n; j++)
			if (opens(remedies[j].kind) &&
			    calls_has(&holes.items[i].calls, rows[j]->call)) {
				withhold(&remedies[j], rows[j],
					 &holes.items[i]);
				any = true;
			}
	return any;
}

struct row_remedy *remedies_find(const struct run_info *run,
				 const struct tally_row *const *rows, size_t n)
{
	struct row_remedy *remedies = xcalloc(n, sizeof(*remedies));

	for (size_t i = 0; i < n; i++) {
		struct row_remedy *remedy = &remedies[i];

		remedy->text = row_fallback(rows[i], run);
		remedy->kind = remedy->text ? REMEDY_NONE
					    : plain_remedy(rows[i], run);
		if (!opens(remedy->kind))
			continue;
		/* Under [allow] it opens no more powers than were used; elsewhere
		 * there is no place for a condition. */
		remedy->powers = used(rows, n, rows[i]);
		if (remedy->kind == REMEDY_NAME && rows[i]->abi >= 0)
			remedy->text = part_of(run->policy, rows[i],
					       remedy->powers);
		if (!remedy->text)
			remedy->powers = powers_of(rows[i]->call);
	}
	while (run->policy && withhold_holes(run->policy, remedies, rows, n))
		;
	return remedies;
}

void remedies_free(struct row_remedy *remedies, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(remedies[i].text);
	free(remedies);
}

char *remedy_words(const struct row_remedy *remedy, const struct tally_row *row)
{
	const char *name = row_name(row);

	switch (remedy->kind) {
	case REMEDY_NAME:
	case REMEDY_NARROW:
		return remedy->text ? xstrdup(remedy->text)
				    : xasprintf("syscalls = %s", name);
	case REMEDY_OPTION:
	case REMEDY_LAYER:
		return xasprintf("--allow %s", name);
	case REMEDY_ABI:
		return xasprintf("architectures = native %s", row_abi(row));
	default:
		return NULL;
	}
}
