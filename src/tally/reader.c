#include "tally/reader.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/util.h"

/* The deadline, 200 ms, in parts: a machine that is too busy to run the thread
 * is too busy to run us. */
enum { PARTS = 20 };
static const struct timespec part = {.tv_nsec = 10 * 1000 * 1000};

enum { STACK_SIZE = 256 * 1024 };

enum { FREE, ASKED };

/* What the two threads share; the look is the thread's while it is asked.  Both
 * stay to the end of the process. */
struct desk {
	_Atomic uint32_t state;
	reader_look *look;
	pid_t tid;
	uint64_t address;
	size_t size;
	char buf[READER_MOST];
};

/* Not libc's conditions, which end the process where futex(2) is denied.  False:
 * it cannot be waited. */
static bool wait_while(struct desk *desk, uint32_t state,
		       const struct timespec *limit)
{
	return syscall(SYS_futex, &desk->state, FUTEX_WAIT_PRIVATE, state,
		       limit, NULL, 0) == 0 ||
	       errno == EAGAIN || errno == EINTR || errno == ETIMEDOUT;
}

static void go_to(struct desk *desk, uint32_t state)
{
	atomic_store(&desk->state, state);
	syscall(SYS_futex, &desk->state, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void *serve(void *arg)
{
	struct desk *desk = arg;

	while (wait_while(desk, FREE, NULL)) {
		if (atomic_load(&desk->state) == FREE)
			continue;
		desk->size = desk->look(desk->tid, desk->address, desk->buf,
					desk->size);
		go_to(desk, FREE);
	}
	return NULL;
}

/* Every signal is somebody else's. */
static int start_thread(struct desk *desk)
{
	pthread_t thread;
	pthread_attr_t attr;
	sigset_t all, old;
	int result;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	result = pthread_create(&thread, &attr, serve, desk);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	return result;
}

/* In a forked process the thread is not, and the desk as it was just then. */
static bool has_thread(struct reader *reader)
{
	pid_t pid = getpid();

	if (reader->desk && reader->owner == pid)
		return true;
	reader->desk = xcalloc(1, sizeof(*reader->desk));
	reader->owner = pid;
	if (start_thread(reader->desk) == 0)
		return true;
	free(reader->desk);
	reader->desk = NULL;
	return false;
}

size_t reader_ask(struct reader *reader, reader_look *look, pid_t tid,
		  uint64_t address, void *buf, size_t size)
{
	struct desk *desk;

	if (!has_thread(reader))
		return 0;
	desk = reader->desk;
	if (atomic_load(&desk->state) != FREE)
		return 0;
	desk->look = look;
	desk->tid = tid;
	desk->address = address;
	desk->size = size < READER_MOST ? size : READER_MOST;
	go_to(desk, ASKED);
	for (int i = 0; i < PARTS && atomic_load(&desk->state) == ASKED; i++)
		wait_while(desk, ASKED, &part);
	if (atomic_load(&desk->state) != FREE)
		return 0;
	memcpy(buf, desk->buf, desk->size);
	return desk->size;
}
