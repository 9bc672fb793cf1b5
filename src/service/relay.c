#include "service/relay.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/proc.h"
#include "base/util.h"
#include "service/closer.h"
#include "service/message.h"

enum {
	SHOWN_EVERY_MS = 1000,
	PATIENCE_MS = 3000,
};

struct relay {
	/* Only in the thread's table of descriptors once that is_started. */
	int manager;
	int receiver; /* CMD's messages; -1: in place */
	struct destination to; /* where the manager listens */
	char *name;   /* the receiver's, as in NOTIFY_SOCKET */
	char *group;  /* our control group */
	int wake;     /* an eventfd(2): something below has changed */
	bool is_started;
	pthread_t thread;
	sem_t ready; /* the thread has descriptors of its own, ... */
	int err;     /* ... or, not 0, why not */
	atomic_bool stop;
	atomic_bool is_stale; /* more was denied than was shown */
	atomic_size_t calls;
	_Atomic uint64_t hits;
	/* the thread's own */
	struct closers *closers;
	const char *what;
	struct message_state state;
	size_t shown_calls;
	uint64_t shown_hits;
	int64_t next_ms; /* the status is not sent before */
	int64_t until_ms; /* when it gives up, once it is to stop; 0: not yet
	                     known */
};

/* ------------------------------------------------------------ the sockets */

/* As sd_notify(3) reads it; VM sockets ("vsock:") stay as they are. */
static bool read_address(struct relay *relay, const char *text)
{
	size_t n = text ? strlen(text) : 0;

	if (n < 2 || (text[0] != '/' && text[0] != '@') ||
	    n >= sizeof(relay->to.address.sun_path))
		return false;
	relay->to.address = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(relay->to.address.sun_path, text, n);
	relay->to.size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
	if (text[0] == '@')
		relay->to.address.sun_path[0] = '\0';
	else
		relay->to.size++; /* the NUL */
	return true;
}

/* Further down in a service's tree the messages are not expected from here. */
static bool is_main_process(void)
{
	const char *named = getenv("SYSTEMD_EXEC_PID"); /* since 248 */
	unsigned long long pid;

	return !named || (parse_u64(named, &pid) &&
			  pid == (unsigned long long)getpid());
}

static bool bind_receiver(struct relay *relay)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	const int on = 1;
	uint64_t random[2];
	int n, fd;

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return false;
	n = snprintf(name.sun_path, sizeof(name.sun_path),
		     "@sandbox/notify/%016llx%016llx",
		     (unsigned long long)random[0],
		     (unsigned long long)random[1]);
	relay->name = xstrdup(name.sun_path);
	name.sun_path[0] = '\0';
	fd = relay->receiver = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return fd >= 0 &&
	       setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) == 0 &&
	       bind(fd, (struct sockaddr *)&name,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
				(size_t)n)) == 0;
}

/* The control group that systemd keeps a process in; NULL if it has gone. */
static char *group_of(pid_t pid)
{
	cleanup_file FILE *file = proc_stream(pid, "cgroup");
	char line[PATH_MAX];

	while (file && fgets(line, sizeof(line), file)) {
		const char *name = strstr(line, ":name=systemd:");

		line[strcspn(line, "\n")] = '\0';
		if (name)
			return xstrdup(strchr(name + 1, ':') + 1);
		if (has_prefix(line, "0::"))
			return xstrdup(line + 3);
	}
	return NULL;
}

static void close_fds(struct relay *relay)
{
	struct kept_fds held = {0};

	relay_keep(relay, &held);
	for (size_t i = 0; i < held.n; i++)
		close(held.fds[i]);
	relay->manager = relay->receiver = relay->wake = -1;
}

static void release(struct relay *relay)
{
	close_fds(relay);
	free(relay->name);
	free(relay->group);
	free(relay);
}

struct relay *relay_open(bool in_place)
{
	const struct timeval look = {.tv_usec = 200 * 1000};
	struct relay *relay = xcalloc(1, sizeof(*relay));

