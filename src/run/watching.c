#include "run/watching.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/kept_fds.h"
#include "base/proc.h"
#include "base/text.h"
#include "base/util.h"
#include "filter/gate.h"
#include "run/cage.h"
#include "run/refuse.h"
#include "run/tracer.h"
#include "launch/supervise.h"

static int write_now(struct watching *w, char **why)
{
	w->info.duration_s = seconds_since(&w->info.started_mono);
	return report_file_write(w->file, &w->info, w->tally, why);
}

/* A first report, before the command is started: whatever becomes of this
 * process, the file is not that of an earlier run.  What was learned once stays
 * until there is more: then it is only tried. */
static int write_first(struct watching *w)
{
	/* "File too large" instead of our death, under `ulimit -f` */
	const struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct sigaction before;
	char *why;
	int rc;

	if (!w->keeps_fresh || report_file_appends(w->file))
		return 0;
	sigaction(SIGXFSZ, &ignore, &before);
	rc = w->learning ? report_file_try(w->file, &w->info, w->tally, &why)
			 : write_now(w, &why);
	sigaction(SIGXFSZ, &before, NULL);
	w->wrote_first = rc == 0 && !w->learning;
	return rc == 0 ? 0 : refuse(why);
}

void watching_not_started(void *ctx)
{
	struct watching *w = ctx;
	char *why;

	if (!w->wrote_first)
		return;
	w->info.not_started = true;
	w->info.ended = w->info.gone = false; /* what ended was sandbox */
	write_now(w, &why);
	free(why);
}

int watching_open(struct watching *w)
{
	const struct options *options = w->options;
	char *why;

	w->info = (struct run_info){
		.command = options->command,
		.policies = options->request.policies,
		.n_policies = options->request.n,
		.policy = w->policy,
		.mode = w->learning	      ? RUN_LEARN
			: options->count      ? RUN_COUNT
			: options->permissive ? RUN_PERMISSIVE
					      : RUN_ENFORCE,
		.permissive = options->permissive,
		.fail_denied = options->fail_denied,
		.tracer = w->observer->name,
		.note = w->note,
		.earlier_filters = proc_filters(),
		.kills_unseen = !w->observer->sees_kills &&
				tracer_kills(w->policy),
	};
	if (!w->learning) {
		w->digest = policy_digest(w->policy);
		w->info.policy_digest = w->digest.text;
	}
	clock_gettime(CLOCK_REALTIME, &w->info.started);
	clock_gettime(CLOCK_MONOTONIC, &w->info.started_mono);
	w->pidfd = options->in_place
			   ? (int)syscall(SYS_pidfd_open, getpid(), 0)
			   : -1;
	if (options->in_place)
		w->info.pid = getpid();
	w->tally = tally_new(w->info.started_mono);
	if (w->learning)
		learning_recall(w->learning, w->tally);
	if (options->quiet && !options->report)
		return 0;
	w->file = report_file_open(options->report, options->format, &why);
	if (!w->file)
		return refuse(why);
	w->keeps_fresh = report_file_refreshable(w->file);
	return write_first(w);
}

unsigned watching_cage(const struct watching *w, const struct observer *starter)
{
	static const unsigned by_watch[] = {
		[WATCH_NOTIFY] = CAGE_NOTIFY,
		[WATCH_PTRACE] = CAGE_PTRACE,
		[WATCH_ENTRY] = CAGE_PTRACE,
		[WATCH_EXEC] = CAGE_EXEC,
	};
	unsigned pieces = by_watch[tracer_watch(starter)];

	if (w->relay)
		pieces |= CAGE_SOCKETS;
	if (w->keeps_fresh)
		pieces |= report_file_appends(w->file) ? CAGE_SOCKETS
						       : CAGE_FILES;
	return pieces;
}

/* Signals wait meanwhile: one would cut what goes to a slow pipe. */
static bool write_report(struct watching *w)
{
	sigset_t all, before;
	char *why = NULL;
	bool lost;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	w->info.is_last = true;
	lost = w->file && write_now(w, &why) < 0;
	if (lost)
		say("sandbox: the report is lost: %s", why);
	w->info.is_last = false;
	free(why);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return !lost;
}

static void begin(struct watching *w, pid_t pid)
{
	const struct options *options = w->options;

	w->info.pid = pid;
	w->verbose = options->quiet ? 0 : options->verbose;
	w->shows_sums = w->relay && !options->quiet;
	w->streams = w->file && options->format->event;
	w->progress.is_on = w->learning && !options->quiet &&
			    isatty(STDERR_FILENO);
	w->next_write_s = w->keeps_fresh && report_file_appends(w->file);
	/* CMD's own exec came through the gate, uncounted. */
	if (options->count)
		tally_count(w->tally, abis[ABI_NATIVE].audit_arch,
			    gate_calls[0].nr[ABI_NATIVE]);
}

