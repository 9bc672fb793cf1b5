/* What the kernel answers for a verdict: the BPF return value.
 *
 * Without an observer a denial is ERRNO.  With one it is TRACE or USER_NOTIF,
 * except what a tracer itself adds, which must hold without it; kill stays
 * KILL_PROCESS in every enforcing mode, so that nobody can disarm it.  Quiet
 * denials are ERRNO too, unless every call is to be counted.
 *
 * Of several filters the kernel takes the strongest answer: KILL_PROCESS,
 * KILL_THREAD, TRAP, ERRNO, USER_NOTIF, TRACE, LOG, ALLOW.  So no answer of ours
 * may be weaker than what can stand beside it: under a listener of somebody
 * else's, which may answer CONTINUE, TRACE would let denied calls run, and
 * WATCH_ENTRY leaves them ERRNO. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model/decide.h"

enum watch {
	WATCH_NONE,
	WATCH_PTRACE, /* denied calls stop (TRACE) */
	WATCH_NOTIFY, /* denied calls wait for an answer (USER_NOTIF) */
	WATCH_ENTRY,  /* every call stops before the filter sees it; denials
	                 are the kernel's */
	WATCH_EXEC,   /* CMD's exec alone is handed over (USER_NOTIF) */
};

struct answers {
	enum watch watch;
	bool permissive; /* ptrace: kill rules are handed over as well */
	bool count;      /* ptrace: calls that run are handed over as well */
};

extern const struct answers nobody_watches;

/* A leaf for diagram_of_decision(); of a struct answers. */
uint32_t answer_of(const struct verdict *verdict, const void *answers);

/* What hands a call over to whoever watches: TRACE or USER_NOTIF; 0: nobody
 * can be handed one. */
uint32_t answer_handed_over(const struct answers *answers);

/* "ERRNO": the action of a BPF return value; NULL if there is none such. */
const char *answer_name(uint32_t answer);
