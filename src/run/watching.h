/* A traced run from CMD's first instruction to its report. */
#ifndef SANDBOX_WATCHING_H
#define SANDBOX_WATCHING_H

#include "filter/cache.h"
#include "launch/launch.h"
#include "run/learning.h"
#include "run/monitor.h"
#include "run/options.h"
#include "service/relay.h"

struct watching {
	/* to be set by the caller, borrowed */
	const struct options *options;
	const struct policy *policy;
	const struct observer *observer;
	const char *note; /* why it is not the usual observer, or NULL */
	bool permissive;
	struct relay *relay; /* shows what was denied; or NULL */
	struct learning *learning; /* or NULL: nothing is learned */

	int pidfd; /* in place: CMD's, which is still ours; else -1 */
	struct report_file *file; /* NULL: nothing is to be written */
	bool wrote_first;
	struct tally *tally;
	struct run_info info;
	char digest[POLICY_DIGEST_SIZE];
	struct monitor monitor;
};

/* Before the start: opens the report, notes the time, and writes a report file
 * for the first time.  0, or an exit status with the reason printed. */
int watching_open(struct watching *w);
/* ctx is the watching: a report file says that the command was not started. */
void watching_not_started(void *ctx);

/* CAGE_… (run/cage.h) of the process that watches, or only waits and first
 * lets CMD's exec run (starter; or NULL). */
unsigned watching_cage(const struct watching *w, const struct observer *starter);

/* Serves CMD and writes the report; CMD's wait status.  What CMD leaves behind
 * is served on by a process of its own. */
int watching_serve(struct watching *w, const struct started *started);

/* The monitor of a command that runs in its parent's place: struct launch's
 * monitor(), ctx is the watching. */
void watching_in_place(void *ctx, const struct tracee *tracee);
/* And its keep_only(). */
void watching_keep_only(void *ctx, int listener, int departure);

void watching_close(struct watching *w);

#endif
