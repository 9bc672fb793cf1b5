#ifdef __aarch64__
#include "arch/arch.h"

#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

/* A 32-bit tracee's registers have half the width: the kernel says how much it
 * has written. */
union regs {
	uint64_t x[34]; /* x0 to x30, sp, pc, pstate */
	uint32_t r[18]; /* r0 to r15, cpsr, and r0 as it was at the entry */
};

static int transfer(enum __ptrace_request request, pid_t tid, long set,
		    struct iovec *part)
{
	return ptrace(request, tid, set, part) < 0 ? -1 : 0;
}

/* x0 is argument and result at once. */
int arch_skip_call(pid_t tid, int err)
{
	int none = -1;
	struct iovec number = {&none, sizeof(none)};
	union regs regs;
	struct iovec part = {&regs, sizeof(regs)};

	if (transfer(PTRACE_SETREGSET, tid, NT_ARM_SYSTEM_CALL, &number) < 0 ||
	    transfer(PTRACE_GETREGSET, tid, NT_PRSTATUS, &part) < 0)
		return -1;
	if (part.iov_len == sizeof(regs.r))
		regs.r[0] = (uint32_t)-err;
	else
		regs.x[0] = (uint64_t)-(int64_t)err;
	return transfer(PTRACE_SETREGSET, tid, NT_PRSTATUS, &part);
}

/* The number of NT_ARM_SYSTEM_CALL is gone by then (forget_syscall()). */
int arch_killed_call(pid_t tid, uint32_t audit_arch, struct arch_call *call)
{
	union regs regs;
	struct iovec part = {&regs, sizeof(regs)};
	bool is_32;

	(void)audit_arch;
	if (transfer(PTRACE_GETREGSET, tid, NT_PRSTATUS, &part) < 0)
		return -1;
	is_32 = part.iov_len == sizeof(regs.r);
	call->nr = is_32 ? regs.r[7] : (uint32_t)regs.x[8];
	for (int i = 0; i < 6; i++)
		call->args[i] = is_32 ? regs.r[i] : regs.x[i];
	return 0;
}

int arch_arm(void)
{
	return personality(PER_LINUX32) < 0 ? errno : 0;
}

#endif
