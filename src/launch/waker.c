#include "launch/waker.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/proc.h"

enum { POLL_NS = 50 * 1000 * 1000 };

/* The hexadecimal signal set behind "ShdPnd:" or "SigPnd:". */
static bool has_sigcont(const char *status, const char *field)
{
	const char *line = strstr(status, field);

	return line && strtoull(line + strlen(field), NULL, 16) >>
			       (SIGCONT - 1) & 1;
}

/* A traced process in a group-stop stays "t" when it is continued until its
 * tracer, which is the stopped sandbox, looks: but the signal is pending. */
bool waker_is_stopped(pid_t pid)
{
	char status[4096];
	const char *state;
	ssize_t n;
	int fd;

	fd = proc_open(pid, "status");
	if (fd < 0)
		return false;
	n = read(fd, status, sizeof(status) - 1);
	close(fd);
	if (n <= 0)
		return false;
	status[n] = '\0';
	state = strstr(status, "State:\t");
	return state && (state[7] == 'T' || state[7] == 't') &&
	       !has_sigcont(status, "SigPnd:") &&
	       !has_sigcont(status, "ShdPnd:");
}

static _Noreturn void watch(pid_t cmd, pid_t sandbox)
{
	const struct timespec pause = {.tv_nsec = POLL_NS};

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	for (int sig = 1; sig <= SIGRTMAX; sig++)
		signal(sig, SIG_DFL); /* hands nothing on to CMD */
	syscall(SYS_close_range, 0, ~0u, 0);
	while (getppid() == sandbox && waker_is_stopped(cmd))
		nanosleep(&pause, NULL);
	if (getppid() == sandbox)
		kill(sandbox, SIGCONT);
	_exit(0);
}

pid_t waker_start(pid_t cmd)
{
	pid_t sandbox = getpid(), pid = fork();

	if (pid == 0)
		watch(cmd, sandbox);
	return pid;
}

void waker_stop(pid_t waker)
{
	if (waker < 0)
		return;
	kill(waker, SIGKILL);
	while (waitpid(waker, NULL, 0) < 0 && errno == EINTR)
		;
}
