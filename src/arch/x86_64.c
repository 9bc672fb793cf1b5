#ifdef __x86_64__
#include "arch/arch.h"

#include <errno.h>
#include <linux/audit.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <unistd.h>

int arch_skip_call(pid_t tid, int err)
{
	if (ptrace(PTRACE_POKEUSER, tid, offsetof(struct user, regs.orig_rax),
		   -1L) < 0)
		return -1;
	return ptrace(PTRACE_POKEUSER, tid, offsetof(struct user, regs.rax),
		      (long)-err) < 0 ? -1 : 0;
}

int arch_killed_call(pid_t tid, uint32_t audit_arch, struct arch_call *call)
{
	struct user_regs_struct r;

	if (ptrace(PTRACE_GETREGS, tid, 0L, &r) < 0)
		return -1;
	*call = audit_arch == AUDIT_ARCH_I386
			? (struct arch_call){r.orig_rax,
					     {(uint32_t)r.rbx, (uint32_t)r.rcx,
					      (uint32_t)r.rdx, (uint32_t)r.rsi,
					      (uint32_t)r.rdi, (uint32_t)r.rbp}}
			: (struct arch_call){r.orig_rax,
					     {r.rdi, r.rsi, r.rdx, r.r10, r.r8,
					      r.r9}};
	return 0;
}

int arch_i386(void)
{
	const long getpid_i386 = 20;
	long ret;

	/* Where the kernel has no such door this is SIGSEGV. */
	__asm__ volatile("int $0x80"
			 : "=a"(ret)
			 : "a"(getpid_i386)
			 : "memory", "r8", "r9", "r10", "r11");
	return ret > 0 ? 0 : (int)-ret;
}

int arch_x32(void)
{
	const long x32_bit = 0x40000000;

	return syscall(x32_bit | SYS_getpid) < 0 ? errno : 0;
}

#endif
