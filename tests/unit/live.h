/* Calls made for real, under a program that a child loads: what the kernel
 * answers.
 *
 * A call that is to be killed takes its child along, and the next child goes
 * on behind it.  Everything goes through shared memory, and the child ends in
 * a loop until it is killed: the program may deny it any call. */
#ifndef TEST_LIVE_H
#define TEST_LIVE_H

#include <errno.h>
#include <linux/audit.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arch/arch.h"
#include "filter/program.h"

enum { LIVE_MAX = 64 };

#define LIVE_KILLED LONG_MIN /* no call returns it */

struct live_call {
	uint32_t arch, nr;
	uint64_t args[6];
	long result; /* as the kernel's: -errno */
};

struct live {
	_Atomic size_t next; /* calls before it have been made */
	_Atomic int failed;  /* errno of what went before the calls */
	size_t n;
	struct live_call calls[LIVE_MAX];
};

static inline struct live *live_new(void)
{
	struct live *live = mmap(NULL, sizeof(*live), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return live == MAP_FAILED ? NULL : live;
}

static inline long live_native(const struct live_call *c)
{
	const uint64_t *a = c->args;

	return rawcall(c->nr, (long)a[0], (long)a[1], (long)a[2], (long)a[3],
		       (long)a[4], (long)a[5]);
}

/* int $0x80 from 64-bit code: the filter sees the registers whole, the kernel
 * their lower halves.  The sixth argument is %rbp, which the compiler may be
 * using; it stays as it is. */
static inline long live_int80(const struct live_call *c)
{
	uint64_t result = c->nr;

#ifdef __x86_64__
	__asm__ volatile("int $0x80"
			 : "+a"(result)
			 : "b"(c->args[0]), "c"(c->args[1]), "d"(c->args[2]),
			   "S"(c->args[3]), "D"(c->args[4])
			 : "r8", "r9", "r10", "r11", "memory");
#endif
	return (int)result;
}

static inline _Noreturn void live_child(struct live *live,
					const struct program *program)
{
	struct sock_fprog fprog = {
		.len = program ? (unsigned short)program->n : 0,
		.filter = program ? program->insns : NULL,
	};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (program && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
			syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0,
				&fprog) < 0)) {
		atomic_store(&live->failed, errno);
		_exit(1);
	}
	for (size_t i; (i = atomic_load(&live->next)) < live->n;) {
		struct live_call *c = &live->calls[i];

		c->result = c->arch == AUDIT_ARCH_I386 ? live_int80(c)
						       : live_native(c);
		atomic_store(&live->next, i + 1);
	}
	for (;;)
		;
}

/* Makes live->n calls under the program, NULL: under none.  0 or an errno. */
static inline int live_run(struct live *live, const struct program *program)
{
	atomic_store(&live->next, 0);
	atomic_store(&live->failed, 0);
	while (atomic_load(&live->next) < live->n) {
		pid_t pid = fork();
		int status = 0;
		size_t at;

		if (pid < 0)
			return errno;
		if (pid == 0)
			live_child(live, program);
		while (waitpid(pid, &status, WNOHANG) == 0) {
			if (atomic_load(&live->next) == live->n)
				kill(pid, SIGKILL);
			sched_yield();
		}
		at = atomic_load(&live->next);
		if (at == live->n)
			break;
		if (atomic_load(&live->failed))
			return atomic_load(&live->failed);
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
			return ECHILD;
		live->calls[at].result = LIVE_KILLED;
		atomic_store(&live->next, at + 1);
	}
	return 0;
}

#endif
