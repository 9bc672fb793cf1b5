/* One system call that the filter handed to an observer: the same for every
 * mechanism, so that everything behind an observer is shared. */
#ifndef SANDBOX_EVENT_H
#define SANDBOX_EVENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct event {
	pid_t tid;           /* the calling thread */
	uint32_t audit_arch; /* seccomp_data.arch */
	uint32_t nr;
	uint64_t args[6];
	uint64_t ip; /* instruction pointer behind the call */
	bool killed; /* the kernel has killed the process for it: the memory
	                can still be read, nothing can be answered */
	bool at_entry; /* seen before the filter: the kernel answers it */
};

#endif
