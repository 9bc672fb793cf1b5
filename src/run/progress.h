/* What a learning run has seen so far, for a person at a terminal: a line while
 * something new comes, ever fewer while nothing does. */
#ifndef SANDBOX_PROGRESS_H
#define SANDBOX_PROGRESS_H

#include "tally/tally.h"

struct progress {
	bool is_on;
	double due_s, gap_s; /* of the next line; 0: there was none yet */
	double new_s;        /* when something new was seen */
	size_t calls;        /* that were told */
	powers powers;
};

void progress_say(struct progress *progress, const struct tally *tally,
		  double now_s);

#endif
