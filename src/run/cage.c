#include "run/cage.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arch/arch.h"
#include "base/proc.h"
#include "base/util.h"
#include "run/refuse.h"

/* What base.ini answers to getpgid(2), and no kernel does. */
enum { SIGN = 511 };

/* "run/cage-x86_64.inc" */
#define TEXT(name) #name
#define FILE_OF(name) TEXT(name)
#define INSTRUCTIONS FILE_OF(run/cage-ARCH_NAME.inc)

#define CAGE(pieces, begin, n)
#define I(code, jt, jf, k) {0x##code, 0x##jt, 0x##jf, 0x##k},
static const struct sock_filter instructions[] = {
#include INSTRUCTIONS
};
#undef CAGE
#undef I

#define CAGE(pieces, begin, n) [pieces] = {begin, n},
#define I(code, jt, jf, k)
static const struct {
	unsigned short begin, n;
} places[1 << CAGE_PIECES] = {
#include INSTRUCTIONS
};
#undef CAGE
#undef I

struct program cage_program(unsigned pieces)
{
	return (struct program){
		.insns = (struct sock_filter *)instructions +
			 places[pieces].begin,
		.n = places[pieces].n,
	};
}

/* Signals must reach a CMD that has changed its user, its memory be read; a
 * report file is replaced whoever it belongs to; and a relay that does not
 * trace (service/relay.h) names other senders than itself.  All lie in the first
 * word. */
static uint32_t capabilities(unsigned pieces)
{
	uint32_t kept = CAP_TO_MASK(CAP_KILL);

	if (pieces & (CAGE_NOTIFY | CAGE_PTRACE))
		kept |= CAP_TO_MASK(CAP_SYS_PTRACE);
	else if (pieces & CAGE_SOCKETS)
		kept |= CAP_TO_MASK(CAP_SYS_ADMIN) | CAP_TO_MASK(CAP_SETUID) |
			CAP_TO_MASK(CAP_SETGID);
	if (pieces & CAGE_FILES)
		kept |= CAP_TO_MASK(CAP_DAC_OVERRIDE) |
			CAP_TO_MASK(CAP_FOWNER) | CAP_TO_MASK(CAP_CHOWN);
	return kept;
}

/* Where there is nothing to drop nothing is asked of the kernel, since a
 * service's SystemCallFilter= may kill for capset(2). */
static bool drop_privileges(uint32_t kept)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct before[2], wanted[2] = {0}, now[2];

	if (!proc_privileges(before))
		return false;
	wanted[0].permitted = before[0].permitted & kept;
	wanted[0].effective = before[0].effective & wanted[0].permitted;
	if (memcmp(before, wanted, sizeof(wanted)) == 0)
		return true;
	return syscall(SYS_capset, &header, wanted) == 0 &&
	       proc_privileges(now) && memcmp(now, wanted, sizeof(now)) == 0;
}

static bool is_in_force(void)
{
	return syscall(SYS_getpgid, 0) < 0 && errno == SIGN;
}

static bool load(unsigned pieces)
{
	const struct program program = cage_program(pieces);
	const struct sock_fprog fprog = {
		.len = (unsigned short)program.n,
		.filter = program.insns,
	};

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		       SECCOMP_FILTER_FLAG_TSYNC, &fprog) == 0 &&
	       is_in_force();
}

static bool lock(unsigned pieces)
{
	/* Believed below only if it was not there before. */
	return !is_in_force() && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 &&
	       prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 &&
	       drop_privileges(capabilities(pieces)) &&
	       prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 && load(pieces);
}

int cage_lock(void *ctx)
{
	errno = 0;
	if (lock(*(const unsigned *)ctx))
		return 0;
	return refuse(xasprintf(
		"cannot protect sandbox's own process: %s; is seccomp(2), "
		"prctl(2) or capset(2) denied by a filter that is already in "
		"force (a container's, SystemCallFilter=)?",
		errno ? strerror(errno) : "it was not done"));
}
