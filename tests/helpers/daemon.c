/* A service as systemd's manual pages describe one, for the live tests: what
 * happens to it is written to a log, a line each.
 *
 * daemon LOG [WORD]...
 *   exit=N       ends with N after SIGTERM (default 0)
 *   fail=N       ends with N soon after READY=1
 *   die=N        the same, by signal N
 *   linger=MS    goes on for so long after SIGTERM, counting them
 *   calls=MS     makes a call (mkdir /proc/denied) every so often
 *   burst=N      makes so many at once, before READY=1
 *   hang         stops feeding the watchdog after three times
 *   store        leaves a descriptor with the manager (FDSTORE=1)
 *   load=N       so many children make it without a pause
 *   child        a child says READY=1, not the daemon
 *   mute         says nothing to the manager
 *   status=TEXT  its STATUS= */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int log_fd;
static int exit_with, fail_with = -1, die_of, linger_ms, calls_ms, burst;
static int hang, store, child, mute, load;
static const char *status_text = "at your service";

static void say(const char *fmt, ...)
{
	char line[256];
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(line, sizeof(line) - 1, fmt, args);
	va_end(args);
	line[n++] = '\n';
	if (write(log_fd, line, (size_t)n) < 0)
		exit(99);
}

static void notify(const char *text, int fd)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec iov = {(char *)text, strlen(text)};
	struct msghdr header = {
		.msg_name = &to,
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};
	int s;

	if (!path || mute)
		return;
	header.msg_namelen = (socklen_t)(sizeof(sa_family_t) + strlen(path));
	memcpy(to.sun_path, path, strlen(path));
	if (*path == '@')
		to.sun_path[0] = '\0';
	if (fd >= 0) {
		header.msg_control = &control;
		header.msg_controllen = sizeof(control);
		control.align = (struct cmsghdr){
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS,
			.cmsg_len = CMSG_LEN(sizeof(int)),
		};
		memcpy(CMSG_DATA(&control.align), &fd, sizeof(fd));
	}
	s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sendmsg(s, &header, 0) < 0)
		say("notify: %s", strerror(errno));
	close(s);
}

/* Everything before has been taken in once the manager closes its copy. */
static void barrier(void)
{
	int ends[2];
	struct pollfd end;

	if (!getenv("NOTIFY_SOCKET") || pipe(ends) < 0)
		return;
	notify("BARRIER=1", ends[1]);
	close(ends[1]);
	end = (struct pollfd){.fd = ends[0], .events = POLLIN};
	say(poll(&end, 1, 5000) == 1 ? "barrier passed" : "barrier stuck");
	close(ends[0]);
}

static int names_me(const char *variable)
{
	const char *value = getenv(variable);

	if (value)
		say("%s %s", variable,
		    atoi(value) == getpid() ? "is mine" : "is not mine");
	return value && atoi(value) == getpid();
}

static void call(void)
{
	mkdir("/proc/denied", 0700);
}

static int listener(void)
{
	const char *n = getenv("LISTEN_FDS");

	if (!names_me("LISTEN_PID") || !n || atoi(n) < 1)
		return -1;
	for (int fd = 3; fd < 3 + atoi(n); fd++)
		say("fd %d %s", fd,
		    fcntl(fd, F_GETFD) >= 0 ? "is open" : "is closed");
	return 3;
}

static void greet(int fd)
{
	int peer = accept(fd, NULL, NULL);

	if (peer < 0 || write(peer, "hello\n", 6) != 6)
		say("no greeting: %s", strerror(errno));
	close(peer);
}

static void get_ready(void)
{
	char text[256];

	for (int i = 0; i < burst; i++)
		call();
	if (child) {
		if (fork() == 0) {
			notify("READY=1", -1);
			barrier();
			_exit(0);
		}
		wait(NULL);
		return;
	}
	snprintf(text, sizeof(text), "READY=1\nSTATUS=%s\nMAINPID=%d",
		 status_text, (int)getpid());
	notify(text, -1);
	if (store) {
		int fd = memfd_create("kept", 0);

		notify("FDSTORE=1\nFDNAME=kept", fd);
		close(fd);
	}
	barrier();
	say("ready");
}

