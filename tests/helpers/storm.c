// build: -pthread
/* storm THREADS PROCESSES CALLS NUMBER: THREADS threads of this process and
 * PROCESSES child processes make CALLS calls of system call NUMBER each.
 *
 * What it calls besides is the same in every run, so that two tracers can be
 * compared: the threads wait for each other on pipes, never on a futex, and
 * leave by exit(2) at once; SIGCHLD is blocked, since a tracer that is told of
 * it interrupts a read, which then is made twice. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static long calls, number;
static int go[2], done[2];

static void make_calls(void)
{
	for (long i = 0; i < calls; i++)
		syscall(number, 0, 0, 0, 0, 0, 0);
}

static void *thread(void *arg)
{
	char byte;

	if (read(go[0], &byte, 1) != 1)
		_exit(2);
	make_calls();
	if (write(done[1], "", 1) != 1)
		_exit(2);
	syscall(SYS_exit, 0);
	return arg;
}

int main(int argc, char **argv)
{
	int threads, processes, bad = 0, status;
	sigset_t sigchld;
	pthread_t id;
	char byte;

	if (argc != 5 || pipe(go) || pipe(done))
		return 2;
	threads = atoi(argv[1]);
	processes = atoi(argv[2]);
	calls = atol(argv[3]);
	number = atol(argv[4]);
	sigemptyset(&sigchld);
	sigaddset(&sigchld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &sigchld, NULL);

	for (int i = 0; i < processes; i++) {
		if (!fork()) {
			make_calls();
			_exit(0);
		}
	}
	for (int i = 0; i < threads; i++)
		if (pthread_create(&id, NULL, thread, NULL))
			return 2;
	for (int i = 0; i < threads; i++)
		if (write(go[1], "", 1) != 1)
			return 2;
	for (int i = 0; i < threads; i++)
		if (read(done[0], &byte, 1) != 1)
			return 2;
	for (int i = 0; i < processes; i++)
		if (wait(&status) < 0 || status)
			bad = 1;
	return bad;
}
