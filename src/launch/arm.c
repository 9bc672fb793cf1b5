#include "launch/arm.h"

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
