/* Observers: the mechanisms that see the calls a filter hands over.  Only the
 * interface is here, so that a launch can drive what it does not know; they
 * themselves are in watch/.
 *
 * One mechanism, one file, one constant table of functions.  An observer
 * fills events and carries out replies; what a call means is the sink's
 * business.  "No observer" is a NULL pointer. */
#ifndef SANDBOX_OBSERVER_H
#define SANDBOX_OBSERVER_H

#include <stdbool.h>
#include <sys/types.h>

#include "launch/event.h"

/* What becomes of a call.  An observer that only listens (one that is told of
 * denials after the kernel has answered them) drops the reply. */
struct reply {
	bool runs; /* let it through */
	int err;   /* else: what it answers, 0-511 */
};

/* Where events go.  The functions run in the observer's thread, with the
 * calling thread stopped. */
struct sink {
	struct reply (*call)(void *ctx, const struct event *event);
	/* A process became another program (comm changes) or a thread ended
	 * (its tid may be used again). */
	void (*exec)(void *ctx, pid_t pid, pid_t former_tid);
	void (*gone)(void *ctx, pid_t tid);
	/* CMD itself was stopped by this signal (job control). */
	void (*stopped)(void *ctx, int sig);
	/* CMD itself ended, with this wait status; others may go on. */
	void (*ended)(void *ctx, int status);
	/* Called now and then, at least once a second while something is
	 * unreported: the place to refresh a report file. */
	void (*tick)(void *ctx);
	void *ctx;
};

struct observer {
	const char *name; /* "ptrace", as in --trace= and the report */
	/* In the parent, while the child waits before its filter: take hold
	 * of it.  0, or -1 with errno set: the command must not be started. */
	int (*attach)(pid_t child);
	/* After attach, when the child was let go: serves it until it has become
	 * CMD (true) or has ended (false; it is reaped and *status is its wait
	 * status). */
	bool (*await_exec)(pid_t child, int *status);
	/* Serves the whole process tree until its last process has gone;
	 * returns CMD's wait status (waitpid(2)). When CMD itself stops,
	 * sink->stopped is told. */
	int (*run)(pid_t child, const struct sink *sink);
};

#endif
