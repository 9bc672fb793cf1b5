/* httpd PORT FILE: serves FILE to every request on 127.0.0.1:PORT, one after
 * the other, as a small network daemon does it (epoll, accept4, sendfile),
 * until SIGTERM.  PORT 0 takes any; "listening on PORT" tells which. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static int listen_on(int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_port = htons(port),
				  .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t size = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&at, size) ||
	    listen(fd, 8) || getsockname(fd, (struct sockaddr *)&at, &size)) {
		perror("httpd");
		exit(1);
	}
	printf("listening on %d\n", ntohs(at.sin_port));
	fflush(stdout);
	return fd;
}

static void serve(int client, const char *file)
{
	char request[4096];
	struct stat st;
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (recv(client, request, sizeof(request), 0) > 0 && fd >= 0 &&
	    !fstat(fd, &st)) {
		dprintf(client,
			"HTTP/1.0 200 OK\r\nContent-Length: %ld\r\n\r\n",
			(long)st.st_size);
		if (sendfile(client, fd, NULL, st.st_size) < 0)
			perror("sendfile");
	}
	if (fd >= 0)
		close(fd);
	close(client);
}

static void end(int number)
{
	(void)number;
	_exit(0);
}

int main(int argc, char **argv)
{
	struct epoll_event event = { .events = EPOLLIN };
	int server, epoll;

	if (argc != 3)
		return 2;
	signal(SIGTERM, end);
	signal(SIGPIPE, SIG_IGN);
	server = listen_on(atoi(argv[1]));
	epoll = epoll_create1(EPOLL_CLOEXEC);
	if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, server, &event)) {
		perror("epoll");
		return 1;
	}
	for (;;) {
		int client;

		if (epoll_wait(epoll, &event, 1, -1) < 1)
			continue;
		client = accept4(server, NULL, NULL, SOCK_CLOEXEC);
		if (client >= 0)
			serve(client, argv[2]);
	}
}
