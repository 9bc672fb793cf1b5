/* What the kernel answers for a verdict: the BPF return value.
 *
 * Without an observer a denial is ERRNO.  With one it is TRACE or USER_NOTIF,
 * except what a tracer itself adds, which must hold without it; kill stays
 * KILL_PROCESS in every enforcing mode, so that nobody can disarm it. */
#ifndef SANDBOX_ANSWER_H
#define SANDBOX_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "model/decide.h"

enum watch { WATCH_NONE, WATCH_PTRACE, WATCH_NOTIFY };

struct answers {
	enum watch watch;
	bool permissive; /* ptrace: kill rules are handed over as well */
	bool count;      /* ptrace: calls that run are handed over as well */
};

uint32_t answer_of(const struct verdict *verdict,
		   const struct answers *answers);

#endif
