// What libseccomp alone takes to build an allow list: libseccomp NAME...
// allows the calls named, and getpgid for the caller itself; the rest is EPERM.
// The program is exported, not loaded.
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int bad = !ctx, fd = open("/dev/null", O_WRONLY);

	/* As sandbox does: a search tree. */
	bad |= seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	for (int i = 1; i < argc; i++)
		bad |= seccomp_rule_add_exact(
			ctx, SCMP_ACT_ALLOW,
			seccomp_syscall_resolve_name(argv[i]), 0);
	bad |= seccomp_rule_add_exact(ctx, SCMP_ACT_ALLOW, SCMP_SYS(getpgid), 1,
				      SCMP_A0_32(SCMP_CMP_EQ, 0));
	bad |= seccomp_export_bpf(ctx, fd);
	return bad ? EXIT_FAILURE : EXIT_SUCCESS;
}
