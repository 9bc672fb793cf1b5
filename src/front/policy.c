#include "front/policy.h"

#include "model/vacuous.h"

struct policy *front_policy(const struct policy_request *request,
			    struct diags *diags)
{
	struct policy *policy = policy_load(request, diags);

	if (policy && vacuous_check(policy, diags) < 0) {
		policy_free(policy);
		return NULL;
	}
	return policy;
}
