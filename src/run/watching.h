/* A traced run from CMD's first instruction to its report. */
#pragma once

#include "launch/launch.h"
#include "run/monitor.h"

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

/* Was a call denied, one that a signal took back included, or can nobody tell
 * any more?  --permissive: would one have been? */
bool watching_has_denied(const struct watching *w);

/* The monitor of a command that runs in its parent's place: struct launch's
 * monitor(), ctx is the watching. */
void watching_in_place(void *ctx, const struct tracee *tracee);
/* And its keep_only(). */
void watching_keep_only(void *ctx, int listener, int departure);

void watching_close(struct watching *w);
