/* The ABIs a policy can admit, one row each.
 *
 * x32 is no row: it shares x86-64's audit architecture and is told apart by
 * the number (arch/x86/include/uapi/asm/unistd.h); a policy cannot admit it,
 * its calls always meet `foreign`. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "arch/arch.h"

enum abi_id { ABI_X86_64, ABI_X86, ABI_AARCH64, ABI_COUNT };

struct abi {
	const char *name;    /* as in `architectures`, libseccomp's spelling */
	uint32_t audit_arch; /* seccomp_data.arch, <linux/audit.h> */
	uint8_t bits;        /* 32 or 64: the width of an argument register */
	enum abi_id machine; /* the ABI of its machine's own programs, where
	                        this one's can run too */
};

/* The ABI this program is built for, which its machine is named by. */
#define ABI_NATIVE ARCH_ABI

/* Bit 30 marks an x32 call under AUDIT_ARCH_X86_64; everything from there up is
 * taken for one. */
#define X32_BIT 0x40000000u

/* x32's own entries of x86-64's table (execve, ioctl, …).  Linux before 5.4 ran
 * them without the bit as well, as calls that no rule for x86-64 names. */
#define X32_FIRST 512u
#define X32_LAST 547u

/* What a debugger writes into the number to skip a call (strace -e inject,
 * gdb): belongs to no ABI and runs nothing, see decide.h. */
#define NR_SKIPPED UINT32_MAX

static inline bool abi_is_x32(int abi, uint32_t nr)
{
	return abi == ABI_X86_64 && nr != NR_SKIPPED &&
	       (nr >= X32_BIT || (nr >= X32_FIRST && nr <= X32_LAST));
}

extern const struct abi abis[ABI_COUNT];

/* Can programs of this ABI run on this machine?  If not, they need no filter
 * there. */
static inline bool abi_runs_on(int abi, enum abi_id machine)
{
	return abis[abi].machine == machine;
}

/* -1 if there is none. */
int abi_by_name(const char *name);
int abi_by_audit_arch(uint32_t audit_arch);