	relay->manager = relay->receiver = relay->wake = -1;
	if (!read_address(relay, getenv("NOTIFY_SOCKET")) ||
	    !is_main_process())
		goto none;
	relay->manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	setsockopt(relay->manager, SOL_SOCKET, SO_SNDTIMEO, &look,
		   sizeof(look));
	relay->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	relay->group = group_of(getpid());
	if (relay->manager < 0 || relay->wake < 0 ||
	    (!in_place && !bind_receiver(relay)))
		goto none;
	return relay;
none:
	release(relay);
	return NULL;
}

const char *relay_address(const struct relay *relay)
{
	return relay ? relay->name : NULL;
}

void relay_keep(const struct relay *relay, struct kept_fds *kept)
{
	if (!relay)
		return;
	kept_fds_add(kept, relay->wake);
	if (relay->is_started)
		return;
	kept_fds_add(kept, relay->manager);
	kept_fds_add(kept, relay->receiver);
}

/* ------------------------------------------------------------- one message */

/* As long as CMD lives a manager that is busy is waited for, as CMD would have
 * to; a manager that does not read must not keep sandbox from its end. */
static bool is_patient(struct relay *relay)
{
	if (!atomic_load(&relay->stop))
		return true;
	if (!relay->until_ms)
		relay->until_ms = now_ms() + PATIENCE_MS;
	return now_ms() < relay->until_ms;
}

static int transmit(struct relay *relay, const char *text, size_t n,
		    const struct parcel *parcel, const struct ucred *sender)
{
	int sent;

	do
		sent = parcel_send(relay->manager, &relay->to, text, n,
				   parcel, sender);
	while (sent < 0 && (errno == EINTR || errno == EAGAIN) &&
	       is_patient(relay));
	return sent;
}

static bool is_of_service(const struct relay *relay, pid_t pid)
{
	cleanup_free char *group = pid > 0 ? group_of(pid) : NULL;
	size_t n = relay->group ? strlen(relay->group) : 0;

	return group && n && has_prefix(group, relay->group) &&
	       (!group[n] || group[n] == '/' || relay->group[n - 1] == '/');
}

/* False: a stranger's, and dropped. */
static bool pass_on(struct relay *relay, const struct parcel *parcel)
{
	char text[MESSAGE_SIZE];
	size_t n;

	if (parcel->sender.pid != relay->state.cmd) {
		if (!is_of_service(relay, parcel->sender.pid))
			return false;
		if (transmit(relay, parcel->text, parcel->n, parcel,
			     &parcel->sender) == 0 || errno != EPERM)
			return true;
	}
	n = message_rewrite(&relay->state, parcel->text, parcel->n, text);
	if (n || parcel->n_fds)
		transmit(relay, text, n, parcel, NULL);
	return true;
}

/* False: there is nothing more to be had from the socket. */
static bool pass_on_all(struct relay *relay)
{
	struct parcel parcel;
	bool is_ours;

	while (is_patient(relay)) {
		if (!parcel_receive(relay->receiver, &parcel))
			return errno == EAGAIN || errno == EINTR;
		is_ours = pass_on(relay, &parcel);
		closers_close(relay->closers, parcel.fds, parcel.n_fds,
			      !is_ours);
	}
	return true;
}

/* --------------------------------------------------------------- the status */

