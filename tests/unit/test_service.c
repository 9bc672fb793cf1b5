/* What sandbox does for a service between systemd and CMD: the environment, and
 * the messages of sd_notify(3) through a relay to a manager of our own. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/util.h"
#include "service/message.h"
#include "service/relay.h"
#include "service/service.h"

/* ------------------------------------------------------------ environment */

static const char *get(const struct service *service, const char *name)
{
	size_t n = strlen(name);

	for (char **e = service->environment; *e; e++)
		if (strncmp(*e, name, n) == 0 && (*e)[n] == '=')
			return *e + n + 1;
	return NULL;
}

static void set_number(const char *name, long long number)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", number);
	setenv(name, text, 1);
}

/* Filled in by a child: its numbers, not ours. */
static void test_names_the_child(void **state)
{
	static const char *const names[] = {"LISTEN_PID", "WATCHDOG_PID",
					    "SYSTEMD_EXEC_PID"};
	struct service service;
	int status;
	pid_t pid;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		set_number(names[i], getpid());
	setenv("MARK", "as it was", 1);
	service = service_new(NULL);
	pid = fork();
	if (pid == 0) {
		bool good = streq(get(&service, "MARK"), "as it was");

		service_fill(&service);
		for (size_t i = 0; i < ARRAY_SIZE(names); i++)
			good = good &&
			       atoi(get(&service, names[i])) == getpid();
		_exit(good ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	service_free(&service);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		unsetenv(names[i]);
}

static void test_leaves_others_alone(void **state)
{
	struct service service;

	(void)state;
	set_number("LISTEN_PID", getppid());
	setenv("WATCHDOG_PID", "x", 1);
	setenv("NOTIFY_SOCKET", "/run/there", 1);
	service = service_new(NULL);
	assert_int_equal(service.n_slots, 0);
	service_fill(&service);
	assert_int_equal(atoi(get(&service, "LISTEN_PID")), getppid());
	assert_string_equal(get(&service, "WATCHDOG_PID"), "x");
	assert_string_equal(get(&service, "NOTIFY_SOCKET"), "/run/there");
	service_free(&service);
	service = service_new("@here");
	assert_string_equal(get(&service, "NOTIFY_SOCKET"), "@here");
	service_free(&service);
	unsetenv("LISTEN_PID");
	unsetenv("WATCHDOG_PID");
	unsetenv("NOTIFY_SOCKET");
}

static long long pidfd_id(void)
{
	struct stat st = {0};
	int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);

	if (fd < 0 || fstat(fd, &st) < 0)
		return 0;
	close(fd);
	return (long long)st.st_ino;
}

static void test_names_the_childs_pidfd(void **state)
{
	struct service service;
	int status;
	pid_t pid;

	(void)state;
	set_number("LISTEN_PIDFDID", pidfd_id());
	service = service_new(NULL);
	assert_int_equal(service.n_slots, 1);
	pid = fork();
	if (pid == 0) {
		service_fill(&service);
		_exit(atoll(get(&service, "LISTEN_PIDFDID")) == pidfd_id() ? 0
									    : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	service_free(&service);
	unsetenv("LISTEN_PIDFDID");
}

/* No descriptor is free: nothing wrong is said. */
static void test_drops_what_it_cannot_tell(void **state)
{
	struct service service;
	int status;
	pid_t pid;

	(void)state;
	set_number("LISTEN_PIDFDID", pidfd_id());
	set_number("WATCHDOG_PID", getpid());
	service = service_new(NULL);
	pid = fork();
	if (pid == 0) {
		while (dup(0) >= 0)
			;
		service_fill(&service);
		_exit(!get(&service, "LISTEN_PIDFDID") &&
				      atoi(get(&service, "WATCHDOG_PID")) ==
					      getpid()
			      ? 0
			      : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	service_free(&service);
	unsetenv("LISTEN_PIDFDID");
	unsetenv("WATCHDOG_PID");
}

/* ---------------------------------------------------------------- messages */

static void rewrites(const char *denied, const char *in, const char *wanted)
{
	struct message_state state = {.cmd = 42};
	char out[MESSAGE_SIZE];
	size_t n;

	strcpy(state.denied, denied);
	n = message_rewrite(&state, in, strlen(in), out);
	assert_int_equal(n, strlen(wanted));
	assert_memory_equal(out, wanted, n);
}

static void test_messages(void **state)
{
	(void)state;
	rewrites("", "READY=1", "READY=1");
	rewrites("", "READY=1\nSTATUS=up\nMAINPID=42", "READY=1\nSTATUS=up");
	rewrites("", "MAINPID=42", "");
	rewrites("", "MAINPID=42\nMAINPIDFDID=7\nREADY=1", "READY=1");
	rewrites("", "MAINPID=421\nREADY=1", "MAINPID=421\nREADY=1");
	rewrites("", "MAINPID=4\nMAINPIDFDID=7", "MAINPID=4\nMAINPIDFDID=7");
	rewrites("1 denied call, 2 hits", "STATUS=up\nX=1",
		 "STATUS=up (sandbox: 1 denied call, 2 hits)\nX=1");
	rewrites("1 denied call, 2 hits", "STATUS=",
		 "STATUS=sandbox: 1 denied call, 2 hits");
	rewrites("1 denied call, 2 hits", "WATCHDOG=1\n", "WATCHDOG=1");
}

static void test_status(void **state)
{
	struct message_state message = {.cmd = 42};
	char out[MESSAGE_SIZE];
	size_t n;

	(void)state;
	message_set_denied(&message, "denied", 3, 41);
	n = message_status(&message, out);
	assert_int_equal(n, strlen("STATUS=sandbox: 3 denied calls, 41 hits"));
	assert_memory_equal(out, "STATUS=sandbox: 3 denied calls, 41 hits", n);
	message_rewrite(&message, "STATUS=up", 9, out);
	message_set_denied(&message, "denied", 1, 1);
	n = message_status(&message, out);
	out[n] = '\0';
	assert_string_equal(out, "STATUS=up (sandbox: 1 denied call, 1 hit)");
}

/* What systemd would ignore stays what it is; what has no room for the sums
 * goes without them. */
static void test_odd_messages(void **state)
{
	struct message_state message = {.cmd = 42, .denied = "1 denied call"};
	char in[MESSAGE_SIZE], out[MESSAGE_SIZE];

	(void)state;
	memset(in, 'x', sizeof(in));
	assert_int_equal(message_rewrite(&message, in, sizeof(in), out),
			 sizeof(in));
	assert_memory_equal(in, out, sizeof(in));
	assert_int_equal(message_rewrite(&message, "A=1\0MAINPID=42", 14, out),
			 14);
	memcpy(in, "STATUS=", 7);
	assert_int_equal(message_rewrite(&message, in, MESSAGE_LIMIT, out),
			 MESSAGE_LIMIT);
	assert_memory_equal(in, out, MESSAGE_LIMIT);
	memset(in, '\n', MESSAGE_LIMIT);
	assert_int_equal(message_rewrite(&message, in, MESSAGE_LIMIT, out), 0);
}

/* ------------------------------------------------------------------- relay */

static int manager = -1;
static char manager_name[64];

static int start_manager(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const int on = 1;
	int n;

	(void)state;
	n = snprintf(manager_name, sizeof(manager_name), "@test-manager-%d",
		     (int)getpid());
	strcpy(address.sun_path, manager_name);
	address.sun_path[0] = '\0';
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	setsockopt(manager, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
	setenv("NOTIFY_SOCKET", manager_name, 1);
	return bind(manager, (struct sockaddr *)&address,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path)) +
			    (socklen_t)n);
}

static int stop_manager(void **state)
{
	(void)state;
	unsetenv("NOTIFY_SOCKET");
	return close(manager);
}

struct got {
	char text[256];
	pid_t sender;
	int fd;
};

/* "" if nothing comes within the time. */
static struct got hear(int ms)
{
	struct got got = {.fd = -1};
	struct pollfd poll_fd = {.fd = manager, .events = POLLIN};
	union {
		struct cmsghdr align;
		char space[256];
	} control;
	struct iovec iov = {got.text, sizeof(got.text) - 1};
	struct msghdr header = {.msg_iov = &iov, .msg_iovlen = 1,
				.msg_control = &control,
				.msg_controllen = sizeof(control)};
	struct ucred sender;

	if (poll(&poll_fd, 1, ms) != 1 || recvmsg(manager, &header, 0) < 0)
		return got;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&header); c;
	     c = CMSG_NXTHDR(&header, c)) {
		if (c->cmsg_type == SCM_RIGHTS)
			memcpy(&got.fd, CMSG_DATA(c), sizeof(got.fd));
		if (c->cmsg_type == SCM_CREDENTIALS) {
			memcpy(&sender, CMSG_DATA(c), sizeof(sender));
			got.sender = sender.pid;
		}
	}
	return got;
}

static void say(const char *to, const char *text, int fd)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {.align = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
	struct iovec iov = {(char *)text, strlen(text)};
	struct msghdr header = {.msg_name = &address, .msg_iov = &iov,
				.msg_iovlen = 1};
	int s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, to);
	address.sun_path[0] = '\0';
	header.msg_namelen =
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) +
			    strlen(to));
	if (fd >= 0) {
		memcpy(CMSG_DATA(&control.align), &fd, sizeof(fd));
		header.msg_control = &control;
		header.msg_controllen = sizeof(control);
	}
	if (sendmsg(s, &header, 0) < 0)
		_exit(1);
	close(s);
}

