/* What was seen: denied calls by call, answer and rule, with hits per process
 * and the first of each; in count mode every call with its hits.
 *
 * Exact counts, never samples.  The first event of a row is decoded at once,
 * while the caller is stopped and its memory can be read. */
#ifndef SANDBOX_TALLY_H
#define SANDBOX_TALLY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "model/decide.h"
#include "tables/abi.h"
#include "launch/event.h"

struct tally_process {
	pid_t pid;     /* the process (thread group) */
	char comm[16]; /* NUL-terminated, as in /proc/PID/comm */
	uint64_t hits;
};

struct tally_row {
	int abi;         /* -1: an ABI without a row */
	bool x32;        /* an x32 number (bit 30) under x86-64 */
	uint32_t nr;     /* as the filter saw it */
	uint32_t call;   /* syscall.h; CALL_RAW | nr without a name */
	struct verdict verdict;
	bool ran;        /* permissive mode: "allowed" */
	uint64_t hits;
	struct tally_process *processes; /* in the order of their first hit */
	size_t n_processes, cap_processes;
	size_t last_process; /* index of the last one hit */
	struct {
		pid_t pid;
		char comm[16];
		double at_s;
		uint64_t ip;
		char *module; /* "libc.so.6+0x11e0b4", or NULL if unknown */
		char *args[6]; /* decoded, one text each */
		int n_args;
	} first;
};

struct tally_count {
	int abi;
	uint32_t nr, call;
	uint64_t hits;
};

struct tally;

struct tally *tally_new(struct timespec started_mono);
void tally_free(struct tally *tally);

/* A denied (or, in permissive mode, permitted) call. Returns its row; *fresh
 * tells whether the row is new, *fresh_process whether this process is new in
 * it (either may be NULL). */
const struct tally_row *tally_denied(struct tally *tally,
				     const struct event *event,
				     const struct verdict *verdict, bool ran,
				     bool *fresh, bool *fresh_process);
/* Count mode: any call. */
void tally_count(struct tally *tally, uint32_t audit_arch, uint32_t nr);

/* Forget what is known of a thread or program: see struct sink. */
void tally_exec(struct tally *tally, pid_t pid, pid_t former_tid);
void tally_gone(struct tally *tally, pid_t tid);

/* Rows by falling hits, equal hits in the order they were first seen. The
 * arrays belong to the tally and are valid until the next event. */
const struct tally_row *const *tally_rows(struct tally *tally, size_t *n);
const struct tally_count *tally_counts(struct tally *tally, size_t *n);
uint64_t tally_hits(const struct tally *tally); /* all denied calls */

#endif
