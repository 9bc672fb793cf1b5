#include "tables/abi.h"

#include <linux/audit.h>

#include "base/util.h"

const struct abi abis[ABI_COUNT] = {
	[ABI_X86_64] = {"x86_64", AUDIT_ARCH_X86_64, 64, ABI_X86_64},
	[ABI_X86] = {"x86", AUDIT_ARCH_I386, 32, ABI_X86_64},
	[ABI_AARCH64] = {"aarch64", AUDIT_ARCH_AARCH64, 64, ABI_AARCH64},
};

int abi_by_name(const char *name)
{
	for (int i = 0; i < ABI_COUNT; i++)
		if (streq(abis[i].name, name))
			return i;
	return -1;
}

int abi_by_audit_arch(uint32_t audit_arch)
{
	for (int i = 0; i < ABI_COUNT; i++)
		if (abis[i].audit_arch == audit_arch)
			return i;
	return -1;
}