/* In a process of its own, which is waited for. */
static void say_as_child(const char *to, const char *text)
{
	pid_t pid = fork();

	if (pid == 0) {
		say(to, text, -1);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

static void test_relay_passes_on(void **state)
{
	struct relay *relay = relay_open(false);
	int ends[2];
	struct pollfd end;
	struct got got;

	(void)state;
	assert_non_null(relay);
	assert_int_equal(relay_start(relay, getpid(), false), 0);
	say(relay_address(relay), "READY=1\nSTATUS=up", -1);
	got = hear(5000);
	assert_string_equal(got.text, "READY=1\nSTATUS=up");
	assert_int_equal(got.sender, getpid());
	/* BARRIER=1 and FDSTORE=1: the descriptor arrives, and is held by
	 * nobody on the way. */
	assert_int_equal(pipe(ends), 0);
	say(relay_address(relay), "BARRIER=1", ends[1]);
	close(ends[1]);
	got = hear(5000);
	assert_string_equal(got.text, "BARRIER=1");
	assert_true(got.fd >= 0);
	close(got.fd);
	end = (struct pollfd){.fd = ends[0], .events = POLLIN};
	assert_int_equal(poll(&end, 1, 5000), 1);
	close(ends[0]);
	relay_close(relay);
}

static void test_relay_empties_itself(void **state)
{
	struct relay *relay = relay_open(false);

	(void)state;
	for (int i = 0; i < 5; i++)
		say(relay_address(relay), "WATCHDOG=1", -1);
	assert_int_equal(relay_start(relay, getpid(), false), 0);
	relay_close(relay);
	for (int i = 0; i < 5; i++)
		assert_string_equal(hear(0).text, "WATCHDOG=1");
	assert_string_equal(hear(0).text, "");
}

static void test_relay_shows_sums(void **state)
{
	struct relay *relay = relay_open(false);

	(void)state;
	assert_int_equal(relay_start(relay, getpid(), false), 0);
	relay_show(relay, 1, 1);
	assert_string_equal(hear(5000).text,
			    "STATUS=sandbox: 1 denied call, 1 hit");
	/* At most once a second, the latest sum then. */
	for (uint64_t i = 2; i < 1000; i++)
		relay_show(relay, 2, i);
	assert_string_equal(hear(500).text, "");
	assert_string_equal(hear(5000).text,
			    "STATUS=sandbox: 2 denied calls, 999 hits");
	say(relay_address(relay), "STATUS=up", -1);
	assert_string_equal(hear(5000).text,
			    "STATUS=up (sandbox: 2 denied calls, 999 hits)");
	relay_show(relay, 3, 1000);
	relay_close(relay);
	assert_string_equal(hear(0).text,
			    "STATUS=up (sandbox: 3 denied calls, 1000 hits)");
	assert_string_equal(hear(0).text, "");
}

/* In place: only what is news, and nothing is received. */
static void test_relay_in_place(void **state)
{
	struct relay *relay = relay_open(true);

	(void)state;
	assert_null(relay_address(relay));
	assert_int_equal(relay_start(relay, getpid(), true), 0);
	relay_show(relay, 1, 20);
	assert_string_equal(hear(5000).text,
			    "STATUS=sandbox: 1 permitted call, 20 hits");
	relay_show(relay, 1, 21);
	assert_string_equal(hear(1500).text, "");
	relay_show(relay, 1, 200);
	assert_string_equal(hear(5000).text,
			    "STATUS=sandbox: 1 permitted call, 200 hits");
	relay_show(relay, 1, 201);
	relay_close(relay);
	assert_string_equal(hear(0).text,
			    "STATUS=sandbox: 1 permitted call, 201 hits");
}

/* Another process of the service keeps its name where sandbox may say so. */
static void test_relay_names_the_sender(void **state)
{
	struct relay *relay = relay_open(false);
	int go[2], status;
	struct got got;
	char byte;
	pid_t pid;

	(void)state;
	/* Whoever has gone cannot be looked up any more, by systemd neither. */
	say_as_child(relay_address(relay), "READY=1");
	assert_int_equal(pipe(go), 0);
	pid = fork();
	if (pid == 0) {
		say(relay_address(relay), "STATUS=child", -1);
		_exit(read(go[0], &byte, 1) == 1 ? 0 : 1);
	}
	assert_int_equal(relay_start(relay, getpid(), false), 0);
	got = hear(5000);
	assert_string_equal(got.text, "STATUS=child");
	assert_int_equal(got.sender, geteuid() == 0 ? pid : getpid());
	assert_int_equal(write(go[1], "x", 1), 1);
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
	close(go[0]);
	close(go[1]);
	relay_close(relay);
	assert_string_equal(hear(0).text, "");
}

static void test_relay_is_for_the_main_process(void **state)
{
	struct relay *relay;

	(void)state;
	set_number("SYSTEMD_EXEC_PID", getppid());
	assert_null(relay_open(false));
	set_number("SYSTEMD_EXEC_PID", getpid());
	relay = relay_open(false);
	assert_non_null(relay);
	relay_close(relay);
	unsetenv("SYSTEMD_EXEC_PID");
	setenv("NOTIFY_SOCKET", "vsock:2:1234", 1);
	assert_null(relay_open(false));
	unsetenv("NOTIFY_SOCKET");
	assert_null(relay_open(false));
	setenv("NOTIFY_SOCKET", manager_name, 1);
}

/* Whose queue is full would be waited for, after CMD's end too. */
static void test_relay_ends_without_a_reader(void **state)
{
	struct relay *relay = relay_open(false);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int sender = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	size_t n = strlen(manager_name);

	(void)state;
	strcpy(address.sun_path, manager_name);
	address.sun_path[0] = '\0';
	while (sendto(sender, "x", 1, MSG_DONTWAIT,
		      (struct sockaddr *)&address,
		      (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
				  n)) == 1)
		;
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(relay_start(relay, getpid(), false), 0);
	relay_show(relay, 1, 1);
	relay_close(relay);
	close(sender);
}

/* Sends three sockets whose close(2) takes a minute, and ends: nobody can tell
 * any more whose they were.  Their other ends stay here, unread. */
static void lingering_stranger(const char *to)
{
	static const char data[65536];
	const struct linger minute = {.l_onoff = 1, .l_linger = 60};
	struct sockaddr_in name = {.sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(name);
	int door = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t pid;

	assert_int_equal(bind(door, (struct sockaddr *)&name, size), 0);
	assert_int_equal(listen(door, 3), 0);
	getsockname(door, (struct sockaddr *)&name, &size);
	pid = fork();
	for (int i = 0; pid == 0 && i < 3; i++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		if (connect(fd, (struct sockaddr *)&name, size) < 0)
			_exit(1);
		while (send(fd, data, sizeof(data), MSG_DONTWAIT) > 0)
			;
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &minute, sizeof(minute));
		say(to, "X=1", fd);
	}
	if (pid == 0)
		_exit(0);
	waitpid(pid, NULL, 0);
}

static void test_relay_waits_for_no_close(void **state)
{
	struct relay *relay = relay_open(false);

	(void)state;
	lingering_stranger(relay_address(relay));
	assert_int_equal(relay_start(relay, getpid(), false), 0);
	say(relay_address(relay), "WATCHDOG=1", -1);
	assert_string_equal(hear(20000).text, "WATCHDOG=1");
	relay_close(relay);
}

/* Where poll(2) fails (CMD may lower our limits) nobody is left waiting. */
static void test_relay_ends_where_poll_fails(void **state)
{
	struct relay *relay;
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		const struct rlimit none = {0};
		int sender = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		struct sockaddr_un address = {.sun_family = AF_UNIX};
		socklen_t size;

		relay = relay_open(false);
		strcpy(address.sun_path, relay_address(relay));
		size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
				   strlen(address.sun_path));
		address.sun_path[0] = '\0';
		if (!relay || relay_start(relay, getpid(), false) < 0 ||
		    setrlimit(RLIMIT_NOFILE, &none) < 0)
			_exit(1);
		/* it may be in poll(2) still, and hear the first */
		while (sendto(sender, "WATCHDOG=1", 10, 0,
			      (struct sockaddr *)&address, size) == 10)
			usleep(1000);
		relay_close(relay);
		_exit(errno == ECONNREFUSED ? 0 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void test_relay_keeps_its_own(void **state)
{
	struct relay *relay = relay_open(false);
	struct kept_fds kept = {0};

	(void)state;
	relay_keep(relay, &kept);
	assert_int_equal(kept.n, 3);
	for (size_t i = 0; i < kept.n; i++)
		assert_true(fcntl(kept.fds[i], F_GETFD) >= 0);
	relay_close(relay);
	for (size_t i = 0; i < kept.n; i++)
		assert_true(fcntl(kept.fds[i], F_GETFD) < 0);
	kept.n = 0;
	relay_keep(NULL, &kept);
	assert_int_equal(kept.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_the_child),
		cmocka_unit_test(test_leaves_others_alone),
		cmocka_unit_test(test_names_the_childs_pidfd),
		cmocka_unit_test(test_drops_what_it_cannot_tell),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_odd_messages),
		cmocka_unit_test_setup_teardown(test_relay_passes_on,
						start_manager, stop_manager),
		cmocka_unit_test_setup_teardown(test_relay_empties_itself,
						start_manager, stop_manager),
		cmocka_unit_test_setup_teardown(test_relay_shows_sums,
						start_manager, stop_manager),
		cmocka_unit_test_setup_teardown(test_relay_in_place,
						start_manager, stop_manager),
		cmocka_unit_test_setup_teardown(test_relay_names_the_sender,
						start_manager, stop_manager),
		cmocka_unit_test_setup_teardown(
			test_relay_is_for_the_main_process, start_manager,
			stop_manager),
		cmocka_unit_test_setup_teardown(test_relay_ends_without_a_reader,
						start_manager, stop_manager),
		cmocka_unit_test_setup_teardown(test_relay_waits_for_no_close,
						start_manager, stop_manager),
		cmocka_unit_test_setup_teardown(
			test_relay_ends_where_poll_fails, start_manager,
			stop_manager),
		cmocka_unit_test_setup_teardown(test_relay_keeps_its_own,
						start_manager, stop_manager),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
