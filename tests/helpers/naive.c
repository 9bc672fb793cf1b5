/* naive HOW ...: launchers without protection. They show that an attack works:
 * what fails against sandbox must succeed here.
 *
 *   errno CMD...         denies mkdir and mkdirat; believes what seccomp(2)
 *                        returns
 *   trace CMD...         denies them by ptrace and RET_TRACE; asks not which
 *                        listener is there
 *   wait CMD...          waits for CMD, with no filter of its own
 *   cookie CMD...        an execve(2) with numbers in the registers that it
 *                        does not use
 *   poll CMD...          polls until CMD has gone; looks at no error
 *   peek ADDRESS CMD...  prints the text at ADDRESS in CMD's memory, by /proc
 *   replace FILE         writes FILE anew beside it, with the owner and the
 *                        mode that it has, and looks its place up twice
 *
 * The status is CMD's, or 9. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

static int fail(const char *what)
{
	perror(what);
	return 9;
}

static int run(char **cmd)
{
	execvp(cmd[0], cmd);
	return fail(cmd[0]);
}

static pid_t start(char **cmd)
{
	pid_t child = fork();

	if (!child)
		_exit(run(cmd));
	return child;
}

static int status_of(pid_t child)
{
	int status;

	if (waitpid(child, &status, 0) != child)
		return fail("waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) :
				   128 + WTERMSIG(status);
}

static long deny_mkdir(unsigned action)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mkdir, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mkdirat, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(*code), code };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

static int by_errno(char **cmd)
{
	if (deny_mkdir(SECCOMP_RET_ERRNO | EPERM))
		return fail("seccomp");
	return run(cmd);
}

static int traced_child(char **cmd)
{
	ptrace(PTRACE_TRACEME, 0, 0, 0);
	raise(SIGSTOP);
	if (deny_mkdir(SECCOMP_RET_TRACE))
		return fail("seccomp");
	return run(cmd);
}

static void refuse(pid_t child)
{
	ptrace(PTRACE_POKEUSER, child, offsetof(struct user, regs.orig_rax),
	       -1L);
	ptrace(PTRACE_POKEUSER, child, offsetof(struct user, regs.rax),
	       (long)-EPERM);
}

static int by_trace(char **cmd)
{
	int status;
	pid_t child = fork();

	if (!child)
		_exit(traced_child(cmd));
	waitpid(child, &status, 0);
	ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESECCOMP);
	do {
		int sig = WSTOPSIG(status);

		if (status >> 16 == PTRACE_EVENT_SECCOMP)
			refuse(child);
		ptrace(PTRACE_CONT, child, 0,
		       sig == SIGSTOP || sig == SIGTRAP ? 0 : sig);
		if (waitpid(child, &status, 0) != child)
			return fail("waitpid");
	} while (WIFSTOPPED(status));
	return WEXITSTATUS(status);
}

/* Where no register is spilled between here and the kernel. */
static int by_cookie(char **cmd)
{
	register long r10 __asm__("r10") = 0;
	register long r8 __asm__("r8") = 0x1234567890abcdef;
	register long r9 __asm__("r9") = 0x0fedcba987654321;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "0"(SYS_execve), "D"(cmd[0]), "S"(cmd),
			   "d"(environ), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	errno = (int)-ret;
	return fail(cmd[0]);
}

static int by_poll(char **cmd)
{
	int end[2];
	struct pollfd waiting;
	pid_t child;

	if (pipe2(end, 0))
		return fail("pipe");
	child = fork();
	if (!child)
		_exit(run(cmd));
	close(end[1]);
	waiting = (struct pollfd){ .fd = end[0] };
	while (poll(&waiting, 1, 1) <= 0)
		;
	return status_of(child);
}

static int by_peek(const char *address, char **cmd)
{
	char path[64], text[64] = "";
	pid_t child = start(cmd);
	int fd;

	usleep(300 * 1000);
	snprintf(path, sizeof(path), "/proc/%d/mem", (int)child);
	fd = open(path, O_RDONLY);
	if (fd >= 0 && pread(fd, text, sizeof(text) - 1,
			     (off_t)strtoull(address, NULL, 0)) > 0)
		printf("peek: %s\n", text);
	return status_of(child);
}

/* Waits between the two looks, as a busy machine may. */
static int replace(const char *file)
{
	char place[PATH_MAX], beside[PATH_MAX + 8];
	struct stat was;
	int fd;

	if (stat(file, &was))
		return fail(file);
	usleep(5 * 1000);
	if (!realpath(file, place))
		return fail(file);
	snprintf(beside, sizeof(beside), "%s.new", place);
	fd = open(beside, O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (fd < 0 || write(fd, "report\n", 7) != 7 ||
	    fchown(fd, was.st_uid, was.st_gid) || fchmod(fd, was.st_mode) ||
	    rename(beside, place))
		return fail(beside);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*launch)(char **cmd);
	} ways[] = {
		{ "errno", by_errno },	 { "trace", by_trace },
		{ "cookie", by_cookie }, { "poll", by_poll },
	};

	if (argc < 3)
		return 2;
	if (!strcmp(argv[1], "wait"))
		return status_of(start(argv + 2));
	if (!strcmp(argv[1], "replace"))
		return replace(argv[2]);
	if (!strcmp(argv[1], "peek"))
		return by_peek(argv[2], argv + 3);
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		if (!strcmp(argv[1], ways[i].name))
			return ways[i].launch(argv + 2);
	return 2;
}
