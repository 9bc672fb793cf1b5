#include "launch/supervise.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "service/group_signal.h"

static volatile sig_atomic_t target;       /* CMD's PID; 0: none (any more) */
static volatile sig_atomic_t manager;      /* who told the group too; or 0 */
static volatile sig_atomic_t stopped_along; /* sandbox stopped after CMD */

/* Has somebody sent it a SIGCONT since it stopped?  Async-signal-safe. */
static bool cmd_is_continued(void)
{
	siginfo_t info = {0};

	return waitid(P_PID, (id_t)target, &info,
		      WCONTINUED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid;
}

static bool is_fault(int sig)
{
	return sig == SIGSEGV || sig == SIGBUS || sig == SIGILL ||
	       sig == SIGFPE || sig == SIGTRAP || sig == SIGSYS;
}

static void hand_on(int sig, siginfo_t *info, void *context)
{
	int saved = errno;

	(void)context;
	/* A fault of our own: the kernel's (si_code > 0), or raised here. */
	if (is_fault(sig) &&
	    (info->si_code > 0 || info->si_pid == getpid())) {
		signal(sig, SIG_DFL);
		raise(sig); /* when the handler returns */
		return;
	}
	/* What a process does to itself (SIGPIPE, SIGXFSZ) says SI_USER too.  fg
	 * and kill -CONT %1 continue the whole group, CMD included; kill -CONT
	 * PID only sandbox. */
	if (!target || info->si_code > 0 || info->si_pid == target ||
	    info->si_pid == getpid() ||
	    (sig == SIGCONT && stopped_along && cmd_is_continued()) ||
	    (manager && info->si_pid == manager && group_signal_saw(sig))) {
		errno = saved;
		return;
	}
	/* The kernel lets nobody forge kill(2)'s origin, so only a queued
	 * signal, which may carry a value, goes on with its own. */
	if (info->si_code != SI_QUEUE ||
	    syscall(SYS_rt_sigqueueinfo, target, sig, info) < 0)
		kill(target, sig);
	errno = saved;
}

/* SIGCHLD is ours. */
static bool is_handed_on(int sig)
{
	return sig != SIGKILL && sig != SIGSTOP && sig != SIGCHLD &&
	       (sig < 32 || sig >= SIGRTMIN);
}

/* Signals are caught also where they were ignored at the start (a script's
 * background job ignores SIGINT and SIGQUIT): CMD inherited that, and may have
 * changed it since.  No SA_RESTART: an observer's wait ends, so that it can look
 * at what is due. */
void supervise_start(pid_t cmd, const sigset_t *mask)
{
	struct sigaction action = {
		.sa_sigaction = hand_on,
		.sa_flags = SA_SIGINFO,
	};

	sigfillset(&action.sa_mask);
	target = cmd;
	manager = group_signal_start();
	for (int sig = 1; sig <= SIGRTMAX; sig++)
		if (is_handed_on(sig))
			sigaction(sig, &action, NULL);
	sigprocmask(SIG_SETMASK, mask, NULL);
}

void supervise_ended(void)
{
	target = 0;
	group_signal_stop();
}

/* The signal does what it does by default; *old and *mask as they were. */
static void let_act(int sig, struct sigaction *old, sigset_t *mask)
{
	const struct sigaction by_default = {.sa_handler = SIG_DFL};
	sigset_t one;

	sigaction(sig, &by_default, old);
	sigemptyset(&one);
	sigaddset(&one, sig);
	sigprocmask(SIG_UNBLOCK, &one, mask);
}

void supervise_stopped(int sig)
{
	struct sigaction old;
	sigset_t mask;

	stopped_along = 1;
	let_act(sig, &old, &mask);
	if (!cmd_is_continued()) /* before sandbox saw it stopped */
		raise(sig);
	/* Continued. */
	sigprocmask(SIG_SETMASK, &mask, NULL);
	sigaction(sig, &old, NULL);
	stopped_along = 0;
}

static int wait_status_of(const siginfo_t *info)
{
	if (info->si_code == CLD_EXITED)
		return W_EXITCODE(info->si_status, 0);
	return W_EXITCODE(0, info->si_status) |
	       (info->si_code == CLD_DUMPED ? WCOREFLAG : 0);
}

/* A filter around sandbox denies it: nobody would know how CMD ended. */
static int give_up_waiting(pid_t cmd)
{
	say("sandbox: the command is killed: cannot wait for it: %m");
	kill(cmd, SIGKILL);
	supervise_ended();
	return W_EXITCODE(0, SIGKILL);
}

int supervise_wait(pid_t cmd)
{
	/* As process 1 of a namespace orphans are ours to reap. */
	const idtype_t whom = getpid() == 1 ? P_ALL : P_PID;
	siginfo_t info, taken;
	bool stopped;

	for (;;) {
		info.si_pid = 0;
		if (TEMP_FAILURE_RETRY(
			    waitid(whom, (id_t)cmd, &info,
				   WEXITED | WSTOPPED | WNOWAIT)) < 0)
			return give_up_waiting(cmd);
		stopped = info.si_code == CLD_STOPPED;
		/* Nothing is sent to the number once it is free. */
		if (info.si_pid == cmd && !stopped)
			supervise_ended();
		/* What was seen is taken, and nothing that has come since: a CMD
		 * that was stopped may have gone on and ended. */
		waitid(P_PID, (id_t)info.si_pid, &taken,
		       (stopped ? WSTOPPED : WEXITED) | WNOHANG);
		if (info.si_pid != cmd)
			continue;
		if (!stopped)
			return wait_status_of(&info);
		supervise_stopped(info.si_status);
	}
}

_Noreturn void supervise_finish(int wait_status)
{
	const struct rlimit none = {0};
	int sig;

	if (WIFEXITED(wait_status))
		exit(WEXITSTATUS(wait_status));
	sig = WTERMSIG(wait_status);
	fflush(NULL);
	setrlimit(RLIMIT_CORE, &none);
	let_act(sig, NULL, NULL);
	raise(sig);
	exit(128 + sig);
}
