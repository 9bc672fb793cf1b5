/* A service, its manager, and a stranger whose sockets take long to close.
 *
 * linger manager SOCKET CMD...   binds SOCKET, starts CMD with NOTIFY_SOCKET,
 *                                prints what comes; the status is CMD's
 * linger service FILE            writes its NOTIFY_SOCKET to FILE and sends
 *                                READY=1; waits until FILE has gone; sends
 *                                WATCHDOG=1 and ends with status 3
 * linger stranger SOCKET         sends three connected sockets that have a
 *                                linger time of a minute and unsent data; "sent",
 *                                then keeps their other ends until killed
 * linger close SOCKET            binds SOCKET, prints "ready", closes what
 *                                comes, prints "closed"
 *
 * A SOCKET with a leading @ is an abstract one. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SOCKETS = 3, MINUTE = 60 };

union control {
	struct cmsghdr align;
	char space[CMSG_SPACE(SOCKETS * sizeof(int))];
};

static int fail(const char *what)
{
	perror(what);
	return 2;
}

static void say(const char *text)
{
	puts(text);
	fflush(stdout);
}

static int address(const char *text, struct sockaddr_un *name, socklen_t *size)
{
	*name = (struct sockaddr_un){ .sun_family = AF_UNIX };
	strncpy(name->sun_path, text, sizeof(name->sun_path) - 1);
	*size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
			    strlen(name->sun_path));
	if (*text == '@')
		name->sun_path[0] = '\0';
	else
		(*size)++;
	return socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

static int bound(const char *text)
{
	struct sockaddr_un name;
	socklen_t size;
	int fd = address(text, &name, &size);

	unlink(name.sun_path);
	if (bind(fd, (struct sockaddr *)&name, size))
		return -1;
	chmod(name.sun_path, 0777);
	return fd;
}

/* One message; its descriptors are closed here, whatever that takes. */
static int receive(int fd)
{
	union control control;
	char text[4096];
	struct iovec iov = { text, sizeof(text) - 1 };
	struct msghdr header = { .msg_iov = &iov,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &header, MSG_DONTWAIT);

	if (n < 0)
		return 0;
	text[n] = '\0';
	say(text);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&header); c;
	     c = CMSG_NXTHDR(&header, c))
		for (size_t i = 0; c->cmsg_type == SCM_RIGHTS &&
				   CMSG_LEN((i + 1) * sizeof(int)) <= c->cmsg_len;
		     i++)
			close(((int *)(void *)CMSG_DATA(c))[i]);
	return 1;
}

static int manager(const char *path, char **cmd)
{
	int fd = bound(path), status;
	struct pollfd waiting = { .fd = fd, .events = POLLIN };
	pid_t child;

	if (fd < 0)
		return fail(path);
	setenv("NOTIFY_SOCKET", path, 1);
	child = fork();
	if (!child) {
		execvp(cmd[0], cmd);
		_exit(fail(cmd[0]));
	}
	while (!waitpid(child, &status, WNOHANG)) {
		poll(&waiting, 1, 50);
		receive(fd);
	}
	while (receive(fd))
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static int tell(const char *text)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un name;
	socklen_t size;
	int fd = address(path ? path : "", &name, &size);
	ssize_t n = sendto(fd, text, strlen(text), 0,
			   (struct sockaddr *)&name, size);

	close(fd);
	return n < 0 ? fail("sendto") : 0;
}

static int service(const char *path)
{
	FILE *file = fopen(path, "w");

	if (!file || fprintf(file, "%s\n", getenv("NOTIFY_SOCKET")) < 0 ||
	    fclose(file) || tell("READY=1"))
		return fail(path);
	while (access(path, F_OK) == 0)
		usleep(20 * 1000);
	return tell("WATCHDOG=1") ? 2 : 3;
}

/* Its other end is open and never read. */
static int slow_socket(const struct sockaddr_in *to)
{
	struct linger minute = { .l_onoff = 1, .l_linger = MINUTE };
	static char data[65536];
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (connect(fd, (const struct sockaddr *)to, sizeof(*to)))
		return -1;
	while (send(fd, data, sizeof(data), MSG_DONTWAIT) > 0)
		;
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &minute, sizeof(minute));
	return fd;
}

static int listening(struct sockaddr_in *name)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), small = 2048;
	socklen_t size = sizeof(*name);

	*name = (struct sockaddr_in){ .sin_family = AF_INET };
	name->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	if (bind(fd, (struct sockaddr *)name, size) || listen(fd, SOCKETS) ||
	    getsockname(fd, (struct sockaddr *)name, &size))
		return -1;
	return fd;
}

/* A message, with a descriptor unless that is -1. */
static int send_one(const char *path, int passed)
{
	union control control = { 0 };
	struct sockaddr_un name;
	struct iovec iov = { "X=1", 3 };
	struct msghdr header = { .msg_name = &name,
				 .msg_iov = &iov,
				 .msg_iovlen = 1 };
	int fd = address(path, &name, &header.msg_namelen);
	struct cmsghdr *c;

	if (passed >= 0) {
		header.msg_control = &control;
		header.msg_controllen = CMSG_SPACE(sizeof(int));
		c = CMSG_FIRSTHDR(&header);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &passed, sizeof(int));
	}
	return sendmsg(fd, &header, 0) < 0 ? -1 : 0;
}

/* It has to end before the sockets are taken out of the messages: the last to
 * hold one waits when it closes it, a process that ends does not.  So what
 * takes them is kept busy first. */
static int send_all(const char *path, const int *fds)
{
	for (int i = 0; i < 6; i++)
		if (send_one(path, -1))
			return 2;
	for (int i = 0; i < SOCKETS; i++)
		if (send_one(path, fds[i]))
			return 2;
	return 0;
}

static int stranger(const char *path)
{
	struct sockaddr_in to;
	int fds[SOCKETS], go[2], status = 2, door = listening(&to);
	pid_t sender;
	char byte;

	for (int i = 0; i < SOCKETS; i++) {
		fds[i] = slow_socket(&to);
		if (fds[i] < 0 || accept(door, NULL, NULL) < 0)
			return fail("connect");
	}
	if (pipe(go))
		return fail("pipe");
	sender = fork();
	if (!sender)
		_exit(read(go[0], &byte, 1) == 1 ? send_all(path, fds) : 2);
	for (int i = 0; i < SOCKETS; i++)
		close(fds[i]);
	if (write(go[1], "", 1) != 1 ||
	    waitpid(sender, &status, 0) != sender || status)
		return fail("sendmsg");
	say("sent");
	for (;;)
		pause();
}

static int close_one(const char *path)
{
	int fd = bound(path);
	struct pollfd waiting = { .fd = fd, .events = POLLIN };

	if (fd < 0)
		return fail(path);
	say("ready");
	poll(&waiting, 1, -1);
	usleep(100 * 1000);
	while (receive(fd))
		;
	say("closed");
	return 0;
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	if (argc > 3 && !strcmp(argv[1], "manager"))
		return manager(argv[2], argv + 3);
	if (argc != 3)
		return 2;
	if (!strcmp(argv[1], "service"))
		return service(argv[2]);
	if (!strcmp(argv[1], "stranger"))
		return stranger(argv[2]);
	if (!strcmp(argv[1], "close"))
		return close_one(argv[2]);
	return 2;
}
