#include "run/run.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/exitcode.h"
#include "base/text.h"
#include "base/util.h"
#include "run/cage.h"
#include "formats/load.h"
#include "run/prepare.h"
#include "run/refuse.h"
#include "run/tracer.h"
#include "run/watching.h"
#include "launch/launch.h"
#include "service/relay.h"
#include "launch/supervise.h"
#include "report/report_words.h"
#include "watch/observers.h"

/* One run, in the order in which things come into being. */
struct run {
	struct policy *policy;
	const struct observer *starter; /* the observer, or who lets an exec
	                                   run that the policy denies; or NULL */
	struct prepared prepared;
	struct watching w; /* not opened where its observer is NULL */
	struct learning learning;
	unsigned cage; /* CAGE_…: of the process that stays beside CMD */
	/* Shared with the process that stands before this one: all was seen,
	 * and nothing was denied.  NULL: none does. */
	atomic_bool *clean;
};

/* After the start of a command that nobody watches: closes what it was given
 * (but standard error), so that its readers need not wait for sandbox too;
 * the relay, if there is one, keeps its sockets. */
static void let_go(const struct relay *relay)
{
	struct kept_fds kept = {.fds = {STDERR_FILENO}, .n = 1};

	relay_keep(relay, &kept);
	kept_fds_close_others(&kept);
}

static bool has_policy(const struct options *options)
{
	return !options->learn && policy_is_asked_for(&options->request);
}

/* --learn, and -c without a policy: everything runs, on every ABI. */
static const char free_policy[] = "[policy]\ndefault = allow\n"
				  "architectures = native x86\n";

/* A process tree has one listener.  Under another's, which may let calls run,
 * denials stay the kernel's own (filter/answer.h). */
static void give_way(struct run *r, bool is_named)
{
	bool notifies = r->w.observer == &observer_notify;

	if ((notifies && is_named) || notify_is_free())
		return;
	r->w.observer = &observer_entries;
	r->w.note = "ptrace stops every call, because another seccomp "
		    "listener is in force, or may be";
}

/* Modes that let traced calls run always use ptrace (design of the observers:
 * doc/HACKING.md). */
static int choose_observer(struct run *r)
{
	const struct options *options = r->w.options;
	const char *name = options->tracer;
	bool lets_run = options->count || options->permissive || options->learn;
	bool must_see = options->fail_denied && tracer_may_kill(r->policy);

	if (!options->trace)
		return 0;
	if (name && streq(name, observer_notify.name)) {
		if (lets_run)
			return refuse(xstrdup("--trace=notify cannot let "
					      "calls run; leave it out"));
		if (!notify_is_available())
			return refuse(xstrdup("this kernel has no seccomp "
					      "user notification (Linux 5.0); "
					      "use --trace=ptrace"));
		if (must_see)
			return refuse(xstrdup(
				"--trace=notify does not see calls that kill, "
				"so --fail-denied could miss one; leave it out, "
				"or have them denied (foreign = deny, no kill "
				"rules)"));
	}
	r->w.observer = name ? tracer_find(name)
			     : tracer_default(r->policy, lets_run || must_see);
	give_way(r, name != NULL);
	return 0;
}

/* --fail-denied, of a monitor that was killed before it could tell. */
static int fail_unknown(const struct run *r, int wait_status)
{
	const struct options *options = r->w.options;

	if (!options->fail_denied || !WIFSIGNALED(wait_status) ||
	    atomic_load(r->clean))
		return wait_status;
	if (!options->quiet)
		say("sandbox: the process that traced was killed, so nobody "
		    "knows what was denied: status %d", options->fail_denied);
	return W_EXITCODE(options->fail_denied, 0);
}

/* The process that stands before the monitor: locked up before that goes on
 * (start: a pipe's end), it waits for it as for a CMD. */
static int stand_before(const struct run *r, pid_t monitor, int start,
			const sigset_t *mask)
{
	const struct sigaction by_default = {.sa_handler = SIG_DFL};
	unsigned pieces = 0;
	int status = cage_lock(&pieces);

	if (status == 0 && write(start, "", 1) != 1)
		status = refuse(
			xasprintf("cannot tell the monitor to start: %m"));
	close(start);
	sigaction(SIGCHLD, &by_default, NULL);
	if (status) {
		waitpid(monitor, NULL, 0);
		return status;
	}
	supervise_start(monitor, mask);
	let_go(NULL);
	supervise_finish(fail_unknown(r, supervise_wait(monitor)));
}

