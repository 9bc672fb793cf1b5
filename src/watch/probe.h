/* What this kernel can do for sandbox, found by trying: each probe runs in a
 * child of its own, since a filter cannot be taken off again and some probes
 * end in a signal where the answer is no. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct probe {
	const char *name;  /* "user_notif": a member of JSON */
	const char *title; /* for people */
	const char *without; /* what sandbox does where it is missing, or NULL */
	/* In the child: 0, or the errno of the failure.  NULL: try(what). */
	int (*run)(void);
	int (*try)(uint32_t what);
	uint32_t what;
};

struct probe_result {
	bool works;
	int err;    /* why not; 0 if a signal ended the child */
	int signal; /* which */
};

/* In the order in which they are listed; NULL behind the last. */
const struct probe *probe_at(size_t i);
struct probe_result probe_run(const struct probe *probe);
