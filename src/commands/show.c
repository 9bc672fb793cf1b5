#include "commands/show.h"

#include <stdlib.h>

#include "base/util.h"

static void add_call(struct shown_abi *shown, const struct policy *policy,
		     uint32_t nr)
{
	struct shown_call *call;

	shown->calls = grow(shown->calls, shown->n, &shown->cap,
			    sizeof(*shown->calls));
	call = &shown->calls[shown->n++];
	*call = (struct shown_call){
		.nr = nr,
		.call = syscall_by_number(shown->abi, nr),
	};
	decide_call(policy, abis[shown->abi].audit_arch, nr, &call->decision);
	call->verdict = call->decision.clauses[call->decision.n - 1].verdict;
}

/* The next number above this one that the policy names; UINT32_MAX: none. */
static uint32_t next_raw(const struct policy *policy, enum abi_id abi,
			 uint32_t above)
{
	uint32_t next = UINT32_MAX;

	for (size_t i = 0; i < policy->n_layers; i++)
		for (const struct entry *e = policy->layers[i]->raw; e;
		     e = e->next_raw) {
			int64_t nr = syscall_number(e->call, abi);

			if (nr > above && nr < next)
				next = (uint32_t)nr;
		}
	return next;
}

struct verdict shown_verdict(const struct policy *policy, uint32_t audit_arch,
			     uint32_t nr)
{
	static const uint64_t no_args[6];

	return decide(policy, audit_arch, nr, no_args);
}

void shown_fill(struct shown_abi *shown, const struct policy *policy,
		enum abi_id abi)
{
	uint32_t arch = abis[abi].audit_arch, nr;

	*shown = (struct shown_abi){.abi = abi, .last = syscall_last(abi)};
	for (nr = 0; nr <= shown->last; nr++)
		if (syscall_by_number(abi, nr) & CALL_RAW &&
		    !policy_names_raw(policy, nr)) {
			shown->has_unnamed = true;
			shown->unnamed = shown_verdict(policy, arch, nr);
		} else {
			add_call(shown, policy, nr);
		}
	for (nr = shown->last;
	     (nr = next_raw(policy, abi, nr)) != UINT32_MAX;)
		add_call(shown, policy, nr);
	for (nr = shown->last + 1; policy_names_raw(policy, nr); nr++)
		;
	shown->above = shown_verdict(policy, arch, nr);
}

void shown_free(struct shown_abi *shown)
{
	for (size_t i = 0; i < shown->n; i++)
		decision_free(&shown->calls[i].decision);
	free(shown->calls);
	*shown = (struct shown_abi){0};
}
