#include "filter/answer.h"

#include <linux/seccomp.h>
#include <stddef.h>

#include "base/util.h"

const struct answers nobody_watches = {.watch = WATCH_NONE};

/* To whom calls go, and whether denied ones do; 0: nobody. */
static const struct {
	uint32_t action;
	bool denials;
} watches[] = {
	[WATCH_NONE] = {0, false},
	[WATCH_PTRACE] = {SECCOMP_RET_TRACE, true},
	[WATCH_NOTIFY] = {SECCOMP_RET_USER_NOTIF, true},
	[WATCH_ENTRY] = {0, false},
	[WATCH_EXEC] = {SECCOMP_RET_USER_NOTIF, false},
};

uint32_t answer_handed_over(const struct answers *answers)
{
	return watches[answers->watch].action;
}

uint32_t answer_of(const struct verdict *verdict, const void *how)
{
	const struct answers *answers = how;
	bool traced = watches[answers->watch].denials;
	bool kills = verdict->action == ACTION_KILL;

	if (action_runs(verdict->action)) {
		if (answers->count && traced)
			return answer_handed_over(answers);
		return verdict->action == ACTION_LOG ? SECCOMP_RET_LOG
						     : SECCOMP_RET_ALLOW;
	}
	if (verdict->kind == BY_TRACER)
		traced &= verdict->told;
	else if (answers->permissive && (answers->watch == WATCH_ENTRY ||
					 (verdict->quiet && !answers->count)))
		return SECCOMP_RET_ALLOW;
	else
		traced &= verdict->quiet ? answers->count
					 : !kills || answers->permissive;
	if (traced)
		return answer_handed_over(answers);
	return kills ? SECCOMP_RET_KILL_PROCESS
		     : SECCOMP_RET_ERRNO | (uint32_t)verdict->err;
}

const char *answer_name(uint32_t answer)
{
	static const struct {
		uint32_t action;
		const char *name;
	} names[] = {
		{SECCOMP_RET_KILL_PROCESS, "KILL_PROCESS"},
		{SECCOMP_RET_KILL_THREAD, "KILL_THREAD"},
		{SECCOMP_RET_TRAP, "TRAP"},
		{SECCOMP_RET_ERRNO, "ERRNO"},
		{SECCOMP_RET_USER_NOTIF, "USER_NOTIF"},
		{SECCOMP_RET_TRACE, "TRACE"},
		{SECCOMP_RET_LOG, "LOG"},
		{SECCOMP_RET_ALLOW, "ALLOW"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].action == (answer & SECCOMP_RET_ACTION_FULL))
			return names[i].name;
	return NULL;
}