static void make_load(void)
{
	sigset_t none;

	sigemptyset(&none);
	for (int i = 0; i < load; i++) {
		if (fork())
			continue;
		sigprocmask(SIG_SETMASK, &none, NULL);
		for (;;)
			call();
	}
}

static void reload(void)
{
	say("SIGHUP");
	notify("RELOADING=1\nSTATUS=reloading", -1);
	notify("READY=1\nSTATUS=reloaded", -1);
}

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Returns when it is time to end. */
static void serve(int socket_fd, int signal_fd, long watchdog_ms)
{
	struct pollfd fds[] = {{.fd = signal_fd, .events = POLLIN},
			       {.fd = socket_fd, .events = POLLIN}};
	long end = 0, next_call = 0, next_beat = 0;
	int beats = 0;

	if (fail_with >= 0 || die_of)
		end = now_ms() + 100;
	while (!end || now_ms() < end) {
		struct signalfd_siginfo info;

		if (poll(fds, 2, 5) > 0 && fds[0].revents &&
		    read(signal_fd, &info, sizeof(info)) == sizeof(info)) {
			if (info.ssi_signo == SIGHUP) {
				reload();
			} else {
				say("SIG%s", sigabbrev_np((int)info.ssi_signo));
				notify("STOPPING=1\nSTATUS=going", -1);
				end = end ? end : now_ms() + linger_ms;
			}
		}
		if (fds[1].revents)
			greet(socket_fd);
		if (calls_ms && now_ms() >= next_call) {
			call();
			next_call = now_ms() + calls_ms;
		}
		if (watchdog_ms && now_ms() >= next_beat &&
		    !(hang && beats == 3)) {
			notify("WATCHDOG=1", -1);
			beats++;
			next_beat = now_ms() + watchdog_ms / 3;
		}
	}
}

static void parse(const char *word)
{
	static const struct {
		const char *name;
		int *number;
	} words[] = {
		{"exit=", &exit_with},  {"fail=", &fail_with},
		{"die=", &die_of},      {"linger=", &linger_ms},
		{"calls=", &calls_ms},  {"burst=", &burst},
		{"load=", &load},
		{"hang", &hang},        {"store", &store},
		{"child", &child},      {"mute", &mute},
	};

	if (strncmp(word, "status=", 7) == 0) {
		status_text = word + 7;
		return;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		size_t n = strlen(words[i].name);

		if (strncmp(word, words[i].name, n) == 0) {
			*words[i].number =
				words[i].name[n - 1] == '=' ? atoi(word + n) : 1;
			return;
		}
	}
	exit(98);
}

int main(int argc, char **argv)
{
	const char *watchdog = getenv("WATCHDOG_USEC");
	long watchdog_ms = 0;
	int socket_fd, signal_fd;
	sigset_t set;

	if (argc < 2)
		return 98;
	log_fd = open(argv[1], O_WRONLY | O_CREAT | O_APPEND, 0666);
	for (int i = 2; i < argc; i++)
		parse(argv[i]);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal_fd = signalfd(-1, &set, SFD_CLOEXEC);
	say("pid %d", (int)getpid());
	names_me("SYSTEMD_EXEC_PID");
	socket_fd = listener();
	if (watchdog && names_me("WATCHDOG_PID"))
		watchdog_ms = atol(watchdog) / 1000;
	make_load();
	get_ready();
	serve(socket_fd, signal_fd, watchdog_ms);
	if (die_of) {
		signal(die_of, SIG_DFL);
		sigemptyset(&set);
		sigaddset(&set, die_of);
		sigprocmask(SIG_UNBLOCK, &set, NULL);
		raise(die_of);
	}
	say("end");
	return fail_with >= 0 ? fail_with : exit_with;
}
