/* The sink of a traced run: asks decide what each call means, answers it,
 * counts it, says it (-v), and keeps a report file fresh. */
#ifndef SANDBOX_MONITOR_H
#define SANDBOX_MONITOR_H

#include <stdbool.h>

#include "model/policy.h"
#include "report/report.h"
#include "launch/observer.h"
#include "run/progress.h"
#include "service/relay.h"

struct monitor {
	const struct policy *policy;
	const struct report_format *format;
	struct report_file *file; /* or NULL: nothing to keep fresh */
	bool count;
	bool learn; /* everything runs, and all of it is learned */
	bool permissive; /* denied calls run all the same */
	bool at_once;    /* each new row goes to the file at once: the monitor may
	                    be killed together with CMD */
	bool in_place;   /* CMD is no child of ours: its stops and its end are
	                    somebody else's to follow */
	struct relay *relay; /* shows the sums; or NULL */
	bool wait; /* for the last process, not only for CMD */
	int verbose;
	struct run_info *run;
	struct tally *tally;
	struct progress progress;
	/* its own */
	struct decision decision;
	char *line;         /* -v's, of the call that waits; or NULL */
	size_t calls;       /* different ones that were denied */
	bool is_stale;      /* the file lacks something */
	bool has_new_row;   /* since the last look */
	double next_write_s; /* not before, in seconds since the start */
};

/* A sink whose ctx is the monitor. */
struct sink monitor_sink(struct monitor *monitor);

#endif
