#include "filter/answer.h"

#include <linux/seccomp.h>

static uint32_t handed_over(const struct answers *answers)
{
	return answers->watch == WATCH_NOTIFY ? SECCOMP_RET_USER_NOTIF
					      : SECCOMP_RET_TRACE;
}

static uint32_t answer_running(const struct verdict *verdict,
			       const struct answers *answers)
{
	if (answers->count)
		return handed_over(answers);
	return verdict->action == ACTION_LOG ? SECCOMP_RET_LOG
					     : SECCOMP_RET_ALLOW;
}

uint32_t answer_of(const struct verdict *verdict, const struct answers *answers)
{
	uint32_t in_kernel = verdict->action == ACTION_KILL
				     ? SECCOMP_RET_KILL_PROCESS
				     : SECCOMP_RET_ERRNO | (uint32_t)verdict->err;

	if (action_runs(verdict->action))
		return answer_running(verdict, answers);
	if (answers->watch == WATCH_NONE || verdict->kind == BY_TRACER)
		return in_kernel;
	if (verdict->action == ACTION_KILL && !answers->permissive)
		return in_kernel;
	return handed_over(answers);
}
