/* One call at a time: what the policy says of it, gate included, asked in the
 * plainest way. */
#ifndef TEST_PROBE_H
#define TEST_PROBE_H

#include <linux/seccomp.h>
#include <string.h>

#include "filter/answer.h"
#include "filter/gate.h"
#include "model/decide.h"

static inline bool with_cookie(const struct gate *gate,
			       const struct seccomp_data *data)
{
	const uint32_t *c = gate->cookie;

	if (data->arch != abis[ABI_NATIVE].audit_arch ||
	    data->args[4] != ((uint64_t)c[1] << 32 | c[0]) ||
	    data->args[5] != ((uint64_t)c[3] << 32 | c[2]))
		return false;
	for (size_t i = 0; i < gate_calls_n; i++)
		if ((uint32_t)data->nr == gate_calls[i].nr)
			return gate->calls & gate_calls[i].bit;
	return false;
}

static inline uint32_t right_answer(const struct policy *policy,
				    const struct answers *answers,
				    const struct gate *gate,
				    const struct seccomp_data *data)
{
	uint64_t args[6];
	struct verdict verdict;

	if (with_cookie(gate, data))
		return SECCOMP_RET_ALLOW;
	memcpy(args, data->args, sizeof(args));
	verdict = decide(policy, data->arch, (uint32_t)data->nr, args);
	return answer_of(&verdict, answers);
}

#endif
