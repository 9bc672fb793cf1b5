#include "report/remedy.h"

#include <errno.h>
#include <stdlib.h>

#include "base/util.h"
#include "report/row.h"
#include "review/opening.h"

/* A rule of a file has a line, one of --deny and --allow none. */
static enum remedy rule_remedy(const struct tally_row *row)
{
	const struct rule *rule = row->verdict.rule;

	if (row_source(row).file && !row_source(row).line)
		return REMEDY_UNTYPE;
	if (rule && rule->layer && rule->layer->settings[SET_FINAL].value)
		return REMEDY_FINAL;
	/* A rule that names the call comes before one that names a group with
	 * it, in the same file too. */
	return row->verdict.kind == BY_GROUP ? REMEDY_NAME : REMEDY_LAYER;
}

static enum remedy foreign_remedy(const struct tally_row *row)
{
	return row->abi < 0 || row->x32 || row->nr == NR_SKIPPED
		       ? REMEDY_BUILD
		       : REMEDY_ABI;
}

/* What would do it, whatever else came of it. */
static enum remedy plain_remedy(const struct tally_row *row,
				const struct run_info *run)
{
	if (row->unseen)
		return REMEDY_LOOK;
	switch (row->verdict.kind) {
	case BY_RULE:
	case BY_GROUP:
		return rule_remedy(row);
	case BY_FOREIGN:
		return foreign_remedy(row);
	default:
		return run->n_policies ? REMEDY_NAME : REMEDY_OPTION;
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

/* "ptrace runs: it can …"; of one call among several that a rule denies, what
 * would be no hole. */
static char *reason(const struct tally_row *row, const struct finding *hole)
{
	cleanup_free char *rule = row_rule(row);

	return hole->kind == FINDING_EQUIVALENT && row->verdict.rule
		       ? xasprintf("%s.  Allow all of them or none (%s)",
				   hole->text, rule)
		       : xstrdup(hole->text);
}

/* The hole keeps its row from being proposed. */
static void withhold(struct row_remedy *remedy, const struct tally_row *row,
		     const struct finding *hole)
{
	const char *narrower = finding_narrower[hole->kind];

	if (remedy->kind == REMEDY_NAME && narrower)
		*remedy = (struct row_remedy){REMEDY_NARROW,
					      xstrdup(narrower)};
	else
		*remedy = (struct row_remedy){REMEDY_HOLE, reason(row, hole)};
}

static bool withhold_call(struct row_remedy *remedies,
			  const struct tally_row *const *rows, size_t n,
			  uint32_t call, const struct finding *hole)
{
	bool any = false;

	for (size_t i = 0; i < n; i++)
		if (rows[i]->call == call && opens(remedies[i].kind)) {
			withhold(&remedies[i], rows[i], hole);
			any = true;
		}
	return any;
}

/* One round: false if all that is left may be proposed. */
static bool withhold_holes(const struct policy *policy,
			   struct row_remedy *remedies,
			   const struct tally_row *const *rows, size_t n)
{
	struct findings holes = FINDINGS_INIT;
	struct calls_list calls = {0};
	bool any = false;

	for (size_t i = 0; i < n; i++)
		if (opens(remedies[i].kind))
			calls_list_add(&calls, rows[i]->call);
	if (calls.n)
		opening_holes(policy, &calls, &holes);
	for (size_t i = 0; i < holes.n; i++)
		for (size_t j = 0; j < holes.items[i].calls.n; j++)
			any |= withhold_call(remedies, rows, n,
					     holes.items[i].calls.items[j],
					     &holes.items[i]);
	findings_free(&holes);
	free(calls.items);
	return any;
}

struct row_remedy *remedies_find(const struct run_info *run,
				 const struct tally_row *const *rows, size_t n)
{
	struct row_remedy *remedies = xcalloc(n, sizeof(*remedies));

	for (size_t i = 0; i < n; i++) {
		char *fallback = row_fallback(rows[i], run);

		remedies[i] = fallback
				      ? (struct row_remedy){REMEDY_NONE,
							    fallback}
				      : (struct row_remedy){
						plain_remedy(rows[i], run),
						NULL};
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
	char buf[16];
	const char *name = call_name(row->abi, row->nr, row->call, buf);

	switch (remedy->kind) {
	case REMEDY_NAME:
		return xasprintf("syscalls = %s", name);
	case REMEDY_OPTION:
	case REMEDY_LAYER:
		return xasprintf("--allow %s", name);
	case REMEDY_NARROW:
		return xstrdup(remedy->text);
	case REMEDY_ABI:
		return xasprintf("architectures = native %s",
				 call_abi(row->abi, row->nr));
	default:
		return NULL;
	}
}
