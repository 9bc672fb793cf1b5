/* The CPU that this program is built for.  Each has a header of its own, with
 *
 * - ARCH_ABI: its own programs' ABI (tables/abi.h), and ARCH_NAME, its name;
 * - rawcall(): a system call without libc.  The kernel's own return value,
 *   -errno on failure; no errno, no cancellation points, all six registers.
 *   (The child of a vfork shares its parent's memory, errno included, and the
 *   launch gate needs arguments that no libc wrapper passes.)
 * - ARCH_PROBES: rows of watch/probe.h for other ABIs that it may run;
 *
 * and a .c file with what is declared here. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/types.h>

#if defined(__x86_64__)
#include "arch/x86_64.h"
#elif defined(__aarch64__)
#include "arch/aarch64.h"
#else
#error "no src/arch file for this CPU: see doc/HACKING.md for adding one"
#endif

/* The tracee stands at a system call's entry: the call is skipped and returns
 * -err.  0 or -1 with errno. */
int arch_skip_call(pid_t tid, int err);

/* What a tracee that the kernel kills for a call called; it stands at its exit
 * (PTRACE_EVENT_EXIT), its registers as they were at the entry.  audit_arch is
 * the call's ABI.  0 or -1 with errno. */
struct arch_call {
	uint64_t nr, args[6];
};
int arch_killed_call(pid_t tid, uint32_t audit_arch, struct arch_call *call);
