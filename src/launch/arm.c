#include "launch/arm.h"

#include <linux/seccomp.h>
#include <sys/prctl.h>

#include "base/exitcode.h"
#include "base/util.h"
#include "launch/failure.h"

int arm_program(const struct launch *launch, struct handshake *shared)
{
	struct program program = {
		.insns = shared->insns,
		.n = shared->fprog.len,
		.cap = ARRAY_SIZE(shared->insns),
	};
	int result;

	/* From here on nobody of the same user may read the cookie here. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return failure_print("cannot protect the launcher");
	result = launch->arm(launch->ctx, &program, shared->cookie,
			     &shared->sign);
	shared->fprog.len = (unsigned short)program.n;
	if (shared->filled < program.n)
		shared->filled = (unsigned)program.n;
	return result < 0 ? EXITCODE_SANDBOX : 0;
}

unsigned long arm_filter_flags(const struct launch *launch)
{
	unsigned long flags = launch->allow_speculation
				      ? SECCOMP_FILTER_FLAG_SPEC_ALLOW
				      : 0;

	if (launch->observer && launch->observer->filter_flags)
		flags |= launch->observer->filter_flags();
	return flags;
}
