/* System calls without libc: no errno, no cancellation points, all six
 * registers.  The child of a vfork shares its parent's memory, errno included,
 * and the launch gate needs arguments that no libc wrapper passes. */
#ifndef SANDBOX_RAWCALL_H
#define SANDBOX_RAWCALL_H

#include <sys/syscall.h>

/* The kernel's own return value: -errno on failure. */
static inline long rawcall(long nr, long a, long b, long c, long d, long e,
			   long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8),
			   "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

#endif
