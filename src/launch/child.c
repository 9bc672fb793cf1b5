#include "launch/child.h"

#include <errno.h>
#include <linux/close_range.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

#include "base/exitcode.h"
#include "launch/rawcall.h"

/* The two cookie arguments of a gated call (filter/gate.h). */
#define COOKIE(shared, i)                                                      \
	((long)((uint64_t)(shared)->cookie[2 * (i) + 1] << 32 |                \
		(shared)->cookie[2 * (i)]))

static _Noreturn void leave(struct handshake *shared, int status)
{
	for (;;)
		rawcall(SYS_exit_group, status, 0, 0, 0, COOKIE(shared, 0),
			COOKIE(shared, 1));
}

static _Noreturn void fail(struct handshake *shared, long result)
{
	shared->err = (int)-result;
	atomic_store(&shared->failed, 1);
	leave(shared, EXITCODE_SANDBOX);
}

/* One preparing call: any error ends the launch. */
static long must(struct handshake *shared, enum stage stage, long result)
{
	shared->stage = stage;
	if (result < 0)
		fail(shared, result);
	return result;
}

/* Says where it stands and waits for the next step. */
static void wait_at(struct handshake *shared, uint32_t step)
{
	atomic_store(&shared->step, step);
	rawcall(SYS_futex, (long)&shared->step, FUTEX_WAKE, 1, 0, 0, 0);
	while (atomic_load(&shared->step) == step)
		rawcall(SYS_futex, (long)&shared->step, FUTEX_WAIT, (long)step,
			0, 0, 0);
}

/* The observer takes hold of the child at the first step; at the second
 * nobody of the same user can read its memory, and the cookie may come. */
static void wait_for_observer(struct handshake *shared)
{
	wait_at(shared, STEP_HERE);
	must(shared, STAGE_WAIT,
	     rawcall(SYS_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0, 0));
	wait_at(shared, STEP_HIDDEN);
}

/* The kernel's struct sigaction is not libc's; only the disposition matters
 * here, and exec keeps no handler, so SIG_DFL and SIG_IGN are all there is. */
struct kernel_sigaction {
	void (*handler)(int);
	unsigned long flags;
	void (*restorer)(void);
	uint64_t mask;
};

static void restore_signals(const struct child *child)
{
	struct kernel_sigaction sigchld = {
		.handler = child->sigchld.sa_handler,
	};

	must(child->shared, STAGE_SIGNALS,
	     rawcall(SYS_rt_sigaction, SIGCHLD, (long)&sigchld, 0,
		     sizeof(uint64_t), 0, 0));
	must(child->shared, STAGE_SIGNALS,
	     rawcall(SYS_rt_sigprocmask, SIG_SETMASK, (long)&child->mask, 0,
		     sizeof(uint64_t), 0, 0));
}

static long gated_execve(const struct child *child, const char *file,
			 char *const *argv)
{
	return rawcall(SYS_execve, (long)file, (long)argv,
		       (long)child->environment, 0, COOKIE(child->shared, 0),
		       COOKIE(child->shared, 1));
}

/* execvp(3)'s rules for going on to the next file, with execve(2) alone. */
static _Noreturn void exec_first(struct child *child)
{
	struct execplan *plan = &child->plan;
	struct handshake *shared = child->shared;
	long result = -ENOENT;
	bool denied = false;

	shared->stage = STAGE_EXEC;
	for (size_t i = 0; i < plan->n; i++) {
		shared->file = (int)i;
		result = gated_execve(child, plan->files[i], plan->argv);
		if (result == -ENOEXEC) {
			plan->shell_argv[1] = plan->files[i];
			result = gated_execve(child, plan->shell_argv[0],
					      plan->shell_argv);
		}
		if (result == -EACCES)
			denied = true;
		else if (result != -ENOENT && result != -ENOTDIR &&
			 result != -ESTALE && result != -ENODEV &&
			 result != -ETIMEDOUT)
			break;
	}
	fail(shared, denied && plan->n > 1 ? -EACCES : result);
}

_Noreturn void child_run(struct child *child)
{
	struct handshake *shared = child->shared;
	unsigned long flags = child->allow_speculation
				      ? SECCOMP_FILTER_FLAG_SPEC_ALLOW
				      : 0;

	/* CMD must not outlive its launcher unnoticed.  The parent may already
	 * be gone, and then no signal comes. */
	must(shared, STAGE_PDEATHSIG,
	     rawcall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0, 0));
	if (rawcall(SYS_getppid, 0, 0, 0, 0, 0, 0) != child->parent)
		must(shared, STAGE_ORPHAN, -ESRCH);
	if (child->waits)
		wait_for_observer(shared);
	if (child->close_fds)
		must(shared, STAGE_CLOSE,
		     rawcall(SYS_close_range, 3, ~0u, 0, 0, 0, 0));
	if (!child->keep_privileges)
		must(shared, STAGE_NO_NEW_PRIVS,
		     rawcall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0));
	restore_signals(child);
	must(shared, STAGE_FILTER,
	     rawcall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, (long)flags,
		     (long)&shared->fprog, 0, 0, 0));
	exec_first(child);
}
