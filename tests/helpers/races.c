// build: -pthread
/* races FILE FOLDER EXECS: threads make FOLDER, which is denied, while one of
 * them, not the first, executes this program again, EXECS times, and others make
 * children by fork, vfork and CLONE_PARENT that try the same.  FILE (empty)
 * holds the counters.
 *
 * Prints "made 0 refused 12345 otherwise 0 execs 100". */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static struct counters {
	atomic_ulong made, refused, otherwise, execs;
} *count;
static char **args;

static void attempt(void)
{
	if (!syscall(SYS_mkdir, args[2], 0755))
		count->made++;
	else if (errno == EPERM)
		count->refused++;
	else
		count->otherwise++;
}

static void *attempts(void *arg)
{
	for (;;) {
		attempt();
		if (arg)
			sched_yield();
	}
	return arg;
}

static int child(void *arg)
{
	(void)arg;
	for (int i = 0; i < 3; i++)
		attempt();
	_exit(0);
}

static void *children(void *arg)
{
	static const int flags[] = { SIGCHLD, CLONE_PARENT | SIGCHLD,
				     CLONE_VM | CLONE_VFORK | SIGCHLD };
	static char stack[65536] __attribute__((aligned(16)));

	for (unsigned i = 0;; i++) {
		pid_t pid = clone(child, stack + sizeof(stack), flags[i % 3],
				  arg);

		if (i % 3 != 1)
			waitpid(pid, NULL, 0);
	}
	return arg;
}

static void *again(void *arg)
{
	usleep(500 + (unsigned)rand() % 3000);
	count->execs++;
	execv("/proc/self/exe", args);
	perror("execv");
	exit(3);
	return arg;
}

static int tell(void)
{
	usleep(50 * 1000);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	printf("made %lu refused %lu otherwise %lu execs %lu\n", count->made,
	       count->refused, count->otherwise, count->execs);
	return 0;
}

int main(int argc, char **argv)
{
	void *(*const threads[])(void *) = { attempts, attempts, children,
					     again };
	pthread_t id;
	int fd;

	if (argc != 4)
		return 2;
	args = argv;
	fd = open(argv[1], O_RDWR);
	if (fd < 0 || ftruncate(fd, sizeof(*count)))
		return 2;
	count = mmap(NULL, sizeof(*count), PROT_READ | PROT_WRITE, MAP_SHARED,
		     fd, 0);
	close(fd);
	if (count->execs >= strtoul(argv[3], NULL, 0))
		return tell();
	srand((unsigned)getpid() ^ (unsigned)count->refused);
	for (size_t i = 0; i < sizeof(threads) / sizeof(*threads); i++)
		pthread_create(&id, NULL, threads[i], (void *)(i % 2));
	attempts(NULL);
}
