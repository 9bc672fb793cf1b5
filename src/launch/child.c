#include "launch/child.h"

#include <errno.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include "base/exitcode.h"
#include "base/util.h"
#include "filter/gate.h"
#include "launch/failure.h"
#include "arch/arch.h"

/* The two cookie arguments of a gated call (filter/gate.h), kept in this
 * child's own stack frames while the shared copy is wiped. */
struct cookie {
	long low, high;
};

static struct cookie take_cookie(const struct handshake *shared)
{
	const uint32_t *c = shared->cookie;

	return (struct cookie){(long)((uint64_t)c[1] << 32 | c[0]),
			       (long)((uint64_t)c[3] << 32 | c[2])};
}

static void wipe(volatile unsigned char *p, size_t n)
{
	while (n--)
		*p++ = 0;
}

static _Noreturn void fail(const struct child *child, struct cookie cookie,
			   long result)
{
	struct handshake *shared = child->shared;
	char text[FAILURE_SIZE];
	int status = EXITCODE_SANDBOX;

	shared->err = (int)-result;
	atomic_store(&shared->failed, 1);
	if (child->launch->in_place) { /* nobody else is left to say it */
		status = failure_describe(shared, &child->plan, text);
		rawcall(SYS_write, 2, (long)text, (long)strlen(text), 0,
			cookie.low, cookie.high);
	}
	for (;;)
		rawcall(SYS_exit_group, status, 0, 0, 0, cookie.low,
			cookie.high);
}

/* One preparing call: any error ends the launch. */
static long must(const struct child *child, enum stage stage, long result)
{
	child->shared->stage = stage;
	if (result < 0)
		fail(child, take_cookie(child->shared), result);
	return result;
}

/* Sleeps while the step is this one, a tenth of a second at most: a wake-up may
 * be lost, where a filter that was there before denies futex(2). */
static void sleep_at(struct handshake *shared, uint32_t step,
		     struct cookie cookie)
{
	const struct timespec look = {.tv_nsec = 100 * 1000 * 1000};

	rawcall(SYS_futex, (long)&shared->step, FUTEX_WAIT, (long)step,
		(long)&look, cookie.low, cookie.high);
}

/* Says where it stands and waits for the next step. */
static void wait_at(struct handshake *shared, uint32_t step)
{
	atomic_store(&shared->step, step);
	rawcall(SYS_futex, (long)&shared->step, FUTEX_WAKE, 1, 0, 0, 0);
	while (atomic_load(&shared->step) == step)
		sleep_at(shared, step, (struct cookie){0});
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

	must(child, STAGE_SIGNALS,
	     rawcall(SYS_rt_sigaction, SIGCHLD, (long)&sigchld, 0,
		     sizeof(uint64_t), 0, 0));
	must(child, STAGE_SIGNALS,
	     rawcall(SYS_rt_sigprocmask, SIG_SETMASK, (long)&child->mask, 0,
		     sizeof(uint64_t), 0, 0));
}

/* A caller's alarm(2) survives execs, but not the clone that made this child. */
static void restore_timers(const struct child *child)
{
	for (long i = 0; i < CHILD_TIMERS; i++) {
		const struct itimerval *timer = &child->timers[i];

		if (timer->it_value.tv_sec || timer->it_value.tv_usec)
			must(child, STAGE_SIGNALS,
			     rawcall(SYS_setitimer, i, (long)timer, 0, 0, 0, 0));
	}
}

/* --- the exec ------------------------------------------------------------- */

/* The cookie only where the mark of the launch is no way: the kernel shows
 * these registers (gate.h). */
static long gated_execve(const struct child *child, struct cookie cookie,
			 const char *file, char *const *argv)
{
	bool by_cookie = child->launch->gates & GATE_EXECVE;

	atomic_fetch_add(&child->shared->execs, 1);
	return rawcall(SYS_execve, (long)file, (long)argv,
		       (long)child->service.environment, 0,
		       by_cookie ? cookie.low : (long)LAUNCH_MARK,
		       by_cookie ? cookie.high : 0);
}

/* execvp(3)'s rules for going on to the next file, with execve(2) alone. */
static _Noreturn void exec_first(struct child *child, struct cookie cookie)
{
	struct execplan *plan = &child->plan;
	struct handshake *shared = child->shared;
	long result = -ENOENT;
	bool denied = false;

	shared->stage = STAGE_EXEC;
	for (size_t i = 0; i < plan->n; i++) {
		shared->file = (int)i;
		result = gated_execve(child, cookie, plan->files[i],
				      plan->argv);
		if (result == -ENOEXEC) {
			plan->shell_argv[1] = plan->files[i];
			result = gated_execve(child, cookie,
					      plan->shell_argv[0],
					      plan->shell_argv);
		}
		if (result == -EACCES)
			denied = true;
		else if (result != -ENOENT && result != -ENOTDIR &&
			 result != -ESTALE && result != -ENODEV &&
			 result != -ETIMEDOUT)
			break;
	}
	fail(child, cookie, denied && plan->n > 1 ? -EACCES : result);
}

