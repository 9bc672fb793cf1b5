#include "model/decide.h"

#include "model/layers.h"

static bool is_foreign(const struct policy *policy, int abi, uint32_t nr)
{
	return abi < 0 || !policy_admits(policy, abi) ||
	       abi_is_x32(abi, nr);
}

static void add_number(struct writer *writer, uint32_t nr)
{
	/* CALL_RAW | nr would be another number's name */
	uint32_t call = nr & CALL_RAW ? CALL_NONE
				      : syscall_by_number(writer->abi, nr);

	if (syscall_has(call, SYSCALL_UNFILTERED)) {
		add_implicit(writer);
		return;
	}
	if (!add_multiplexed(writer, nr, call))
		add_call(writer, call);
	if (writer->policy->tracer_rules)
		insert_tracer_rules(writer, call);
}

void decide_call(const struct policy *policy, uint32_t audit_arch, uint32_t nr,
		 struct decision *out)
{
	struct writer writer = {.policy = policy, .out = out};
	int abi = abi_by_audit_arch(audit_arch);

	out->n = 0;
	arena_reset(&out->conds);
	if (nr == NR_SKIPPED) {
		add_implicit(&writer);
	} else if (is_foreign(policy, abi, nr)) {
		writer_add(&writer, NULL,
			   verdict_of_setting(policy, SET_FOREIGN, BY_FOREIGN));
	} else {
		writer.abi = (enum abi_id)abi;
		add_number(&writer, nr);
	}
}

struct verdict decide(const struct policy *policy, uint32_t audit_arch,
		      uint32_t nr, const uint64_t args[static 6])
{
	struct decision list = {0};
	struct verdict verdict;

	decide_call(policy, audit_arch, nr, &list);
	verdict = decision_at(&list, args);
	decision_free(&list);
	return verdict;
}
