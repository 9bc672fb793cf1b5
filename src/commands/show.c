#include "commands/show.h"

#include <stdlib.h>

#include "base/util.h"

const char *shown_name(const struct shown_call *call, char buf[static 16])
{
	return syscall_name(call->call, buf);
}

bool shown_abi_runs(const struct policy *policy, int abi)
{
	return policy_admits(policy, abi) && abis[abi].runs_here;
}

static void add_call(struct shown_abi *shown, uint32_t nr,
		     const struct decision *decision)
{
	shown->calls = grow(shown->calls, shown->n, &shown->cap,
			    sizeof(*shown->calls));
	shown->calls[shown->n++] = (struct shown_call){
		.nr = nr,
		.call = syscall_by_number(shown->abi, nr),
		.verdict = decision->clauses[decision->n - 1].verdict,
		.conditional = decision->n > 1,
	};
}

static int compare_numbers(const void *va, const void *vb)
{
	const struct shown_call *a = va, *b = vb;

	return (a->nr > b->nr) - (a->nr < b->nr);
}

/* Raw numbers above the table that the policy names, each once. */
static void add_raw(struct shown_abi *shown, const struct policy *policy,
		    struct decision *decision)
{
	for (size_t i = 0; i < policy->n_layers; i++)
		for (const struct entry *e = policy->layers[i]->raw; e;
		     e = e->next_raw) {
			int64_t nr = syscall_number(e->call, shown->abi);
			bool known = nr <= shown->last;

			for (size_t j = 0; j < shown->n && !known; j++)
				known = shown->calls[j].nr == nr;
			if (known)
				continue;
			decide_call(policy, abis[shown->abi].audit_arch,
				    (uint32_t)nr, decision);
			add_call(shown, (uint32_t)nr, decision);
		}
	qsort(shown->calls, shown->n, sizeof(*shown->calls), compare_numbers);
}

static struct verdict verdict_of(const struct policy *policy, enum abi_id abi,
				 uint32_t nr, struct decision *decision)
{
	decide_call(policy, abis[abi].audit_arch, nr, decision);
	return decision->clauses[0].verdict;
}

void shown_fill(struct shown_abi *shown, const struct policy *policy,
		enum abi_id abi)
{
	struct decision decision = {0};
	uint32_t above;

	*shown = (struct shown_abi){.abi = abi, .last = syscall_last(abi)};
	for (uint32_t nr = 0; nr <= shown->last; nr++) {
		bool named = !(syscall_by_number(abi, nr) & CALL_RAW);

		if (!named && !policy_names_raw(policy, nr)) {
			shown->has_unnamed = true;
			shown->unnamed =
				verdict_of(policy, abi, nr, &decision);
			continue;
		}
		decide_call(policy, abis[abi].audit_arch, nr, &decision);
		add_call(shown, nr, &decision);
	}
	add_raw(shown, policy, &decision);
	for (above = shown->last + 1; policy_names_raw(policy, above); above++)
		;
	shown->above = verdict_of(policy, abi, above, &decision);
	decision_free(&decision);
}

void shown_free(struct shown_abi *shown)
{
	free(shown->calls);
	*shown = (struct shown_abi){0};
}