static void let_go(const struct watching *w, int listener, int departure,
		   bool keep_stderr)
{
	struct kept_fds kept = {0};

	kept_fds_add(&kept, listener);
	kept_fds_add(&kept, departure);
	kept_fds_add(&kept, w->pidfd);
	relay_keep(w->relay, &kept);
	report_file_keep(w->file, &kept);
	if (w->learning)
		kept_fds_add(&kept, w->learning->place.dir);
	if (keep_stderr)
		kept_fds_add(&kept, STDERR_FILENO);
	kept_fds_close_others(&kept);
}

/* What CMD left behind goes on, and so do the answers to its denied calls:
 * from a process of their own, with nothing of the caller's held open. */
static void leave_behind(struct watching *w, const struct tracee *tracee)
{
	struct sink sink = monitor_sink(w);
	pid_t pid = fork();

	if (pid > 0)
		return;
	if (pid == 0) {
		setsid();
		let_go(w, tracee->listener, -1, false);
		relay_abandon(w->relay);
		w->verbose = 0;
		w->shows_sums = w->streams = false;
	} else {
		say("sandbox: cannot start a monitor for the processes that the "
		    "command left running: %m; sandbox waits for them");
	}
	w->observer->run(w->observer, tracee, &sink, NULL);
	if (w->keeps_fresh)
		write_report(w);
	if (pid == 0)
		_exit(0);
}

/* Under notify a kill of CMD's is known by its SIGSYS alone.  Where the policy
 * kills for nothing, CMD raised it itself. */
static void count_unseen_kill(struct watching *w)
{
	int status = w->info.wait_status;

	if (!w->observer->sees_kills && w->info.ended &&
	    WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS &&
	    tracer_may_kill(w->policy))
		tally_killed_unseen(w->tally, w->info.pid,
				    basename(w->options->command[0]));
}

int watching_serve(struct watching *w, const struct started *started)
{
	const struct tracee tracee = {
		.pid = started->pid,
		.listener = started->listener,
		.pidfd = -1,
	};
	int status = started->wait_status;
	bool lives_on = false, is_written;
	struct sink sink = monitor_sink(w);

	let_go(w, started->listener, -1, true);
	begin(w, started->pid);
	if (!started->ended)
		status = w->observer->run(w->observer, &tracee, &sink,
					  &lives_on);
	supervise_ended();
	w->info.ended = true;
	w->info.wait_status = status;
	count_unseen_kill(w);
	w->info.unheard = lives_on && !w->keeps_fresh;
	is_written = write_report(w);
	if (w->learning)
		learning_end(w->learning, &w->info, w->tally, is_written);
	if (lives_on)
		leave_behind(w, &tracee);
	return status;
}

bool watching_has_denied(const struct watching *w)
{
	return w->info.failed || tally_has_denied(w->tally);
}

void watching_keep_only(void *ctx, int listener, int departure)
{
	const struct watching *w = ctx;

	let_go(w, listener, departure,
	       w->options->verbose && !w->options->quiet);
}

static void wake_up(int sig)
{
	(void)sig;
}

void watching_in_place(void *ctx, const struct tracee *launched)
{
	static const int endings[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT,
				      SIGPIPE, SIGXFSZ};
	const struct sigaction alarm = {.sa_handler = wake_up};
	struct watching *w = ctx;
	struct sink sink = monitor_sink(w);
	struct tracee tracee = *launched;
	sigset_t none;

	/* systemd ends a unit with SIGTERM for all of it: the report comes
	 * after CMD's end, so CMD's end is what ends the monitor. */
	for (size_t i = 0; i < ARRAY_SIZE(endings); i++)
		signal(endings[i], SIG_IGN);
	sigaction(SIGALRM, &alarm, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	tracee.pidfd = w->pidfd;
	begin(w, tracee.pid);
	if (w->relay && relay_start(w->relay, tracee.pid,
				     w->options->permissive) < 0)
		w->shows_sums = false;
	w->observer->run(w->observer, &tracee, &sink, NULL);
	w->info.gone = true;
	count_unseen_kill(w);
	if (atomic_load(tracee.failed))
		watching_not_started(w);
	else
		write_report(w);
	relay_close(w->relay);
}

void watching_close(struct watching *w)
{
	report_file_close(w->file);
	decision_free(&w->decision);
	tally_free(w->tally);
}
