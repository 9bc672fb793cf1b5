/* What was seen: denied calls by call, answer and rule, with hits per process
 * and the first of each; in count mode every call with its hits.
 *
 * Exact counts, never samples.  The first event of a row is decoded at once,
 * while the caller is stopped and its memory can be read.
 *
 * Memory is bounded: days of service and millions of processes must not grow
 * a monitor.  Hits beyond TALLY_ROWS rows, or of more than TALLY_PROCESSES
 * processes in a row, or calls beyond TALLY_COUNTS, are still counted, without
 * their names. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "model/decide.h"
#include "tables/abi.h"
#include "launch/observer.h"
#include "tally/process.h"
#include "tally/uses.h"

enum { TALLY_ROWS = 2048, TALLY_PROCESSES = 128, TALLY_COUNTS = 4096 };

/* The first call of many. */
struct tally_first {
	pid_t pid; /* 0: none was seen */
	char comm[16];
	double at_s;
	uint64_t ip;
	char *module; /* "libc.so.6+0x11e0b4", or NULL if unknown; of denied
	                 calls only */
	char *args[6]; /* decoded, one text each */
	int n_args;
};

/* Hits of one call: of a denied one by answer and rule, in count mode all. */
struct tally_row {
	int abi;         /* -1: an ABI without a row */
	uint32_t nr;     /* as the filter saw it */
	uint32_t call;   /* syscall.h; CALL_RAW | nr without a name */
	size_t seq;      /* its place in the order in which rows were first seen */
	uint64_t hits;
	struct uses uses; /* of denied and learned calls, as what follows */
	struct tally_first first;
	/* of a denied call */
	struct verdict verdict;
	bool ran;        /* permissive mode: "allowed" */
	bool unseen;     /* a kill that was seen only by its SIGSYS: ABI, nr,
	                    call, args and whose verdict it was are unknown */
	struct process *processes; /* in the order of their first hit */
	size_t n_processes, cap_processes;
	size_t last_process; /* index of the last one hit; n_processes: one that
	                        has no place of its own */
	uint64_t more_hits;  /* of processes without a place of their own */
	/* of a learned one */
	program_set programs; /* whose calls they are */
	bool renames;         /* it changes a program's name */
};

struct tally_sums {
	uint64_t hits;        /* all denied calls */
	uint64_t more_hits;   /* those beyond TALLY_ROWS, part of all */
	uint64_t lost_hits;   /* that a signal took back before their answer, not
	                         part of all */
	uint64_t more_counts; /* counted calls beyond TALLY_COUNTS, in no row */
};

struct tally;

struct tally *tally_new(struct timespec started_mono);
void tally_free(struct tally *tally);

/* A denied (or, in permissive mode, permitted) call, not yet answered. Returns
 * its row, or NULL if there is no place for one; *fresh (may be NULL: it costs a
 * search) tells whether a program of this name has no hits in it yet.
 * tally_hit() counts it, once the answer has reached the caller; tally_lost()
 * counts it apart. */
const struct tally_row *tally_seen(struct tally *tally,
				   const struct event *event,
				   const struct verdict *verdict, bool ran,
				   bool *fresh);
void tally_hit(struct tally *tally);
void tally_lost(struct tally *tally);
/* That call, before it is counted: as the first of its row, or another, whose
 * caller waits.  Valid until the next one. */
const struct tally_first *tally_describe(struct tally *tally,
					 const struct tally_row *row,
					 const struct event *event);
/* CMD died of SIGSYS where an observer sees no kill: a hit of a row of its
 * own. */
void tally_killed_unseen(struct tally *tally, pid_t pid, const char *comm);
/* Count mode: any call. */
void tally_count(struct tally *tally, uint32_t audit_arch, uint32_t nr);
/* The same, learning: what it asked for, who made it, and the first one. */
void tally_learn(struct tally *tally, const struct event *event);
/* What earlier runs counted. */
void tally_learned(struct tally *tally, enum abi_id abi, uint32_t nr,
		   uint64_t hits, const struct uses *uses);

/* By falling hits: rows of denied calls that have any, equal hits in the order they
 * were first seen; those of counted calls, by ABI and number.  The arrays belong to
 * the tally and are valid until the next event. */
const struct tally_row *const *tally_rows(struct tally *tally, size_t *n);
const struct tally_row *const *tally_counts(struct tally *tally, size_t *n);
const struct tally_sums *tally_sums(const struct tally *tally);
/* One that a signal took back was denied too: the caller may have gone on. */
bool tally_has_denied(const struct tally *tally);
const struct programs *tally_programs(const struct tally *tally);
/* What all counted calls carried, and how many different ones there are. */
powers tally_powers(const struct tally *tally, size_t *calls);
