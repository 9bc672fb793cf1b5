#include "tally/reader.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "base/proc.h"
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

/* ------------------------------------------------------------------- looks */

/* The smallest page of any ABI: what begins in a readable one can be read to
 * its end. */
enum { PAGE = 4096 };

/* size does not reach beyond the page. */
static size_t read_page(pid_t tid, uint64_t address, char *buf, size_t size)
{
	struct iovec local = {buf, size};
	struct iovec remote = {(void *)(uintptr_t)address, size};
	ssize_t n = process_vm_readv(tid, &local, 1, &remote, 1, 0);

	/* For kernels and containers that refuse process_vm_readv(2). */
	if (n < 0 && errno != EFAULT && address <= INT64_MAX) {
		cleanup_fd int fd = proc_open(tid, "mem");

		n = pread(fd, buf, size, (off_t)address);
	}
	return n < 0 ? 0 : (size_t)n;
}

size_t memory_read_until(struct reader *reader, pid_t tid, uint64_t address,
			 void *to, size_t size, int last)
{
	char *buf = to;
	size_t done = 0;

	/* Page by page, because a transfer that meets an unreadable page fails
	 * for the whole of its range. */
	while (done < size) {
		size_t room = PAGE - (address + done) % PAGE;
		size_t want = size - done < room ? size - done : room;
		size_t n = reader_ask(reader, read_page, tid, address + done,
				      buf + done, want);
		const char *end =
			last < 0 ? NULL : memchr(buf + done, last, n);

		if (end)
			return (size_t)(end - buf) + 1;
		done += n;
		if (n < want)
			break;
	}
	return done;
}

/* " (deleted)" is said of files replaced since they were mapped. */
static size_t describe(char *name, uint64_t offset, char *buf, size_t size)
{
	const char *slash;
	size_t n = strcspn(name, "\n");

	name[n] = '\0';
	if (!n)
		return 0;
	slash = strrchr(name, '/');
	if (has_suffix(name, " (deleted)"))
		name[n - strlen(" (deleted)")] = '\0';
	return (size_t)snprintf(buf, size, "%s+0x%" PRIx64,
				slash ? slash + 1 : name, offset);
}

/* A line: START-END PERMS PGOFF DEV INODE   NAME.  getline: a path can be
 * longer than any buffer. */
static size_t find(pid_t tid, uint64_t ip, char *buf, size_t size)
{
	cleanup_file FILE *maps = proc_stream(tid, "maps");
	cleanup_free char *line = NULL;
	size_t cap = 0;

	while (maps && getline(&line, &cap, maps) > 0) {
		uint64_t start, end, pgoff;
		int name = 0;

		if (sscanf(line,
			   "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64
			   " %*s %*s %n",
			   &start, &end, &pgoff, &name) < 3 ||
		    !name)
			continue;
		if (ip > start && ip <= end)
			return describe(line + name, ip - start + pgoff, buf,
					size);
	}
	return 0;
}

char *ip_origin(struct reader *reader, pid_t tid, uint64_t ip)
{
	char text[NAME_MAX + 32];
	size_t n = reader_ask(reader, find, tid, ip, text, sizeof(text));

	return n ? xstrndup(text, n) : NULL;
}
