#include "watch/probe.h"

#include <errno.h>
#include <limits.h>
#include <linux/close_range.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "arch/arch.h"
#include "base/util.h"
#include "launch/listener.h"
#include "watch/exitinfo.h"

/* What seccomp(2) returns. */
static long load(struct sock_filter *insns, unsigned short n, unsigned flags)
{
	struct sock_fprog program = {n, insns};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

/* A filter that allows everything. */
static long load_filter(unsigned flags)
{
	struct sock_filter allow =
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);

	return load(&allow, 1, flags);
}

static int sync_wake_up(void)
{
	int listener = (int)load_filter(SECCOMP_FILTER_FLAG_NEW_LISTENER);

	if (listener < 0)
		return errno;
	return ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS,
		     SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP) < 0 ? errno : 0;
}

static int flag(uint32_t flags)
{
	return load_filter(flags) < 0 ? errno : 0;
}

static int action(uint32_t answer)
{
	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &answer) < 0
		       ? errno : 0;
}

/* Stops a child that was seized, in the way that the observer does, and asks
 * what it is in, or whether that may be set: only a kernel that does not know
 * the request says EIO. */
static int ask_seized(pid_t pid, uint32_t set)
{
	const enum __ptrace_request set_info = 0x4212; /* Linux 6.16 */
	struct __ptrace_syscall_info info = {0};
	int status;

	if (ptrace(PTRACE_SEIZE, pid, NULL, PTRACE_O_EXITKILL) < 0 ||
	    ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) < 0)
		return errno;
	if (waitpid(pid, &status, __WALL) < 0)
		return errno;
	if (set)
		return ptrace(set_info, pid, sizeof(info), &info) < 0 &&
				       errno == EIO ? EIO : 0;
	return ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) < 0
		       ? errno : 0;
}

static int seize(uint32_t set)
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
	err = ask_seized(pid, set);
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

/* Nothing is open there. */
static int close_range_cloexec(void)
{
	return syscall(SYS_close_range, ~0u, ~0u, CLOSE_RANGE_CLOEXEC) < 0
		       ? errno : 0;
}

/* A kernel that knows the request goes on to read the filter, from nowhere. */
static int io_uring_filter(void)
{
	const long register_bpf_filter = 37; /* linux/io_uring.h of 7.0 */

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	syscall(SYS_io_uring_register, -1, register_bpf_filter, NULL, 1);
	return errno == EFAULT ? 0 : errno;
}

/* --- signals while a call is answered ---------------------------------------- */

enum { CALLS = 3000, LAST = 1 };

static void ignore(int sig)
{
	(void)sig;
}

/* Makes its calls under a timer of 10 kHz, whose handler has every call that it
 * interrupts made again. */
static void *call_under_signals(void *listener)
{
	struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct itimerspec often = {{0, 100000}, {0, 100000}}, never = {0};
	struct sigevent by = {.sigev_signo = SIGUSR1};
	const struct sigaction again = {
		.sa_handler = ignore, .sa_flags = SA_RESTART};
	timer_t timer;

	sigaction(SIGUSR1, &again, NULL);
	timer_create(CLOCK_MONOTONIC, &by, &timer);
	atomic_store((_Atomic int *)listener,
		     (int)load(insns, ARRAY_SIZE(insns),
			       SECCOMP_FILTER_FLAG_NEW_LISTENER |
			       SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV));
	timer_settime(timer, 0, &often, NULL);
	for (int i = 0; i < CALLS; i++)
		syscall(SYS_getppid, 0);
	timer_settime(timer, 0, &never, NULL);
	syscall(SYS_getppid, LAST);
	return NULL;
}

/* Answers as fast as it can; how many calls came. */
static int answer_all(int listener)
{
	int came = 0;

	for (;;) {
		union { /* a later kernel's may be larger */
			struct seccomp_notif notif;
			char room[1024];
		} in = {0};
		struct seccomp_notif_resp response = {.error = -EPERM};

		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &in.notif) < 0) {
			if (errno == ENOENT || errno == EINTR)
				continue;
			return -1;
		}
		response.id = in.notif.id;
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
		if (in.notif.data.args[0] == LAST)
			return came;
		came++;
	}
}

/* No call comes twice.  There are kernels that take the flag, and where one that
 * was answered too fast is made again all the same. */
static int wait_killable(void)
{
	const unsigned flags = SECCOMP_FILTER_FLAG_NEW_LISTENER |
			       SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	_Atomic int listener = INT_MIN;
	pthread_t thread;
	sigset_t theirs;
	int came;

	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, NULL) < 0 &&
	    errno != EFAULT)
		return errno;
	if (pthread_create(&thread, NULL, call_under_signals, &listener))
		return EAGAIN;
	sigemptyset(&theirs);
	sigaddset(&theirs, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &theirs, NULL);
	while (atomic_load(&listener) == INT_MIN)
		sched_yield();
	came = answer_all(atomic_load(&listener));
	return came == CALLS ? 0 : came < 0 ? errno : ERANGE;
}

static const struct probe probes[] = {
	{"filter", "seccomp filters without privilege", NULL, .try = flag},
	{"kill_process", "kill the whole process", NULL, NULL, action,
	 SECCOMP_RET_KILL_PROCESS},
	{"log", "allow and log", NULL, NULL, action, SECCOMP_RET_LOG},
	{"log_flag", "log denials too", NULL, NULL, flag,
	 SECCOMP_FILTER_FLAG_LOG},
	{"tsync", "one filter for all threads", "nothing is started", NULL, flag,
	 SECCOMP_FILTER_FLAG_TSYNC},
	{"spec_allow", "speculation = allow", NULL, NULL, flag,
	 SECCOMP_FILTER_FLAG_SPEC_ALLOW},
	{"user_notif", "user notification", "-t traces with ptrace", NULL, flag,
	 SECCOMP_FILTER_FLAG_NEW_LISTENER},
	{"wait_killable_recv", "notification: signals wait",
	 "a denied call that a signal interrupts may be counted apart or twice",
	 .run = wait_killable},
	{"sync_wake_up", "notification: synchronous wake-up",
	 "a denied call takes longer", .run = sync_wake_up},
	{"ptrace", "ptrace a child: SEIZE, GET_SYSCALL_INFO",
	 "no -c, --learn and --permissive", NULL, seize, false},
	{"set_syscall_info", "ptrace: SET_SYSCALL_INFO",
	 "registers are set instead", NULL, seize, true},
	{"exit_info", "how others' children ended (in place)",
	 "the report of --in-place cannot say it", .run = exit_info},
	{"close_range_cloexec", "close descriptors at the exec",
	 "--close-fds reads /proc/self/fd", .run = close_range_cloexec},
	{"io_uring_filter", "filters for io_uring's requests",
	 "a policy denies @io-uring as a whole", .run = io_uring_filter},
	ARCH_PROBES
};

const struct probe *probe_at(size_t i)
{
	return i < ARRAY_SIZE(probes) ? &probes[i] : NULL;
}

struct probe_result probe_run(const struct probe *probe)
{
	const struct rlimit no_core = {0, 0};
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		setrlimit(RLIMIT_CORE, &no_core);
		signal(SIGSEGV, SIG_DFL);
		signal(SIGSYS, SIG_DFL);
		alarm(30); /* whatever hangs, does not for long */
		_exit(probe->run ? probe->run() : probe->try(probe->what));
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return (struct probe_result){.err = errno};
	if (WIFSIGNALED(status))
		return (struct probe_result){.signal = WTERMSIG(status)};
	return (struct probe_result){.err = WEXITSTATUS(status)};
}
