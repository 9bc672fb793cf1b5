/* The observers there are (launch/observer.h is their interface). */
#pragma once

#include "launch/observer.h"

extern const struct observer observer_ptrace;
extern const struct observer observer_notify;
/* ptrace where another listener is in force: denials are the kernel's own, and
 * every call stops on its way to it. */
extern const struct observer observer_entries;
/* No tracer: lets CMD's exec through where the policy denies it, with a listener
 * that is closed when CMD has started. */
extern const struct observer observer_exec;

/* Does the kernel have what notify takes? */
bool notify_is_available(void);
/* Can this process tree have a listener, or may a filter that is already in
 * force hold the one there can be?  Tried in a forked child. */
bool notify_is_free(void);
