/* A call that was seen and answered at once, as the tests' rows are made. */
#ifndef TEST_TALLY_DENIED_H
#define TEST_TALLY_DENIED_H

#include "tally/tally.h"

static inline const struct tally_row *
tally_denied(struct tally *tally, const struct event *event,
	     const struct verdict *verdict, bool ran, bool *fresh)
{
	bool unused;
	const struct tally_row *row = tally_seen(tally, event, verdict, ran,
						 fresh ? fresh : &unused);

	tally_hit(tally);
	return row;
}

#endif
