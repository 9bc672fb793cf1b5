#include "run/monitor.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/util.h"
#include "launch/supervise.h"
#include "report/report_words.h"

/* A report file is at most this old while CMD runs. */
static const double refresh_s = 1.0;
/* Between two lines of progress, while something new comes. */
static const double first_gap_s = 3.0;

static double now_s(const struct watching *w)
{
	return seconds_since(&w->info.started_mono);
}

/* SIGALRM ends the observer's wait, if nothing else does before. */
static void wake_in(double seconds)
{
	struct itimerval timer = {0};

	timer.it_value.tv_sec = (time_t)seconds;
	timer.it_value.tv_usec =
		(suseconds_t)((seconds - (double)timer.it_value.tv_sec) * 1e6) +
		1;
	timer.it_interval.tv_sec = 1; /* should the first be missed */
	setitimer(ITIMER_REAL, &timer, NULL);
}

static char *news(const struct progress *p, size_t calls, powers set,
		  double now_s)
{
	cleanup_free char *opens = powers_text(set & ~p->powers);

	if (*opens)
		return xasprintf("new: %s", opens);
	if (calls > p->calls)
		return xasprintf("%zu new", calls - p->calls);
	return xasprintf("nothing new for %.0f s", now_s - p->new_s);
}

static void say_progress(struct progress *p, const struct tally *tally,
			 double now_s)
{
	cleanup_free char *text = NULL;
	size_t calls;
	powers set;

	if (!p->is_on || now_s < p->due_s)
		return;
	set = tally_powers(tally, &calls);
	text = news(p, calls, set, now_s);
	if (p->due_s > 0)
		say("sandbox: learning for %.0f s: %zu calls; %s", now_s, calls,
		    text);
	if (calls > p->calls || set != p->powers) {
		p->gap_s = first_gap_s;
		p->new_s = now_s;
	} else {
		p->gap_s *= 2;
	}
	p->due_s = now_s + p->gap_s;
	p->calls = calls;
	p->powers = set;
}

static void refresh(struct watching *w)
{
	const struct itimerval never = {0};
	const double now = now_s(w);
	char *why = NULL;

	setitimer(ITIMER_REAL, &never, NULL);
	w->info.duration_s = now;
	/* A failure now is one at the end too, and is told then. */
	report_file_write(w->file, &w->info, w->tally, &why);
	free(why);
	w->is_stale = false;
	w->next_write_s = now + refresh_s;
	say_progress(&w->progress, w->tally, now);
}

static void changed(struct watching *w)
{
	/* The monitor may be killed together with CMD. */
	bool urgent = w->options->in_place && w->has_new_row;
	double wait_s;

	w->has_new_row = false;
	if (!w->keeps_fresh)
		return;
	/* Not left to the timer alone: its signal may always find us at work. */
	wait_s = w->next_write_s - now_s(w);
	if (urgent || wait_s <= 0) {
		refresh(w);
	} else if (!w->is_stale) {
		w->is_stale = true;
		wake_in(wait_s);
	}
}

static void tick(void *ctx)
{
	struct watching *w = ctx;

	if (w->is_stale && now_s(w) >= w->next_write_s)
		refresh(w);
}

/* A debugger among CMD's processes.  A call that runs comes here under ptrace
 * alone (-c). */
static bool wants_to_trace(const struct event *event,
			   const struct verdict *verdict)
{
	return verdict->told ||
	       (action_runs(verdict->action) &&
		event->audit_arch == abis[ABI_NATIVE].audit_arch &&
		event->nr == SYS_ptrace && event->args[0] == REQUEST_TRACEME);
}

/* Nothing is asked of the policy, which allows everything. */
static struct reply on_learned(void *ctx, const struct event *event)
{
	static const struct verdict runs = {.action = ACTION_ALLOW};
	struct watching *w = ctx;

