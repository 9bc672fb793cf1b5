/* The sink of a traced run: asks decide what each call means, answers it,
 * counts it, says it (-v), and keeps a report file fresh. */
#pragma once

#include <stdbool.h>

#include "filter/cache.h"
#include "launch/observer.h"
#include "report/report.h"
#include "run/learning.h"
#include "run/options.h"
#include "service/relay.h"

/* What a learning run has seen so far, for a person at a terminal: a line while
 * something new comes, ever fewer while nothing does. */
struct progress {
	bool is_on;
	double due_s, gap_s; /* of the next line; 0: there was none yet */
	double new_s;        /* when something new was seen */
	size_t calls;        /* that were told */
	powers powers;
};

struct watching {
	/* to be set by the caller, borrowed */
	const struct options *options;
	const struct policy *policy;
	const struct observer *observer;
	const char *note; /* why it is not the usual observer, or NULL */
	struct relay *relay; /* shows what was denied; or NULL */
	struct learning *learning; /* or NULL: nothing is learned */

	int pidfd; /* in place: CMD's, which is still ours; else -1 */
	struct report_file *file; /* NULL: nothing is to be written */
	bool keeps_fresh;         /* and that while CMD runs */
	bool wrote_first;
	struct tally *tally;
	struct run_info info;
	struct digest digest;

	/* the sink's */
	int verbose;
	bool shows_sums; /* by the relay */
	struct progress progress;
	struct decision decision;
	bool streams;       /* denials go to the report at once */
	char *line;         /* -v's, of the call that waits; or NULL */
	char *event;        /* the stream's, likewise */
	size_t calls;       /* different ones that were denied */
	bool is_stale;      /* the file lacks something */
	bool has_new_row;   /* since the last look */
	double next_write_s; /* not before, in seconds since the start */
};

/* A sink whose ctx is the watching. */
struct sink monitor_sink(struct watching *watching);
