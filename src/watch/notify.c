/* The user notification observer (SECCOMP_RET_USER_NOTIF): denied calls wait
 * for an answer, everything else (forks, execs, signals) costs nothing.
 *
 * RECV blocks in a thread of its own: poll(2) before each RECV costs almost
 * three times as much (two context switches a call with the synchronous
 * wake-up, 6.6).  The thread stands in for the process in everything that
 * touches the sink; the main thread only waits for CMD.
 *
 * A call that a signal interrupts before it was received gives EINTR in the
 * program and is never heard of; one that is interrupted after (before
 * WAIT_KILLABLE_RECV, 5.19, or by a kill) makes SEND fail with ENOENT: it
 * reached nobody and does not count.
 *
 * POLLHUP on the listener: the last process under the filter has ended, its
 * daemonised grandchildren included.  RECV itself tells of it (ENOENT) since
 * 6.11 only, so what has no thread beside it polls first. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/util.h"
#include "filter/gate.h"
#include "launch/listener.h"
#include "launch/supervise.h"
#include "watch/exitinfo.h"
#include "watch/observers.h"

enum {
	PATIENCE_MS = 2000,
	ROOM = 1024, /* for the kernel's structs, which may come to be larger than
	                in our headers */
};

struct server {
	int listener;
	int pidfd; /* CMD's; -1: it has ended, or nobody can tell */
	const struct sink *sink;
	union {
		char request_room[ROOM];
		struct seccomp_notif request;
	};
	union {
		char response_room[ROOM];
		struct seccomp_notif_resp response;
	};
	atomic_bool stop;
	bool is_broken;
	pthread_t thread;
	_Atomic pid_t tid; /* the thread's, once it runs */
};

bool notify_is_available(void)
{
	struct seccomp_notif_sizes sizes = {0};
	uint32_t action = SECCOMP_RET_USER_NOTIF;

	return syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) == 0 &&
	       sizes.seccomp_notif <= ROOM &&
	       sizes.seccomp_notif_resp <= ROOM &&
	       syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

/* Nothing is believed that a filter could have answered: what comes must be a
 * listener. */
static bool gets_listener(void)
{
	struct sock_filter allow =
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	const struct sock_fprog fprog = {.len = 1, .filter = &allow};

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return is_listener((int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
					SECCOMP_FILTER_FLAG_NEW_LISTENER,
					&fprog));
}

bool notify_is_free(void)
{
	enum { FREE = 17 }; /* not 0, which a pretence could be */
	int status = 0;
	pid_t pid;

	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == SECCOMP_MODE_DISABLED)
		return true;
	pid = fork();
	if (pid == 0)
		_exit(gets_listener() ? FREE : 0);
	return pid > 0 &&
	       TEMP_FAILURE_RETRY(waitpid(pid, &status, 0)) == pid &&
	       WIFEXITED(status) && WEXITSTATUS(status) == FREE;
}

static unsigned long filter_flags(void)
{
	const unsigned long listen = SECCOMP_FILTER_FLAG_NEW_LISTENER;
	const unsigned long killable =
		listen | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;

	/* A kernel that knows the flags goes on to read the program. */
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, killable, NULL) < 0 &&
			       errno == EFAULT
		       ? killable
		       : listen;
}