/* Turns of await_monitor(), one sleep_at() each: the monitor needs a few
 * ms. */
enum { PATIENCE = 50 };

/* The monitor takes the listener out of the shared file table.  Waiting is a
 * gated call, since the filter is in force; a monitor that does not come is an
 * error. */
static void await_monitor(const struct child *child, struct cookie cookie)
{
	struct handshake *shared = child->shared;

	if (!child_has_listener(child))
		return;
	shared->stage = STAGE_MONITOR;
	for (int turn = 0; turn < PATIENCE; turn++) {
		uint32_t step = atomic_load(&shared->step);

		if (step == STEP_TAKEN) {
			/* Only the monitor's end holds execs and denied calls
			 * back: if it dies, they are ENOSYS. */
			rawcall(SYS_close, atomic_load(&shared->listener), 0, 0,
				0, cookie.low, cookie.high);
			return;
		}
		if (atomic_load(&shared->failed))
			fail(child, cookie, -shared->err);
		sleep_at(shared, step, cookie);
	}
	fail(child, cookie, -ETIMEDOUT);
}

/* The loaded program itself says that it is in force: an execve of nothing,
 * which would be EFAULT, is answered with this launch's errno. */
static void await_sign(const struct child *child)
{
	struct handshake *shared = child->shared;
	long result = rawcall(SYS_execve, 0, 0, 0, LAUNCH_SIGN,
			      (long)LAUNCH_MARK, 0);

	shared->stage = STAGE_SIGN;
	if (result != -(long)shared->sign)
		fail(child, take_cookie(shared), result < 0 ? result : -EPERM);
}

/* The last thing before the exec: from here on only gated calls are sure. */
static struct cookie load_filter(const struct child *child)
{
	struct handshake *shared = child->shared;
	struct cookie cookie = take_cookie(shared);
	uint32_t step;
	long fd = must(child, STAGE_FILTER,
		       rawcall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			       (long)child->filter_flags, (long)&shared->fprog,
			       0, 0, 0));

	if (child_has_listener(child))
		atomic_store(&shared->listener, (int)fd);
	await_sign(child);
	/* The parent locks itself up meanwhile, which takes less time than what
	 * the child has done.  It is given as long as it needs: its end is ours
	 * too. */
	while (!child->launch->in_place &&
	       (step = atomic_load(&shared->step)) != STEP_GO)
		sleep_at(shared, step, cookie);
	if (child->launch->in_place && child->launch->observer)
		await_monitor(child, cookie);
	wipe((unsigned char *)shared->cookie, sizeof(shared->cookie));
	wipe((unsigned char *)shared->insns,
	     shared->fprog.len * sizeof(*shared->insns));
	return cookie;
}

/* CMD must not outlive its launcher unnoticed.  The parent may already be gone,
 * and then no signal comes. */
static void tie_to_parent(const struct child *child)
{
	long parent;

	must(child, STAGE_PDEATHSIG,
	     rawcall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0, 0));
	/* a filter that is already in force may deny it */
	parent = must(child, STAGE_PDEATHSIG,
		      rawcall(SYS_getppid, 0, 0, 0, 0, 0, 0));
	if (parent != child->parent)
		must(child, STAGE_ORPHAN, -ESRCH);
}

/* Read back: a filter that is already in force may pretend success. */
static void set_no_new_privs(const struct child *child)
{
	if (child->launch->keep_privileges)
		return;
	must(child, STAGE_NO_NEW_PRIVS,
	     rawcall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0));
	if (must(child, STAGE_PRIVS_BACK,
		 rawcall(SYS_prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0, 0)) != 1)
		must(child, STAGE_PRIVS_BACK, -EPERM);
}

_Noreturn int child_run(void *arg)
{
	struct child *child = arg;
	const struct launch *launch = child->launch;

	if (!launch->in_place) {
		tie_to_parent(child);
		if (launch->observer)
			wait_at(child->shared, STEP_HERE);
	}
	set_no_new_privs(child);
	service_fill(&child->service);
	restore_timers(child);
	restore_signals(child);
	exec_first(child, load_filter(child));
}

/* --- before, in the parent or in place ------------------------------------ */

bool child_has_listener(const struct child *child)
{
	return child->filter_flags & SECCOMP_FILTER_FLAG_NEW_LISTENER;
}

bool child_hands_over_exec(const struct child *child)
{
	return child->launch->gates & GATE_HAND_OVER &&
	       child_has_listener(child);
}

int child_arm(const struct child *child)
{
	const struct launch *launch = child->launch;
	struct handshake *shared = child->shared;
	struct program program = {
		.insns = shared->insns,
		.n = shared->fprog.len,
		.cap = ARRAY_SIZE(shared->insns),
	};
	int result;

	/* From here on nobody of the same user may read the cookie here. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return failure_print("cannot protect the launcher");
	result = launch->arm(launch->ctx, &program, shared->cookie,
			     &shared->sign);
	shared->fprog.len = (unsigned short)program.n;
	if (shared->filled < program.n)
		shared->filled = (unsigned)program.n;
	return result < 0 ? EXITCODE_SANDBOX : 0;
}
