/* One call at a time: what the policy says of it, gate included, asked in the
 * plainest way. */
#ifndef TEST_PROBE_H
#define TEST_PROBE_H

#include <linux/seccomp.h>
#include <string.h>

#include "filter/answer.h"
#include "filter/gate.h"
#include "model/decide.h"

static inline bool with_cookie(enum abi_id machine, const struct gate *gate,
			       const struct seccomp_data *data)
{
	const uint32_t *c = gate->cookie;

	if (data->arch != abis[machine].audit_arch ||
	    data->args[4] != ((uint64_t)c[1] << 32 | c[0]) ||
	    data->args[5] != ((uint64_t)c[3] << 32 | c[2]))
		return false;
	for (size_t i = 0; i < gate_calls_n; i++)
		if ((uint32_t)data->nr == gate_calls[i].nr[machine])
			return gate->calls & gate_calls[i].bit;
	return false;
}

/* execve with the mark of the launch; *answer is what it gets. */
static inline bool with_mark(enum abi_id machine,
			     const struct answers *answers,
			     const struct gate *gate,
			     const struct seccomp_data *data, uint32_t *answer)
{
	if (!(gate->calls & GATE_SIGN) ||
	    data->arch != abis[machine].audit_arch ||
	    (uint32_t)data->nr != gate_calls[0].nr[machine] ||
	    data->args[4] != LAUNCH_MARK)
		return false;
	*answer = SECCOMP_RET_ERRNO | gate->sign;
	if ((uint32_t)data->args[3] == LAUNCH_SIGN)
		return true;
	*answer = answer_handed_over(answers);
	return gate->calls & GATE_HAND_OVER;
}

static inline uint32_t right_answer(const struct policy *policy,
				    const struct answers *answers,
				    const struct gate *gate,
				    const struct seccomp_data *data)
{
	uint64_t args[6];
	struct verdict verdict;
	uint32_t answer;

	if (with_mark(policy->machine, answers, gate, data, &answer))
		return answer;
	if (with_cookie(policy->machine, gate, data))
		return SECCOMP_RET_ALLOW;
	memcpy(args, data->args, sizeof(args));
	verdict = decide(policy, data->arch, (uint32_t)data->nr, args);
	return answer_of(&verdict, answers);
}

#endif