static void server_init(struct server *server, const struct tracee *tracee,
			const struct sink *sink)
{
	*server = (struct server){
		.listener = tracee->listener,
		.pidfd = tracee->pidfd,
		.sink = sink,
	};
	/* Speed only: an older kernel wakes the other side later. */
	ioctl(server->listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS,
	      SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
}

/* Nobody answers any more: the kernel does, when the listener is closed, as if
 * the monitor had died. */
static bool give_up(struct server *server)
{
	server->sink->failed(server->sink->ctx,
			     "the listener failed; denied calls now answer "
			     "ENOSYS and are not reported");
	close(server->listener);
	server->is_broken = true;
	return false;
}

/* False with errno: ENOENT if the caller waits no more. */
static bool respond(struct server *server)
{
	return TEMP_FAILURE_RETRY(ioctl(server->listener,
					SECCOMP_IOCTL_NOTIF_SEND,
					&server->response)) == 0;
}

static bool receive(struct server *server)
{
	memset(server->request_room, 0, ROOM);
	return ioctl(server->listener, SECCOMP_IOCTL_NOTIF_RECV,
		     &server->request) == 0;
}

/* Is anybody left who may ask?  poll(2) can be made to fail: CMD may lower our
 * RLIMIT_NOFILE (prlimit(2), same user). */
static bool is_needed(struct server *server)
{
	struct pollfd poll_fd = {.fd = server->listener};

	if (TEMP_FAILURE_RETRY(poll(&poll_fd, 1, 0)) < 0)
		return give_up(server);
	return !(poll_fd.revents & POLLHUP);
}

/* False: it cannot be answered. */
static bool answer(struct server *server)
{
	const struct seccomp_notif *request = &server->request;
	struct event event = {
		.tid = (pid_t)request->pid,
		.audit_arch = request->data.arch,
		.nr = (uint32_t)request->data.nr,
		.ip = request->data.instruction_pointer,
	};
	struct reply reply;
	bool reached;

	memcpy(event.args, request->data.args, sizeof(event.args));
	reply = server->sink->call(server->sink->ctx, &event);
	if (reply.kills)
		kill(event.tid, SIGKILL);
	/* Never CONTINUE: see doc/HACKING.md. */
	server->response = (struct seccomp_notif_resp){
		.id = request->id,
		.error = reply.runs ? -ENOSYS : -reply.err,
	};
	reached = respond(server);
	if (!reached && errno != ENOENT)
		return give_up(server);
	server->sink->answered(server->sink->ctx, reached);
	return true;
}

/* One notification. False: it was the last. */
static bool serve_one(struct server *server)
{
	if (receive(server))
		return answer(server);
	if (errno == ENOENT)
		return is_needed(server);
	if (errno != EINTR)
		return give_up(server);
	server->sink->tick(server->sink->ctx);
	return true;
}

static void *serve(void *arg)
{
	struct server *server = arg;

	atomic_store(&server->tid, gettid());
	while (!atomic_load(&server->stop) && serve_one(server))
		;
	return NULL;
}

/* SIG_BLOCK or SIG_UNBLOCK. */
static void mask_alarm(int how)
{
	sigset_t alarm;

	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	pthread_sigmask(how, &alarm, NULL);
}

/* In a thread of its own: SIGALRM, which refreshes a report and ends the
 * wait, goes there and nowhere else. */
static int start_thread(struct server *server)
{
	sigset_t all, old;
	int result;

	sigfillset(&all);
	sigdelset(&all, SIGALRM);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	result = pthread_create(&server->thread, NULL, serve, server);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	mask_alarm(SIG_BLOCK);
	return result;
}

/* The signal may come just before the thread blocks: so again and again, less
 * and less often, for one that is slow must get to its end between two. */
static void stop_thread(struct server *server)
{
	struct timespec until;
	long wait_ms = 1;

	atomic_store(&server->stop, true);
	do {
		/* pthread_kill(3) takes a lock that the thread's end takes */
		tgkill(getpid(), atomic_load(&server->tid), SIGALRM);
		clock_gettime(CLOCK_REALTIME, &until);
		wait_ms = wait_ms < 500 ? 2 * wait_ms : wait_ms;
		until.tv_nsec += wait_ms * 1000 * 1000;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
	} while (pthread_timedjoin_np(server->thread, NULL, &until) != 0);
}

/* CMD has ended: how?  False: ask again when it has been waited for. */
static bool learn_end(struct server *server)
{
	int status;

	if (exitinfo_get(server->pidfd, &status) == 0)
		server->sink->ended(server->sink->ctx, status);
	else if (errno == EAGAIN)
		return false;
	server->pidfd = -1;
	return true;
}

/* Waits for the next notification.  False: there will be none. */
static bool rest_on(struct server *server)
{
	struct pollfd fds[] = {{.fd = server->listener, .events = POLLIN},
			       {.fd = server->pidfd}};

	if (poll(fds, ARRAY_SIZE(fds), -1) < 0) {
		if (errno != EINTR)
			return give_up(server);
		server->sink->tick(server->sink->ctx);
		return true;
	}
	if (fds[1].revents && !learn_end(server))
		server->pidfd = -1;
	if (!fds[0].revents)
		return true;
	return fds[0].revents & POLLIN && serve_one(server);
}

/* Without a thread beside it: polls, so that the end is seen on any kernel. */
static void rest(const struct tracee *tracee, const struct sink *sink)
{
	struct server server;
	struct pollfd reaped;

	mask_alarm(SIG_UNBLOCK);
	server_init(&server, tracee, sink);
	while (rest_on(&server))
		;
	/* CMD was the last: its parent will wait for it any moment. */
	reaped = (struct pollfd){.fd = server.pidfd};
	while (!server.is_broken && server.pidfd >= 0 && !learn_end(&server))
		if (poll(&reaped, 1, PATIENCE_MS) <= 0 && errno != EINTR)
			break;
}

static int run(const struct observer *self, const struct tracee *tracee,
	       const struct sink *sink, bool *lives_on)
{
	struct server server;
	int status;

	(void)self;
	if (!lives_on) {
		rest(tracee, sink);
		return 0;
	}
	server_init(&server, tracee, sink);
	errno = start_thread(&server);
	if (errno) {
		sink->failed(sink->ctx, "the command is killed: cannot make a "
					"thread to answer its calls");
		kill(tracee->pid, SIGKILL);
		return supervise_wait(tracee->pid);
	}
	status = supervise_wait(tracee->pid);
	stop_thread(&server);
	*lives_on = !server.is_broken && is_needed(&server);
	if (sink->ended(sink->ctx, status) && *lives_on) {
		rest(tracee, sink);
		*lives_on = false;
	}
	return status;
}

/* --- CMD's exec --------------------------------------------------------- */

/* Nobody is under the filter but the child that is about to exec, so what comes
 * is its exec; each that it has begun may run once. */
static bool let_exec_run(struct server *server, const struct tracee *child,
			 uint32_t *done)
{
	const struct seccomp_data *call = &server->request.data;
	bool is_exec;

	if (!receive(server))
		return errno == ENOENT || errno == EINTR;
	is_exec = call->nr == SYS_execve && call->args[4] == LAUNCH_MARK &&
		  (uint32_t)(atomic_load(child->execs) - *done) > 0;
	server->response = (struct seccomp_notif_resp){
		.id = server->request.id,
		.flags = is_exec ? SECCOMP_USER_NOTIF_FLAG_CONTINUE : 0,
		.error = is_exec ? 0 : -ENOSYS,
	};
	if (!respond(server))
		return errno == ENOENT;
	*done += is_exec;
	return is_exec;
}

/* The departure comes before CMD's first instruction.  So it is looked at behind
 * the listener, by poll(2) too, and what is pending without it is the child's. */
static bool await_exec(const struct observer *self, const struct tracee *child,
		       int *status)
{
	struct pollfd fds[] = {
		{.fd = child->listener, .events = POLLIN},
		{.fd = child->departure},
	};
	struct server server;
	uint32_t done = 0;
	bool ok = true, gone = false;

	(void)self;
	(void)status;
	server_init(&server, child, NULL);
	while (ok && !gone) {
		int n = poll(fds, ARRAY_SIZE(fds), -1);

		if (n < 0)
			ok = errno == EINTR;
		else if (fds[1].revents || !(fds[0].revents & POLLIN))
			gone = true; /* POLLHUP alone: it has ended */
		else
			ok = let_exec_run(&server, child, &done);
	}
	return ok;
}

const struct observer observer_exec = {
	.name = "none",
	.watch = WATCH_EXEC,
	.tracer_rules = ADD_NO_LISTENER,
	.filter_flags = filter_flags,
	.await_exec = await_exec,
};

const struct observer observer_notify = {
	.name = "notify",
	.watch = WATCH_NOTIFY,
	.tracer_rules = ADD_NO_LISTENER,
	.filter_flags = filter_flags,
	.await_exec = await_exec,
	.run = run,
};
