/* Observers: the mechanisms that see the calls a filter hands over.  Only the
 * interface is here, so that a launch can drive what it does not know; they
 * themselves are in watch/.
 *
 * One mechanism, one file, one constant table of functions.  An observer
 * fills events and carries out replies; what a call means is the sink's
 * business.  "No observer" is a NULL pointer. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "filter/answer.h"

/* One system call that the filter handed over: the same for every mechanism, so
 * that everything behind an observer is shared. */
struct event {
	pid_t tid;           /* the calling thread */
	uint32_t audit_arch; /* seccomp_data.arch */
	uint32_t nr;
	uint64_t args[6];
	uint64_t ip; /* instruction pointer behind the call */
	bool killed; /* the kernel has killed the process for it: the memory
	                can still be read, nothing can be answered */
	bool at_entry; /* seen before the filter: the kernel answers it */
};

/* What becomes of a call.  An observer that only listens (one that is told of
 * denials after the kernel has answered them) drops the reply. */
struct reply {
	bool runs; /* let it through */
	int err;   /* else: what it answers, 0-511 */
	bool kills; /* and the caller dies of it: a kill rule that was not left
	               to the kernel */
};

/* Where events go, one at a time.  call() runs with the calling thread
 * stopped. */
struct sink {
	struct reply (*call)(void *ctx, const struct event *event);
	/* The reply to the event before has reached its caller, or (false) the
	 * caller has been interrupted by a signal and makes the call again or
	 * gets EINTR. */
	void (*answered)(void *ctx, bool reached);
	/* CMD itself was stopped by this signal (job control). */
	void (*stopped)(void *ctx, int sig);
	/* CMD itself ended, with this wait status; not called where nobody can
	 * tell.  True: go on until the last process of its tree has ended;
	 * asked only where that is a choice. */
	bool (*ended)(void *ctx, int status);
	/* The observer cannot do its work any more, errno says why; what
	 * becomes of CMD is in `what`, a whole clause with static storage. */
	void (*failed)(void *ctx, const char *what);
	/* Called now and then, at least once a second while something is
	 * unreported: the place to refresh a report file. */
	void (*tick)(void *ctx);
	void *ctx;
};

/* What a launch hands to an observer. */
struct tracee {
	pid_t pid;    /* CMD */
	int listener; /* seccomp user notification's descriptor, or -1 */
	/* in place: not 0 once CMD could not be executed; else NULL */
	const _Atomic int *failed;
	int pidfd; /* CMD's, where it is no child of ours (exitinfo.h); or -1 */
	/* With a listener, between the child's filter and its exec: how often it
	 * has begun to exec, each of which may run once, ... */
	const _Atomic uint32_t *execs;
	int departure; /* ... and a pipe that hangs up when it has become CMD or
	                  has ended */
};

struct observer {
	const char *name; /* "ptrace", as in --trace= and the report */
	enum watch watch; /* what it makes of denials (filter/answer.h) */
	unsigned tracer_rules; /* ADD_…: how CMD could get round it */
	bool sees_kills;    /* which call the kernel killed for */
	bool waits_for_all; /* run() goes on until the last process has ended,
	                       whoever made it */
	/* Flags of seccomp(2) that CMD's filter is loaded with; may be NULL.
	 * With NEW_LISTENER the descriptor comes through the file table that
	 * the child shares with its parent until its exec. */
	unsigned long (*filter_flags)(void);
	/* In the parent, while the child waits before its filter: take hold
	 * of it.  0, or -1 with errno set: the command must not be started.
	 * May be NULL. */
	int (*attach)(pid_t child);
	/* After attach, when the child was let go: serves it until it has become
	 * CMD, lets its execs run meanwhile, and nothing else.  False: it has
	 * ended, *status is its wait status, and it is reaped, or killed where
	 * it cannot be waited for.  An observer with a listener is asked only
	 * where exec is handed over; to it an end is a departure too (true). */
	bool (*await_exec)(const struct observer *self,
			   const struct tracee *child, int *status);
	/* Serves the process tree; returns CMD's wait status (waitpid(2)) when
	 * CMD has ended and either the last process of its tree has too, or
	 * sink->ended() did not want to wait for it: then *lives_on, which is
	 * false before, becomes true.  NULL: it serves until the last of the
	 * tree has ended, in any process that holds the listener, and returns
	 * nothing of use. */
	int (*run)(const struct observer *self, const struct tracee *tracee,
		   const struct sink *sink, bool *lives_on);
};
