/* What a report says of the run as a whole; filled by the front end. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#include "model/policy.h"

enum run_mode { RUN_ENFORCE, RUN_PERMISSIVE, RUN_COUNT, RUN_LEARN };

struct run_info {
	char *const *command;  /* argv of CMD, borrowed */
	const char **policies; /* as typed with -p, borrowed; may be empty */
	size_t n_policies;
	const struct policy *policy; /* borrowed; NULL: nothing to ask */
	const char *policy_digest; /* of its files as they are; NULL: of none */
	enum run_mode mode;
	bool permissive; /* denied calls ran; with RUN_COUNT too */
	const char *tracer; /* "notify" or "ptrace" */
	const char *note;   /* why it is not the usual one, or NULL */
	pid_t pid;          /* CMD's; 0: not yet known */
	struct timespec started;      /* CLOCK_REALTIME */
	struct timespec started_mono; /* CLOCK_MONOTONIC: the origin of at_s */
	bool ended;      /* wait_status is valid; else the run goes on */
	bool is_last;    /* the last report that this process writes */
	int wait_status; /* waitpid(2)'s */
	bool not_started; /* nothing of the command was executed */
	bool gone; /* all of it has ended; if not `ended`, nobody could tell how
	              CMD did */
	bool kills_unseen; /* the policy kills, and but for CMD's own death the
	                      tracer does not see it */
	bool unheard; /* processes go on, and what they are denied will be in no
	                 report */
	int fail_denied; /* sandbox's status if a call was denied; or 0 */
	bool failed; /* the tracer, and CMD was killed */
	double duration_s;
	unsigned earlier_filters; /* seccomp filters that were already in force
	                             when sandbox started: their denials are
	                             not in the report */
};

/* Does the command run, as far as this report knows?  A monitor that was killed
 * leaves RUN_GOES_ON behind. */
enum run_state { RUN_GOES_ON, RUN_ENDED, RUN_NOT_STARTED };

static inline enum run_state run_state(const struct run_info *run)
{
	if (run->not_started)
		return RUN_NOT_STARTED;
	return run->ended || run->gone ? RUN_ENDED : RUN_GOES_ON;
}
