#include "launch/handshake.h"

#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/kept_fds.h"
#include "launch/listener.h"

struct handshake *handshake_new(const struct program *program, bool is_shared)
{
	struct handshake *shared =
		mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		     (is_shared ? MAP_SHARED : MAP_PRIVATE) | MAP_ANONYMOUS, -1,
		     0);

	if (shared == MAP_FAILED)
		return NULL;
	memcpy(shared->insns, program->insns,
	       program->n * sizeof(*program->insns));
	shared->fprog = (struct sock_fprog){
		.len = (unsigned short)program->n,
		.filter = shared->insns,
	};
	shared->filled = shared->fprog.len;
	atomic_store(&shared->listener, -1);
	return shared;
}

void handshake_free(struct handshake *shared)
{
	/* Not beyond: a page never touched would be made, only to be wiped. */
	explicit_bzero(shared, offsetof(struct handshake, insns) +
				       shared->filled * sizeof(*shared->insns));
	munmap(shared, sizeof(*shared));
}

/* Has this process, a child or not, ended? */
static bool is_gone(pid_t pid)
{
	siginfo_t info = {0};
	struct pollfd pidfd = {.events = POLLIN};
	bool gone;

	if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0)
		return info.si_pid == pid;
	/* nobody's child: kill(2) would take a zombie for alive */
	pidfd.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd.fd < 0) /* before Linux 5.3 */
		return kill(pid, 0) < 0 && errno == ESRCH;
	gone = poll(&pidfd, 1, 0) == 1;
	close(pidfd.fd);
	return gone;
}

bool handshake_reached(struct handshake *shared, pid_t pid, uint32_t step)
{
	const struct timespec look = {.tv_nsec = 100 * 1000 * 1000};
	uint32_t now;

	while ((now = atomic_load(&shared->step)) != step) {
		syscall(SYS_futex, &shared->step, FUTEX_WAIT, now, &look, NULL,
			0);
		if (atomic_load(&shared->step) != step &&
		    is_gone(pid))
			return atomic_load(&shared->step) == step;
	}
	return true;
}

void handshake_advance(struct handshake *shared, uint32_t step)
{
	atomic_store(&shared->step, step);
	syscall(SYS_futex, &shared->step, FUTEX_WAKE, 1, NULL, NULL, 0);
}

bool handshake_startup(struct handshake *shared, const int departure[2],
		       struct tracee *child)
{
	const struct timespec nap = {.tv_nsec = 50 * 1000};

	while ((child->listener = atomic_load(&shared->listener)) < 0 &&
	       !atomic_load(&shared->failed) && !is_gone(child->pid))
		nanosleep(&nap, NULL);
	child->execs = &shared->execs;
	child->departure = departure[0];
	if (!is_listener(child->listener)) {
		errno = ECANCELED;
		return false;
	}
	if (!kept_fds_unshare())
		return false;
	if (departure[1] >= 0)
		close(departure[1]);
	return true;
}
