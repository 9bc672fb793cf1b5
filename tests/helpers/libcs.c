// build: -pthread
/* A little of everything, by libc's functions alone: built with one libc it makes
 * other calls than with another. */
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MUST(condition)                                                        \
	do {                                                                   \
		if (!(condition)) {                                            \
			perror(#condition);                                    \
			exit(1);                                               \
		}                                                              \
	} while (0)

static void files(void)
{
	struct stat st;
	char name[] = "libcs-XXXXXX", copy[32];
	int fd = mkstemp(name);
	DIR *dir = opendir(".");

	MUST(fd >= 0 && dir);
	MUST(write(fd, "x", 1) == 1 && fsync(fd) == 0);
	MUST(lseek(fd, 0, SEEK_SET) == 0 && ftruncate(fd, 0) == 0);
	snprintf(copy, sizeof(copy), "%s.new", name);
	MUST(rename(name, copy) == 0 && stat(copy, &st) == 0);
	MUST(access(copy, R_OK) == 0 && chmod(copy, 0600) == 0);
	while (readdir(dir))
		;
	MUST(mkdir(name, 0700) == 0 && rmdir(name) == 0);
	MUST(unlink(copy) == 0 && closedir(dir) == 0 && close(fd) == 0);
}

static void *nap(void *unused)
{
	struct timespec little = {0, 1000};

	nanosleep(&little, NULL);
	return unused;
}

static void threads(void)
{
	pthread_t thread;

	MUST(pthread_create(&thread, NULL, nap, NULL) == 0);
	MUST(pthread_join(thread, NULL) == 0);
}

static void children(void)
{
	int ends[2], status;
	char c;
	struct pollfd end;
	struct timeval no_time = {0, 0};
	fd_set set;
	pid_t child;

	MUST(pipe(ends) == 0);
	child = fork();
	MUST(child >= 0);
	if (child == 0) {
		MUST(dup2(ends[1], 9) == 9 && write(9, "y", 1) == 1);
		_exit(0);
	}
	end = (struct pollfd){.fd = ends[0], .events = POLLIN};
	MUST(poll(&end, 1, 5000) == 1 && read(ends[0], &c, 1) == 1);
	FD_ZERO(&set);
	FD_SET(ends[0], &set);
	MUST(select(ends[0] + 1, &set, NULL, NULL, &no_time) == 0);
	MUST(waitpid(child, &status, 0) == child && status == 0);
	MUST(system("exit 0") == 0);
}

static void sockets(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(at);
	int server = socket(AF_INET, SOCK_STREAM, 0), yes = 1, peer;
	int client = socket(AF_INET, SOCK_STREAM, 0);
	char c;

	MUST(server >= 0 && client >= 0);
	MUST(setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &yes,
			sizeof(yes)) == 0);
	MUST(bind(server, (struct sockaddr *)&at, size) == 0);
	MUST(listen(server, 1) == 0);
	MUST(getsockname(server, (struct sockaddr *)&at, &size) == 0);
	MUST(connect(client, (struct sockaddr *)&at, size) == 0);
	peer = accept(server, NULL, NULL);
	MUST(peer >= 0 && send(client, "z", 1, 0) == 1);
	MUST(recv(peer, &c, 1, 0) == 1 && shutdown(peer, SHUT_RDWR) == 0);
}

static void signals(void)
{
	signal(SIGUSR1, SIG_IGN);
	MUST(raise(SIGUSR1) == 0);
	alarm(99);
	alarm(0);
}

int main(void)
{
	time_t now = time(NULL);
	char *memory = malloc(1 << 20);

	MUST(memory && isatty(0) + 1);
	memset(memory, 1, 1 << 20);
	MUST(realloc(memory, 1 << 24));
	files();
	threads();
	children();
	sockets();
	signals();
	printf("done%s", now ? "\n" : "");
	return 0;
}
