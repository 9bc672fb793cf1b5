/* A learning run: what must be known before CMD starts, and the policy that is
 * written when the last of its processes has ended. */
#pragma once

#include "learn/learn.h"
#include "report/run_info.h"
#include "run/options.h"
#include "tally/tally.h"

struct learning {
	const struct options *options; /* borrowed */
	struct learn_job job;          /* with what it points at */
	struct place place;
	struct kept_files kept;
	struct seen before;
};

/* 0, or an exit status with the reason printed: another filter is in force, a
 * policy is wrong, or FILE could not be written at the end.  learning_close()
 * in both cases. */
int learning_open(struct learning *learning, const struct options *options);

/* What earlier runs saw goes into FILE.seen again. */
void learning_recall(const struct learning *learning, struct tally *tally);

/* Writes FILE, and the last line.  kept: FILE.seen has been written. */
void learning_end(struct learning *learning, const struct run_info *run,
		  struct tally *tally, bool kept);

void learning_close(struct learning *learning);