	if (event->nr != NR_SKIPPED && !event->killed)
		tally_learn(w->tally, event);
	if (wants_to_trace(event, &runs))
		w->info.note = "a debugger or strace inside could not trace, "
			       "because sandbox itself traces the command: what "
			       "it would have done is not learned";
	return (struct reply){.runs = true};
}

static struct reply on_call(void *ctx, const struct event *event)
{
	struct watching *w = ctx;
	const bool permissive = w->options->permissive;
	const struct tally_row *row;
	struct verdict verdict;
	struct reply reply;
	bool fresh = false;

	decide_call(w->policy, event->audit_arch, event->nr, &w->decision);
	verdict = decision_at(&w->decision, event->args);
	reply = (struct reply){
		.runs = action_runs(verdict.action),
		.err = verdict.err,
		.kills = verdict.action == ACTION_KILL && !permissive,
	};
	if (wants_to_trace(event, &verdict) && !w->info.note)
		w->info.note = "a debugger or strace inside the sandbox could "
			       "not trace, because sandbox itself traces the "
			       "command: use --trace=notify, or no -t";
	/* Not ours, or told at the process's end. */
	if (event->at_entry && (reply.kills || verdict.kind == BY_TRACER))
		return reply;
	/* A death by SIGSYS shows every thread of the process; only one of
	 * them made a call that kills. */
	if (event->killed && verdict.action != ACTION_KILL)
		return reply;
	/* strace -c does not count calls that never return either */
	if (w->options->count && event->nr != NR_SKIPPED &&
	    (event->audit_arch != abis[ABI_NATIVE].audit_arch ||
	     (event->nr != SYS_exit && event->nr != SYS_exit_group)))
		tally_count(w->tally, event->audit_arch, event->nr);
	if (reply.runs || verdict.kind == BY_TRACER)
		return reply;
	reply.runs = permissive;
	if (verdict.quiet) /* counted above, and no more than that */
		return reply;
	row = tally_seen(w->tally, event, &verdict, permissive,
			 w->verbose || w->streams ? &fresh : NULL);
	if (row) {
		w->has_new_row |= row->hits == 0;
		/* not yet said: see report_live() */
		if (w->verbose > 1 || (w->verbose && fresh))
			w->line = report_live(w->tally, row, event);
		if (w->streams && fresh)
			w->event = w->options->format->event(w->tally, row,
							     event);
	}
	return reply;
}

static void show_sums(struct watching *w)
{
	const struct tally_row *const *rows;
	size_t n;

	if (!w->shows_sums)
		return;
	if (w->has_new_row) {
		rows = tally_rows(w->tally, &n);
		w->calls = rows_calls(rows, n);
	}
	relay_show(w->relay, w->calls, tally_sums(w->tally)->hits);
}

static void on_answered(void *ctx, bool reached)
{
	struct watching *w = ctx;

	if (w->line && reached)
		report_say(stderr, w->line);
	if (w->event && reached)
		report_file_say(w->file, w->event);
	free(steal(w->line));
	free(steal(w->event));
	(reached ? tally_hit : tally_lost)(w->tally);
	show_sums(w);
	changed(w);
}

static void on_stopped(void *ctx, int sig)
{
	if (!((struct watching *)ctx)->options->in_place)
		supervise_stopped(sig);
}

static bool on_ended(void *ctx, int status)
{
	struct watching *w = ctx;

	if (!w->options->in_place)
		supervise_ended();
	w->info.ended = true;
	w->info.wait_status = status;
	changed(w);
	return w->options->wait;
}

static void on_failed(void *ctx, const char *what)
{
	struct watching *w = ctx;

	say("sandbox: %s: %m", what);
	w->info.note = what;
	w->info.failed = true;
}

struct sink monitor_sink(struct watching *watching)
{
	return (struct sink){
		.call = watching->learning ? on_learned : on_call,
		.answered = on_answered,
		.stopped = on_stopped,
		.ended = on_ended,
		.failed = on_failed,
		.tick = tick,
		.ctx = watching,
	};
}