static int await_start(pid_t front, int start)
{
	char byte;
	bool is_told = prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 &&
		       getppid() == front && read(start, &byte, 1) == 1;

	close(start);
	/* else the reason has been printed, or nobody is there to read it */
	return is_told ? 0 : EXITCODE_SANDBOX;
}

/* A ptrace tracer waits for any child, and goes on until the last has ended: so
 * it works in a process that has none, and this one only stands before it.  And
 * a monitor that was killed cannot say that it was. */
static bool must_step_aside(const struct run *r)
{
	const struct options *options = r->w.options;
	siginfo_t info;

	if (!r->w.observer || options->in_place)
		return false;
	/* children: inherited over our own exec from whoever made them, a
	 * shell's background jobs */
	return options->fail_denied ||
	       (r->w.observer->waits_for_all &&
		waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0);
}

static int step_aside(struct run *r)
{
	const pid_t front = getpid();
	sigset_t all, mask;
	int ends[2], status;
	pid_t pid;

	r->clean = mmap(NULL, sizeof(*r->clean), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (r->clean == MAP_FAILED)
		return refuse(xasprintf("cannot share memory: %m"));
	if (pipe2(ends, O_CLOEXEC) < 0)
		return refuse(xasprintf("cannot make a pipe: %m"));
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &mask);
	pid = fork();
	if (pid < 0)
		return refuse(xasprintf("cannot make a process: %m"));
	close(ends[pid > 0 ? 0 : 1]);
	status = pid > 0 ? stand_before(r, pid, ends[1], &mask)
			 : await_start(front, ends[0]);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	return status;
}

static int load(struct run *r)
{
	const struct options *options = r->w.options;
	released_by(diags_tell) struct diags diags = DIAGS_INIT;

	r->policy = has_policy(options)
			    ? policy_load(&options->request, &diags)
			    : policy_load_text(options->learn ? "--learn" : "-c",
					       free_policy, ABI_NATIVE, &diags);
	if (!r->policy)
		return EXITCODE_SANDBOX;
	if (!has_policy(options)) /* which no file can say */
		r->policy->effective[SET_FOREIGN].value = ACTION_ALLOW;
	if (!options->learn)
		return 0;
	r->w.learning = &r->learning;
	return learning_open(&r->learning, options);
}

static int build(struct run *r)
{
	const struct options *options = r->w.options;
	unsigned gated;

	r->starter = r->w.observer ? r->w.observer : tracer_of_exec(r->policy);
	/* A pure count denies nothing that CMD could get round, and should see
	 * what CMD does without it. */
	if (has_policy(options))
		r->policy->tracer_rules = tracer_rules(r->starter);
	r->prepared = (struct prepared){
		.policy = r->policy,
		.answers = {.watch = tracer_watch(r->starter),
			    .permissive = options->permissive,
			    .count = options->count || options->learn},
	};
	if (options->in_place)
		gated = r->starter ? GATE_MONITORED : GATE_IN_PLACE;
	else
		gated = r->starter ? GATE_FORKED : GATE_WAITING;
	r->prepared.gate.calls =
		gate_needed(r->policy, gated, &r->prepared.answers);
	return prepare(&r->prepared, !options->no_cache);
}

static int start(struct run *r, struct started *started)
{
	struct launch launch = {
		.argv = r->w.options->command,
		.observer = r->starter,
		.gates = r->prepared.gate.calls,
		.in_place = r->w.options->in_place,
		.monitor = r->w.observer ? watching_in_place : NULL,
		.keep_only = watching_keep_only,
		.not_started = watching_not_started,
		.monitor_ctx = &r->w,
		.notify_socket = relay_address(r->w.relay),
		.close_fds = r->w.options->close_fds,
		.keep_privileges = r->policy->effective[SET_PRIVILEGES].value,
		.allow_speculation =
			r->policy->effective[SET_SPECULATION].value,
		.protect = cage_lock,
		.protect_ctx = &r->cage,
		.arm = prepared_arm,
		.ctx = &r->prepared,
	};

	r->cage = watching_cage(&r->w, r->starter);
	return launch_start(&launch, &r->prepared.program, started);
}