/* How long poll(2) may wait. */
static int show(struct relay *relay, bool is_last)
{
	size_t calls;
	uint64_t hits;
	int64_t ms = now_ms();
	char text[MESSAGE_SIZE];

	if (!is_last && !atomic_load(&relay->is_stale))
		return -1;
	if (!is_last && ms < relay->next_ms)
		return (int)(relay->next_ms - ms);
	relay->next_ms = ms + SHOWN_EVERY_MS;
	atomic_store(&relay->is_stale, false);
	calls = atomic_load(&relay->calls);
	hits = atomic_load(&relay->hits);
	/* In place each message takes the place of CMD's own status, or is one
	 * more line of refusal in the journal: only what is news then. */
	if (hits == relay->shown_hits ||
	    (!is_last && relay->receiver < 0 && calls == relay->shown_calls &&
	     hits / 10 < relay->shown_hits))
		return -1;
	relay->shown_calls = calls;
	relay->shown_hits = hits;
	message_set_denied(&relay->state, relay->what, calls, hits);
	transmit(relay, text, message_status(&relay->state, text), NULL, NULL);
	return -1;
}

/* ---------------------------------------------------------------- the thread */

/* False: nothing more can be passed on.  CMD may lower our limits, so that
 * poll(2) fails. */
static bool serve_once(struct relay *relay)
{
	struct pollfd fds[] = {{.fd = relay->wake, .events = POLLIN},
			       {.fd = relay->receiver, .events = POLLIN}};
	uint64_t count;

	if (poll(fds, ARRAY_SIZE(fds), show(relay, false)) < 0)
		return errno == EINTR;
	if (fds[0].revents && read(relay->wake, &count, sizeof(count)) < 0)
		return errno == EAGAIN || errno == EINTR;
	return !fds[1].revents || pass_on_all(relay);
}

/* At its end nobody has the receiver any more: whoever sends then is told. */
static void *serve(void *arg)
{
	struct relay *relay = arg;
	struct kept_fds own = {0};

	relay_keep(relay, &own);
	if (kept_fds_unshare())
		kept_fds_close_others(&own);
	else
		relay->err = errno;
	sem_post(&relay->ready);
	if (relay->err)
		return NULL;
	while (!atomic_load(&relay->stop) && serve_once(relay))
		;
	if (relay->receiver >= 0)
		pass_on_all(relay);
	show(relay, true);
	closers_take_over(relay->closers);
	return NULL;
}

static int await_thread(struct relay *relay)
{
	(void)TEMP_FAILURE_RETRY(sem_wait(&relay->ready));
	if (relay->err) {
		pthread_join(relay->thread, NULL);
		errno = relay->err;
		return -1;
	}
	relay->is_started = true;
	close(relay->manager);
	if (relay->receiver >= 0)
		close(relay->receiver);
	return 0;
}

int relay_start(struct relay *relay, pid_t cmd, bool permissive)
{
	sigset_t all, old;

	relay->state.cmd = cmd;
	relay->what = permissive ? "permitted" : "denied";
	relay->closers = closers_new();
	if (!relay->closers || sem_init(&relay->ready, 0, 0) < 0)
		return -1;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	errno = pthread_create(&relay->thread, NULL, serve, relay);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return errno ? -1 : await_thread(relay);
}

static void wake(const struct relay *relay)
{
	const uint64_t one = 1;
	ssize_t written = write(relay->wake, &one, sizeof(one));

	(void)written; /* full: it is awake */
}

void relay_show(struct relay *relay, size_t calls, uint64_t hits)
{
	if (!relay)
		return;
	atomic_store(&relay->calls, calls);
	atomic_store(&relay->hits, hits);
	if (!atomic_exchange(&relay->is_stale, true))
		wake(relay);
}

void relay_close(struct relay *relay)
{
	struct timespec until;

	if (!relay)
		return;
	if (relay->is_started) {
		atomic_store(&relay->stop, true);
		wake(relay);
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_sec += 2 * PATIENCE_MS / 1000;
		/* It may be held up by what did not fit into the table of
		 * descriptors any more; then the process's end ends it. */
		if (pthread_clockjoin_np(relay->thread, NULL, CLOCK_MONOTONIC,
					 &until) != 0)
			return;
		closers_reap(relay->closers);
	}
	release(relay);
}

void relay_abandon(struct relay *relay)
{
	if (!relay)
		return;
	close_fds(relay);
	relay->is_started = false;
}
