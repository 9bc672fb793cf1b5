#include "commands/export.h"

#include <stdlib.h>

#include "base/util.h"
#include "filter/dispatch.h"
#include "formats/load.h"
#include "review/difference.h"
#include "tables/words.h"

void export_open(struct export *export, const char *kind,
		 const struct policy *policy, const char *lossy,
		 struct diags *diags)
{
	const struct verdict fallback =
		verdict_of_setting(policy, SET_DEFAULT, BY_DEFAULT);

	*export = (struct export){
		.kind = kind,
		.policy = policy,
		.at.file = policy->layers[policy->n_layers - 1]->file,
		.strict = lossy && streq(lossy, "strict"),
		.loose = lossy && streq(lossy, "loose"),
		.diags = diags,
		.store = diagram_store_new(DIAGRAM_BUDGET),
		.fallback = answer_of(&fallback, &nobody_watches),
		.n_before = diags->n,
	};
}

int export_abi(const struct export *export, uint32_t call)
{
	int abi = policy_abi_with(export->policy, call);

	return abi >= 0 && abi_counts(export->policy, abi) &&
	       !syscall_has(call, SYSCALL_UNFILTERED) ? abi : -1;
}

static diagram answer_to(struct export *export, const struct policy *policy,
			 int abi, uint32_t nr)
{
	decide_call(policy, abis[abi].audit_arch, nr, &export->decision);
	return diagram_of_decision(export->store, &export->decision, answer_of,
				   &nobody_watches);
}

diagram export_answer(struct export *export, const struct policy *policy,
		      uint32_t call)
{
	int abi = export_abi(export, call);

	return answer_to(export, policy, abi,
			 (uint32_t)syscall_number(call, abi));
}

/* The weakest or the strictest answer of the number in hand. */
static uint32_t extreme(const struct export *export, bool weakest)
{
	const struct decision *all = &export->decision;
	uint32_t found = answer_of(&all->clauses[0].verdict, &nobody_watches);

	for (size_t i = 1; i < all->n; i++) {
		uint32_t one = answer_of(&all->clauses[i].verdict, &nobody_watches);

		if (weakest ? answer_strength(one) > answer_strength(found)
			    : answer_strength(one) < answer_strength(found))
			found = one;
	}
	return found;
}

uint32_t export_one_answer(const struct export *export)
{
	return extreme(export, export->loose);
}

bool export_knows(struct export *export, uint32_t call)
{
	if (dispatch_number(syscall_text(call)) != DISPATCH_UNKNOWN)
		return true;
	reprint(&export->unknown, "%s %s",
		export->unknown ? export->unknown : "", syscall_text(call));
	export->is_weaker |= answer_strength(export->fallback) >
			     answer_strength(extreme(export, false));
	return false;
}

/* What is no call only becomes stricter: foreign ABIs are killed, and runtimes
 * may keep no privileges. */
static void tell(struct export *export, const struct difference *row)
{
	bool stricter = !has_prefix(row->what, "numbers"), weaker = false;
	struct source at = {0};

	if (row->is_call && syscall_row(row->call) && export->unknown &&
	    words_find(export->unknown, syscall_text(row->call), NULL))
		return; /* is told by export_close() */
	if (row->is_call) {
		diagram is = answer_to(export, export->said, row->abi, row->nr);
		int32_t least = answer_strength(extreme(export, false));
		int32_t most = answer_strength(extreme(export, true));

		if (answer_to(export, export->policy, row->abi, row->nr) == is) {
			export->is_quiet = true;
			return;
		}
		stricter = most <= answer_strength(extreme(export, false));
		weaker = least >= answer_strength(extreme(export, true));
		at = export->decision.clauses[0].verdict.at;
	}
	stricter = (export->strict && stricter) || (export->loose && weaker);
	at = at.file ? at : export->at;
	if (stricter)
		diag_add(&export->notes, at, "note: %s: '%s' becomes '%s'",
			 row->what, row->a, row->b);
	else
		diag_add(export->diags, at, "%s: a %s cannot say '%s', only "
			 "'%s'", row->what, export->kind, row->a, row->b);
}

void export_compare(struct export *export, const char *text)
{
	released_by(differences_free) struct differences differences = {0};
	uint32_t call;

	export->said = policy_load_text("what was written", text,
					export->policy->machine, export->diags);
	if (!export->said)
		return;
	if (differences_find(export->policy, export->said, &differences,
			     &call) < 0)
		diag_add(export->diags, export->at,
			 "it is too large to be compared");
	for (size_t i = 0; i < differences.n; i++)
		tell(export, &differences.items[i]);
}

int export_close(struct export *export)
{
	bool failed;

	if (export->is_quiet)
		diag_add(&export->notes, export->at, "note: 'quiet' is lost: "
			 "nobody is told of denials there");
	if (export->unknown)
		diag_add(export->is_weaker && !export->loose ? export->diags
							     : &export->notes,
			 export->at, "%slibseccomp %s does not know some calls, "
			 "which get the default there:%s",
			 export->is_weaker ? "" : "note: ",
			 dispatch_version((char[24]){0}), export->unknown);
	failed = export->diags->n > export->n_before;
	diags_move(export->diags, &export->notes);
	policy_free(export->said);
	free(export->unknown);
	decision_free(&export->decision);
	diagram_store_free(export->store);
	return failed ? -1 : 0;
}