/* With a status, or of a signal by which a program gives up, and which nobody
 * sends by hand. */
static bool may_be_denied(int wait_status)
{
	const unsigned gives_up = 1u << SIGSYS | 1u << SIGABRT | 1u << SIGSEGV |
				  1u << SIGBUS | 1u << SIGILL | 1u << SIGFPE |
				  1u << SIGTRAP;
	int status = WEXITSTATUS(wait_status);
	/* shells end with 128 + N after a signal */
	int sig = WIFSIGNALED(wait_status) ? WTERMSIG(wait_status)
					   : status - 128;

	if (sig <= 0 || sig > SIGRTMAX)
		return status;
	return sig < 32 && gives_up >> sig & 1;
}

/* "web.ini, site.ini"; of a policy that was typed, the option. */
static char *policies_text(const struct policy_request *request)
{
	if (!request->n)
		return xstrdup(request->deny ? "--deny" : "--allow");
	return joined((char *const *)request->policies, request->n, ", ");
}

/* The command line with -t. */
static char *traced_text(char *const *typed)
{
	char *text = shell_word(*typed++);

	reprint(&text, "%s -t", text);
	for (; *typed; typed++) {
		cleanup_free char *word = shell_word(*typed);

		reprint(&text, "%s %s", text, word);
	}
	return text;
}

/* What to type next where CMD ended like this and was not traced: nobody knows
 * whether it was denied anything, so that nothing is said to be the policy's
 * doing; and nothing at all where somebody else ended it. */
static void hint_ended(const struct options *options, int wait_status)
{
	cleanup_free char *how = NULL, *what = NULL, *next = NULL;

	if (options->quiet || !isatty(STDERR_FILENO) ||
	    !may_be_denied(wait_status))
		return;
	how = WIFSIGNALED(wait_status)
		      ? signal_label(WTERMSIG(wait_status))
		      : xasprintf("status %d", WEXITSTATUS(wait_status));
	what = policies_text(&options->request);
	next = traced_text(options->typed);
	say("sandbox: '%s' ended with %s; nobody watched whether %s denied it "
	    "something, which this shows: %s", options->command[0], how, what,
	    next);
}

static int serve(struct run *r, const struct started *started)
{
	int status;

	supervise_start(started->pid, &started->mask);
	/* a service that nobody can hear would wait for its manager's patience
	 * to end */
	if (r->w.relay && relay_start(r->w.relay, started->pid,
				      r->w.options->permissive) < 0) {
		say("sandbox: cannot make a thread for the service's messages: "
		    "%m; the command is killed");
		kill(started->pid, SIGKILL);
	}
	if (r->w.observer)
		return watching_serve(&r->w, started);
	if (started->listener >= 0)
		close(started->listener);
	let_go(r->w.relay);
	status = supervise_wait(started->pid);
	hint_ended(r->w.options, status);
	return status;
}

/* --fail-denied: CMD's wait status, or another instead of it. */
static int fail_denied(const struct run *r, int wait_status)
{
	const struct options *options = r->w.options;

	if (!options->fail_denied)
		return wait_status;
	if (!watching_has_denied(&r->w)) {
		atomic_store(r->clean, true);
		return wait_status;
	}
	if (!options->quiet)
		say("sandbox: status %d, because the policy denied something",
		    options->fail_denied);
	return W_EXITCODE(options->fail_denied, 0);
}

static void release(struct run *r)
{
	prepared_release(&r->prepared);
	watching_close(&r->w);
	relay_close(r->w.relay);
	if (r->w.learning)
		learning_close(r->w.learning);
	policy_free(r->policy);
}

int run(const struct options *options)
{
	struct run r = {.w.options = options};
	struct started started;
	int status = load(&r) ?:
		     choose_observer(&r) ?:
		     (must_step_aside(&r) ? step_aside(&r) : 0) ?:
		     build(&r);

	if (!options->in_place || (options->trace && !options->quiet))
		r.w.relay = relay_open(options->in_place);
	r.w.policy = r.policy;
	if (status == 0 && r.w.observer)
		status = watching_open(&r.w);
	if (status == 0)
		status = start(&r, &started);
	if (status) {
		watching_not_started(&r.w);
		release(&r);
		return status;
	}
	status = fail_denied(&r, serve(&r, &started));
	release(&r);
	supervise_finish(status);
}
