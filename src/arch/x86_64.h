/* x86-64, whose kernels run i386 programs too (and x32's, as foreign ones). */
#pragma once

#define ARCH_ABI ABI_X86_64
#define ARCH_NAME x86_64
#define ARCH_PROBES                                                            \
	{"abi_x86", "programs of the i386 ABI (x86)", .run = arch_i386},       \
	{"abi_x32", "programs of the x32 ABI", .run = arch_x32},

int arch_i386(void);
int arch_x32(void);

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
