/* escape HOW FOLDER: a program that fights its tracer: it tries to make FOLDER
 * although mkdir is denied, and prints what each step answered, "mkdir: EPERM"
 * or "seccomp: ok".
 *
 *   listener         answers its own mkdir: a filter of its own that hands it
 *                    over, above the tracer's, and CONTINUE as the answer
 *   untraced-clone   a child that the tracer does not get (CLONE_UNTRACED),
 *   untraced-clone3  traced by us instead, who wave the call through
 *   kill             kills the tracer, its parent, then does as `listener`;
 *                    a child in a session of its own tries the same
 *   disarm           hands mkdir to a filter without a listener: what was to
 *                    kill would be ENOSYS
 *   disguise         an allowed call that its own tracer turns into mkdir
 *   memory           reads and writes the parent's memory, takes its
 *                    descriptors, traces it; FOLDER is not used
 *   outlive          in this process and in one of another session: denied and
 *                    allowed calls in turn until the denied one is answered by
 *                    nobody (ENOSYS); then a listener, a tracer and filters of
 *                    its own; "end" when all is tried; the other's lines
 *                    begin by "other "
 *
 * Status 0; whether FOLDER exists is for the caller to see. */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <elf.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *folder;
static const char *who = "";

/* What a call answered, printed and handed on. */
static long said(const char *what, long ret)
{
	printf("%s%s: %s\n", who, what, ret < 0 ? strerrorname_np(errno) : "ok");
	fflush(stdout);
	return ret;
}

static long try_mkdir(void)
{
	return said("mkdir", syscall(SYS_mkdirat, AT_FDCWD, folder, 0755));
}

/* A filter that gives one call to an observer; flags as in seccomp(2). */
static long load_filter(unsigned call, unsigned action, unsigned flags)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(*code), code };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return said("seccomp", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
				       flags, &program));
}

/* Answers everything by "let it run", for ever. */
static void wave_through(int listener)
{
	struct seccomp_notif request;

	for (;;) {
		struct seccomp_notif_resp answer = {
			.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE
		};

		memset(&request, 0, sizeof(request));
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request))
			_exit(0);
		answer.id = request.id;
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
	}
}

static int by_listener(void)
{
	long listener = load_filter(SYS_mkdirat, SECCOMP_RET_USER_NOTIF,
				    SECCOMP_FILTER_FLAG_NEW_LISTENER);
	pid_t helper = -1;

	if (listener >= 0) {
		helper = fork();
		if (!helper)
			wave_through(listener);
	}
	try_mkdir();
	if (helper > 0) {
		kill(helper, SIGKILL);
		waitpid(helper, NULL, 0);
	}
	return 0;
}

/* The child waits for a byte, so that it can be seized first. */
static int child_of_escape(const int *to)
{
	char byte;

	close(to[1]);
	if (read(to[0], &byte, 1) != 1)
		return 1;
	return try_mkdir() ? 1 : 0;
}

static long untraced_child(int with_clone3)
{
	struct clone_args args = { .flags = CLONE_UNTRACED,
				   .exit_signal = SIGCHLD };

	if (with_clone3)
		return syscall(SYS_clone3, &args, sizeof(args));
	return syscall(SYS_clone, CLONE_UNTRACED | SIGCHLD, 0, 0, 0, 0);
}

static int by_untraced_child(int with_clone3)
{
	int to[2], status = 0;
	long child;

	if (pipe(to))
		return 2;
	child = untraced_child(with_clone3);
	if (!child)
		_exit(child_of_escape(to));
	said(with_clone3 ? "clone3" : "clone", child);
	if (child < 0)
		return 0;
	said("seize", ptrace(PTRACE_SEIZE, child, 0, PTRACE_O_TRACESECCOMP));
	if (write(to[1], "", 1) != 1)
		return 2;
	while (waitpid(child, &status, __WALL) == child &&
	       WIFSTOPPED(status))
		ptrace(PTRACE_CONT, child, 0, 0);
	return 0;
}

