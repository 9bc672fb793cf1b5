// build: -static -lseccomp
/* outer HOW CALL[,CALL...] CMD [ARG...]: CMD under a filter that was there
 * before, as a container manager has one, which answers these calls:
 *
 *   continue   a listener lets each of them run (CONTINUE)
 *   value=N    a listener says that each returned N; none runs
 *   errno=N    the filter itself says errno N, 0: success; no listener
 *
 * As root no_new_privs is left alone. The status is CMD's, or 9. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 64 };

static int fail(const char *what)
{
	perror(what);
	return 9;
}

static long load(char *calls, unsigned action, unsigned flags)
{
	struct sock_filter code[2 * MOST + 2];
	struct sock_fprog program = { 0, code };
	unsigned short n = 0;

	code[n++] = (struct sock_filter)BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (char *call = strtok(calls, ","); call && n < 2 * MOST;
	     call = strtok(NULL, ",")) {
		unsigned nr = (unsigned)seccomp_syscall_resolve_name(call);

		code[n++] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1);
		code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
							 action);
	}
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
						 SECCOMP_RET_ALLOW);
	program.len = n;
	if (getuid())
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

static void answer(int listener, const char *how)
{
	struct seccomp_notif request;
	struct seccomp_notif_resp reply = { 0 };

	memset(&request, 0, sizeof(request));
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request))
		return;
	reply.id = request.id;
	if (!strcmp(how, "continue"))
		reply.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	else
		reply.val = atoi(how + strlen("value="));
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &reply);
}

/* Until the last process under the filter has gone. */
static void serve(int listener, const char *how)
{
	struct pollfd waiting = { .fd = listener, .events = POLLIN };

	while (poll(&waiting, 1, -1) >= 0 || errno == EINTR) {
		if (waiting.revents & POLLIN)
			answer(listener, how);
		else if (waiting.revents)
			return;
	}
}

/* The child has our table of descriptors until its exec, which closes the
 * listener in its own. */
static int with_listener(const char *how, char *calls, char **cmd)
{
	int to[2], status = 9;
	long listener = -1;
	char byte;
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, to))
		return fail("socketpair");
	child = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
	if (child < 0)
		return fail("clone");
	if (!child) {
		listener = load(calls, SECCOMP_RET_USER_NOTIF,
				SECCOMP_FILTER_FLAG_NEW_LISTENER);
		if (write(to[1], &listener, sizeof(listener)) < 0)
			_exit(9);
		if (read(to[1], &byte, 1) != 1)
			_exit(9);
		execvp(cmd[0], cmd);
		_exit(fail(cmd[0]));
	}
	if (read(to[0], &listener, sizeof(listener)) != sizeof(listener) ||
	    listener < 0)
		return fail("seccomp");
	if (write(to[0], "", 1) != 1)
		return fail("write");
	serve((int)listener, how);
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) :
				   128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	if (argc < 4)
		return 2;
	if (strncmp(argv[1], "errno=", 6))
		return with_listener(argv[1], argv[2], argv + 3);
	if (load(argv[2], SECCOMP_RET_ERRNO | (unsigned)atoi(argv[1] + 6), 0))
		return fail("seccomp");
	execvp(argv[3], argv + 3);
	return fail(argv[3]);
}
