#include "launch/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
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

#include "base/proc.h"
#include "base/util.h"
#include "launch/message.h"

enum {
	MOST_FDS = 253, /* the kernel's SCM_MAX_FD */
	SHOWN_EVERY_MS = 1000,
	PATIENCE_MS = 3000,
};

struct shown {
	size_t calls;
	uint64_t hits;
};

struct relay {
	int manager; /* sends to address */
	struct sockaddr_un address;
	socklen_t address_size;
	int receiver; /* CMD's messages; -1: in place */
	char *name;   /* the receiver's, as in NOTIFY_SOCKET */
	char *group;  /* our control group */
	int wake;     /* an eventfd(2): something below has changed */
	bool is_started;
	pthread_t thread;
	atomic_bool stop;
	atomic_bool is_stale; /* more was denied than was shown */
	atomic_size_t calls;
	_Atomic uint64_t hits;
	/* the thread's own */
	const char *what;
	struct message_state state;
	struct shown shown;
	int64_t next_ms; /* the status is not sent before */
	int64_t until_ms; /* when it gives up, once it is to stop; 0: not yet
	                     known */
};

/* One message with all that came with it. */
struct parcel {
	char text[MESSAGE_SIZE];
	size_t n;
	struct ucred sender; /* pid 0: nobody we can see */
	int fds[MOST_FDS];
	size_t n_fds;
};

/* ------------------------------------------------------------ the sockets */

