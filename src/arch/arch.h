/* The CPU that this program is built for.  Each has a header of its own, with
 *
 * - ARCH_ABI: its own programs' ABI (tables/abi.h);
 * - rawcall(): a system call without libc.  The kernel's own return value,
 *   -errno on failure; no errno, no cancellation points, all six registers.
 *   (The child of a vfork shares its parent's memory, errno included, and the
 *   launch gate needs arguments that no libc wrapper passes.) */
#ifndef SANDBOX_ARCH_H
#define SANDBOX_ARCH_H

#include <sys/syscall.h>

#if defined(__x86_64__)
#include "arch/x86_64.h"
#elif defined(__aarch64__)
#include "arch/aarch64.h"
#else
#error "no src/arch file for this CPU: see doc/HACKING.md for adding one"
#endif

#endif
