/* CMD in sandbox's own process; a tracer, if any, is a process beside it that
 * is nobody's child, so that CMD never meets it in wait(2).  Room-internal. */
#pragma once

#include "launch/child.h"

/* Signals are blocked, child is filled in.  Returns only if it failed, an exit
 * status with the reason printed. */
int launch_in_place(struct child *child);