/* As sd_notify(3) reads it; VM sockets ("vsock:") stay as they are. */
static bool read_address(struct relay *relay, const char *text)
{
	size_t n = text ? strlen(text) : 0;

	if (n < 2 || (text[0] != '/' && text[0] != '@') ||
	    n >= sizeof(relay->address.sun_path))
		return false;
	relay->address = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(relay->address.sun_path, text, n);
	relay->address_size =
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
	if (text[0] == '@')
		relay->address.sun_path[0] = '\0';
	else
		relay->address_size++; /* the NUL */
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
	int n;

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return false;
	n = snprintf(name.sun_path, sizeof(name.sun_path),
		     "@sandbox/notify/%016llx%016llx",
		     (unsigned long long)random[0],
		     (unsigned long long)random[1]);
	relay->name = xstrdup(name.sun_path);
	name.sun_path[0] = '\0';
	relay->receiver = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return relay->receiver >= 0 &&
	       setsockopt(relay->receiver, SOL_SOCKET, SO_PASSCRED, &on,
			  sizeof(on)) == 0 &&
	       bind(relay->receiver, (struct sockaddr *)&name,
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

static void close_sockets(struct relay *relay)
{
	int *fds[] = {&relay->manager, &relay->receiver, &relay->wake};

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
}

static void release(struct relay *relay)
{
	close_sockets(relay);
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

void relay_keep(const struct relay *relay, struct kept *kept)
{
	if (!relay)
		return;
	kept_add(kept, relay->manager);
	kept_add(kept, relay->receiver);
	kept_add(kept, relay->wake);
}

/* ------------------------------------------------------------- one message */

union control {
	struct cmsghdr align;
	char space[CMSG_SPACE(sizeof(struct ucred)) +
		   CMSG_SPACE(MOST_FDS * sizeof(int))];
};

static void unpack(struct parcel *parcel, struct msghdr *header)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c;
	     c = CMSG_NXTHDR(header, c)) {
		size_t n = c->cmsg_len - CMSG_LEN(0);

		if (c->cmsg_level != SOL_SOCKET)
			continue;
		if (c->cmsg_type == SCM_CREDENTIALS) {
			memcpy(&parcel->sender, CMSG_DATA(c),
			       sizeof(parcel->sender));
		} else if (c->cmsg_type == SCM_RIGHTS) {
			memcpy(parcel->fds, CMSG_DATA(c), n);
			parcel->n_fds = n / sizeof(int);
		}
	}
}

static bool receive(const struct relay *relay, struct parcel *parcel)
{
	union control control;
	struct iovec text = {parcel->text, sizeof(parcel->text)};
	struct msghdr header = {
		.msg_iov = &text,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n = recvmsg(relay->receiver, &header,
			    MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n < 0)
		return false;
	parcel->n = (size_t)n;
	parcel->n_fds = 0;
	parcel->sender.pid = 0;
	unpack(parcel, &header);
	return true;
}

static void add_control(struct msghdr *header, int type, const void *data,
			size_t n)
{
	struct cmsghdr *c = (struct cmsghdr *)((char *)header->msg_control +
					       header->msg_controllen);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(n);
	memcpy(CMSG_DATA(c), data, n);
	header->msg_controllen += CMSG_SPACE(n);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

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
	union control control = {0};
	struct iovec iov = {(char *)text, n};
	struct msghdr header = {
		.msg_name = (void *)&relay->address,
		.msg_namelen = relay->address_size,
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
	};
	ssize_t sent;

	if (sender)
		add_control(&header, SCM_CREDENTIALS, sender, sizeof(*sender));
	if (parcel && parcel->n_fds)
		add_control(&header, SCM_RIGHTS, parcel->fds,
			    parcel->n_fds * sizeof(int));
	do
		sent = sendmsg(relay->manager, &header, MSG_NOSIGNAL);
	while (sent < 0 && (errno == EINTR || errno == EAGAIN) &&
	       is_patient(relay));
	return sent < 0 ? -1 : 0;
}

static bool is_of_service(const struct relay *relay, pid_t pid)
{
	cleanup_free char *group = pid > 0 ? group_of(pid) : NULL;
	size_t n;

	if (!group || !relay->group || !has_prefix(group, relay->group))
		return false;
	n = strlen(relay->group);
	return group[n] == '\0' || group[n] == '/' || relay->group[n - 1] == '/';
}

static void pass_on(struct relay *relay, const struct parcel *parcel)
{
	char text[MESSAGE_SIZE];
	size_t n;

	if (parcel->sender.pid != relay->state.cmd) {
		if (!is_of_service(relay, parcel->sender.pid))
			return;
		if (transmit(relay, parcel->text, parcel->n, parcel,
			     &parcel->sender) == 0 || errno != EPERM)
			return;
	}
	n = message_rewrite(&relay->state, parcel->text, parcel->n, text);
	if (n || parcel->n_fds)
		transmit(relay, text, n, parcel, NULL);
}

static void pass_on_all(struct relay *relay)
{
	struct parcel parcel;

	while (is_patient(relay) && receive(relay, &parcel)) {
		pass_on(relay, &parcel);
		for (size_t i = 0; i < parcel.n_fds; i++)
			close(parcel.fds[i]);
	}
}

/* --------------------------------------------------------------- the status */

/* In place each message takes the place of CMD's own status, or is one more line
 * of refusal in the journal: only what is news then. */
static bool is_news(const struct relay *relay, const struct shown *now)
{
	return relay->receiver >= 0 || now->calls != relay->shown.calls ||
	       now->hits / 10 >= relay->shown.hits;
}

/* How long poll(2) may wait. */
static int show(struct relay *relay, bool is_last)
{
	struct shown now;
	int64_t ms = now_ms();
	char text[MESSAGE_SIZE];

	if (!is_last && !atomic_load(&relay->is_stale))
		return -1;
	if (!is_last && ms < relay->next_ms)
		return (int)(relay->next_ms - ms);
	relay->next_ms = ms + SHOWN_EVERY_MS;
	atomic_store(&relay->is_stale, false);
	now = (struct shown){atomic_load(&relay->calls),
			     atomic_load(&relay->hits)};
	if (now.hits == relay->shown.hits ||
	    (!is_last && !is_news(relay, &now)))
		return -1;
	relay->shown = now;
	message_set_denied(&relay->state, relay->what, now.calls, now.hits);
	transmit(relay, text, message_status(&relay->state, text), NULL, NULL);
	return -1;
}

/* ---------------------------------------------------------------- the thread */

static void *serve(void *arg)
{
	struct relay *relay = arg;
	struct pollfd fds[] = {{.fd = relay->wake, .events = POLLIN},
			       {.fd = relay->receiver, .events = POLLIN}};
	uint64_t count;

	while (!atomic_load(&relay->stop)) {
		if (poll(fds, ARRAY_SIZE(fds), show(relay, false)) <= 0)
			continue;
		if (fds[0].revents &&
		    read(relay->wake, &count, sizeof(count)) < 0)
			continue;
		if (fds[1].revents)
			pass_on_all(relay);
	}
	if (relay->receiver >= 0)
		pass_on_all(relay);
	show(relay, true);
	return NULL;
}

int relay_start(struct relay *relay, pid_t cmd, bool permissive)
{
	sigset_t all, old;

	relay->state.cmd = cmd;
	relay->what = permissive ? "permitted" : "denied";
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	errno = pthread_create(&relay->thread, NULL, serve, relay);
	relay->is_started = errno == 0;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return relay->is_started ? 0 : -1;
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
	if (!relay)
		return;
	if (relay->is_started) {
		atomic_store(&relay->stop, true);
		wake(relay);
		pthread_join(relay->thread, NULL);
	}
	release(relay);
}

void relay_abandon(struct relay *relay)
{
	if (!relay)
		return;
	relay->is_started = false;
	close_sockets(relay);
}