static int by_killing(void)
{
	pid_t tracer = getppid();

	if (!fork()) {
		setsid();
		sleep(1);
		_exit(by_listener());
	}
	said("kill", kill(tracer, SIGKILL));
	sleep(1);
	return by_listener();
}

static int by_disarming(void)
{
	load_filter(SYS_mkdirat, SECCOMP_RET_USER_NOTIF, 0);
	try_mkdir();
	return 0;
}

/* An allowed call that a filter of its own gives to a tracer, which makes a
 * mkdirat of it: the kernel lets through what is RET_TRACE at its second look
 * at a call. */
static int disguised_child(const int *to)
{
	char byte;

	close(to[1]);
	if (read(to[0], &byte, 1) != 1)
		return 1;
	load_filter(SYS_timerfd_create, SECCOMP_RET_TRACE, 0);
	return said("disguise", syscall(SYS_timerfd_create, AT_FDCWD, folder,
					0755)) ? 1 : 0;
}

static void set_number(pid_t tracee, long nr)
{
#ifdef __x86_64__
	ptrace(PTRACE_POKEUSER, tracee, offsetof(struct user, regs.orig_rax),
	       nr);
#else
	int number = (int)nr;
	struct iovec part = {&number, sizeof(number)};

	ptrace(PTRACE_SETREGSET, tracee, NT_ARM_SYSTEM_CALL, &part);
#endif
}

static int by_tracer(void)
{
	int to[2], status = 0;
	pid_t child;

	if (pipe(to))
		return 2;
	child = fork();
	if (!child)
		_exit(disguised_child(to));
	said("seize", ptrace(PTRACE_SEIZE, child, 0, PTRACE_O_TRACESECCOMP));
	if (write(to[1], "", 1) != 1)
		return 2;
	while (waitpid(child, &status, __WALL) == child &&
	       WIFSTOPPED(status)) {
		if (status >> 16 == PTRACE_EVENT_SECCOMP)
			set_number(child, SYS_mkdirat);
		ptrace(PTRACE_CONT, child, 0, 0);
	}
	return 0;
}

static int by_outliving(void)
{
	if (!fork()) {
		setsid();
		who = "other ";
	}
	said("ready", 0);
	do {
		if (syscall(SYS_getppid) < 0)
			return said("getppid", -1);
		if (!syscall(SYS_mkdirat, AT_FDCWD, folder, 0755))
			return said("mkdir while served", 0);
	} while (errno != ENOSYS);
	by_listener();
	by_tracer();
	by_disarming();
	return said("end", 0);
}

/* A word of our own at the address of that word in the parent: any address
 * would do, the answer comes before it is looked at. */
static int by_memory(void)
{
	char path[64], word[8] = "", got[8];
	struct iovec mine = { got, sizeof(got) }, theirs = { word, 8 };
	pid_t parent = getppid();

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)parent);
	said("mem", open(path, O_RDWR));
	said("readv", process_vm_readv(parent, &mine, 1, &theirs, 1, 0));
	said("writev", process_vm_writev(parent, &mine, 1, &theirs, 1, 0));
	said("seize", ptrace(PTRACE_SEIZE, parent, 0, 0));
	said("getfd", syscall(SYS_pidfd_getfd,
			      syscall(SYS_pidfd_open, parent, 0), 0, 0));
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	folder = argv[2];
	if (!strcmp(argv[1], "listener"))
		return by_listener();
	if (!strcmp(argv[1], "untraced-clone"))
		return by_untraced_child(0);
	if (!strcmp(argv[1], "untraced-clone3"))
		return by_untraced_child(1);
	if (!strcmp(argv[1], "kill"))
		return by_killing();
	if (!strcmp(argv[1], "disarm"))
		return by_disarming();
	if (!strcmp(argv[1], "memory"))
		return by_memory();
	if (!strcmp(argv[1], "outlive"))
		return by_outliving();
	if (!strcmp(argv[1], "disguise"))
		return by_tracer();
	return 2;
}
