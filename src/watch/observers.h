/* The observers there are (launch/observer.h is their interface). */
#ifndef SANDBOX_OBSERVERS_H
#define SANDBOX_OBSERVERS_H

#include "launch/observer.h"

extern const struct observer observer_ptrace;
extern const struct observer observer_notify;

/* Does a filter that is already in force hold the one listener that a process
 * tree can have?  Tried in a forked child. */
bool notify_is_busy(void);

#endif
