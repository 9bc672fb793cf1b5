#include "watch/probe.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arch/arch.h"
#include "base/util.h"
#include "launch/listener.h"
#include "watch/exitinfo.h"

/* A filter that allows everything; what seccomp(2) returns. */
static long load_filter(unsigned flags)
{
	struct sock_filter allow =
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = {1, &allow};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

static int sync_wake_up(void)
{
	int listener = (int)load_filter(SECCOMP_FILTER_FLAG_NEW_LISTENER);

	if (listener < 0)
		return errno;
	return ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS,
		     SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP) < 0 ? errno : 0;
}

static int action_available(uint32_t action)
{
	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) < 0
		       ? errno : 0;
}

static int kill_process(void)
{
	return action_available(SECCOMP_RET_KILL_PROCESS);
}

static int log_action(void)
{
	return action_available(SECCOMP_RET_LOG);
}

/* Stops a child that was seized, in the way that the observer does, and asks
 * what it is in. */
static int ask_seized(pid_t pid)
{
	struct __ptrace_syscall_info info;
	int status;

	if (ptrace(PTRACE_SEIZE, pid, NULL, PTRACE_O_EXITKILL) < 0 ||
	    ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) < 0)
		return errno;
	if (waitpid(pid, &status, __WALL) < 0)
		return errno;
	return ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) < 0
		       ? errno : 0;
}

static int ptrace_seize(void)
{
	pid_t pid = fork();
	int err;

	if (pid < 0)
		return errno;
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	err = ask_seized(pid);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, __WALL);
	return err;
}

/* The parent reaps the child, as CMD's does in place. */
static int exit_info(void)
{
	pid_t pid = fork();
	int pidfd, status;

	if (pid < 0)
		return errno;
	if (pid == 0)
		_exit(3);
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0 || waitpid(pid, NULL, 0) < 0 ||
	    exitinfo_get(pidfd, &status) < 0)
		return errno;
	return status == W_EXITCODE(3, 0) ? 0 : EPROTO;
}

static const struct probe probes[] = {
	{"filter", "seccomp filters without privilege", .flags = 0},
	{"kill_process", "kill the whole process", .run = kill_process},
	{"log", "allow and log", .run = log_action},
	{"log_flag", "log denials too", .flags = SECCOMP_FILTER_FLAG_LOG},
	{"tsync", "one filter for all threads",
	 .flags = SECCOMP_FILTER_FLAG_TSYNC},
	{"spec_allow", "speculation = allow",
	 .flags = SECCOMP_FILTER_FLAG_SPEC_ALLOW},
	{"user_notif", "user notification",
	 .flags = SECCOMP_FILTER_FLAG_NEW_LISTENER},
	{"wait_killable_recv", "notification: signals wait",
	 .flags = SECCOMP_FILTER_FLAG_NEW_LISTENER |
		  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV},
	{"sync_wake_up", "notification: synchronous wake-up",
	 .run = sync_wake_up},
	{"ptrace", "ptrace a child: SEIZE, GET_SYSCALL_INFO",
	 .run = ptrace_seize},
	{"exit_info", "how others' children ended (in place)",
	 .run = exit_info},
};

bool probe_at(size_t i, struct probe *probe)
{
	const size_t n = ARRAY_SIZE(probes);

	if (i < n)
		*probe = probes[i];
	else if (i - n < arch_others_n)
		*probe = (struct probe){arch_others[i - n].name,
					arch_others[i - n].title,
					.run = arch_others[i - n].run};
	return i < n + arch_others_n;
}

static void run_in_child(const struct probe *probe)
{
	const struct rlimit no_core = {0, 0};

	setrlimit(RLIMIT_CORE, &no_core);
	signal(SIGSEGV, SIG_DFL);
	signal(SIGSYS, SIG_DFL);
	alarm(10); /* whatever hangs, does not for long */
	if (probe->run)
		_exit(probe->run());
	_exit(load_filter(probe->flags) < 0 ? errno : 0);
}

struct probe_result probe_run(const struct probe *probe)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		run_in_child(probe);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return (struct probe_result){.err = errno};
	if (WIFSIGNALED(status))
		return (struct probe_result){.signal = WTERMSIG(status)};
	return (struct probe_result){
		.works = WEXITSTATUS(status) == 0,
		.err = WEXITSTATUS(status),
	};
}
