#include "front/guard.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/exitcode.h"
#include "base/util.h"
#include "formats/load.h"
#include "front/refuse.h"

/* What a monitor does: it hears calls and answers them, reads its tracees'
 * memory and names, follows CMD, and writes its report to a file, a terminal
 * or the journal.  It starts no program. */
static const char allowed[] =
	"read write readv writev pread64 pwrite64 close close_range dup dup2 "
	"dup3 fcntl lseek ioctl poll ppoll "
	"openat newfstatat fstat statx getdents64 readlink readlinkat access "
	"faccessat faccessat2 mkdir mkdirat rename renameat renameat2 unlink "
	"unlinkat fchmod fchown ftruncate fsync flock utimensat umask "
	"memfd_create inotify_init1 inotify_add_watch "
	"unshare setsockopt socket connect sendto sendmsg recvmsg "
	"mmap munmap mremap mprotect madvise brk "
	"futex clone clone3 set_robust_list rseq sched_yield "
	"sched_getaffinity exit exit_group wait4 waitid setsid gettid getpid "
	"getppid getuid geteuid getgid getegid "
	"kill tgkill rt_sigqueueinfo rt_sigaction rt_sigprocmask rt_sigreturn "
	"rt_sigtimedwait "
	"sigaltstack setitimer nanosleep clock_nanosleep clock_gettime "
	"gettimeofday restart_syscall prlimit64 prctl getrandom uname "
	"ptrace process_vm_readv";

int guard_prepare(struct guard *guard, bool use_cache)
{
	const struct policy_request request = {.allow = allowed};
	struct diags diags = DIAGS_INIT;

	guard->policy = policy_load(&request, &diags);
	diags_print(&diags, stderr);
	diags_free(&diags);
	if (!guard->policy)
		return refuse(xstrdup("the monitor's own policy is wrong"));
	guard->prepared = (struct prepared){
		.policy = guard->policy,
		.remembers_at_once = true,
	};
	return prepare(&guard->prepared, use_cache);
}

static uint32_t bit(int capability)
{
	return 1u << capability;
}

/* All that are kept lie in the first word. */
static int drop_privileges(const struct guard *guard)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = {0};
	uint32_t keep = bit(CAP_SYS_PTRACE) | bit(CAP_KILL);

	if (guard->writes_files)
		keep |= bit(CAP_DAC_OVERRIDE) | bit(CAP_FOWNER) |
			bit(CAP_CHOWN);
	if (syscall(SYS_capget, &header, data) < 0)
		return -1;
	data[0].permitted &= keep;
	data[0].effective &= data[0].permitted;
	data[0].inheritable = 0;
	data[1] = (struct __user_cap_data_struct){0};
	return (int)syscall(SYS_capset, &header, data);
}

static int load(const struct program *program)
{
	const struct sock_fprog fprog = {
		.len = (unsigned short)program->n,
		.filter = program->insns,
	};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			    SECCOMP_FILTER_FLAG_TSYNC, &fprog);
}

int guard_lock(void *ctx)
{
	struct guard *guard = ctx;
	uint32_t cookie[4], sign;

	if (prepared_arm(&guard->prepared, &guard->prepared.program, cookie,
			 &sign) < 0)
		return EXITCODE_SANDBOX;
	if (drop_privileges(guard) < 0)
		return refuse(xasprintf("cannot lock up the monitor: %s",
					strerror(errno)));
	if (load(&guard->prepared.program) != 0)
		return refuse(xasprintf(
			"cannot lock up the monitor: %s; is seccomp(2) denied "
			"by a filter that is already in force (a container's, "
			"SystemCallFilter=)?",
			strerror(errno)));
	return 0;
}

void guard_free(struct guard *guard)
{
	prepared_release(&guard->prepared);
	policy_free(guard->policy);
}
