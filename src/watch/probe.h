/* What this kernel can do for sandbox, found by trying: each probe runs in a
 * child of its own, since a filter cannot be taken off again and some probes
 * end in a signal where the answer is no. */
#pragma once

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

/* It works where both are 0. */
struct probe_result {
	int err;    /* why not */
	int signal; /* which ended the child */
};

/* In the order in which they are listed; NULL behind the last. */
const struct probe *probe_at(size_t i);
struct probe_result probe_run(const struct probe *probe);
