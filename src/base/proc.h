/* /proc, and whether it is the one to look into. */
#ifndef SANDBOX_PROC_H
#define SANDBOX_PROC_H

#include <stdbool.h>

/* Is it there, and of this process's PID namespace?  Another namespace's (a
 * container that kept its parent's) has other processes under our numbers.
 * Looked up once; async-signal-safe. */
bool proc_is_ours(void);

#endif
