#include "run/monitor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static double now_s(const struct monitor *m)
{
	return seconds_since(&m->run->started_mono);
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

static void refresh(struct monitor *m, double now)
{
	const struct itimerval never = {0};
	char *why = NULL;

	setitimer(ITIMER_REAL, &never, NULL);
	m->run->duration_s = now;
	/* A failure now is one at the end too, and is told then. */
	report_file_write(m->file, m->format, m->run, m->tally, &why);
	free(why);
	m->is_stale = false;
	m->next_write_s = now + refresh_s;
	progress_say(&m->progress, m->tally, now);
}

static void changed(struct monitor *m)
{
	bool urgent = m->at_once && m->has_new_row;
	double now;

	m->has_new_row = false;
	if (!m->file)
		return;
	/* Not left to the timer alone: its signal may always find us at work. */
	now = now_s(m);
	if (urgent || now >= m->next_write_s) {
		refresh(m, now);
	} else if (!m->is_stale) {
		m->is_stale = true;
		wake_in(m->next_write_s - now);
	}
}

static void tick(void *ctx)
{
	struct monitor *m = ctx;
	double now;

	if (!m->is_stale)
		return;
	now = now_s(m);
	if (now >= m->next_write_s)
		refresh(m, now);
}

/* Not yet said: see report_live(). */
static void prepare_line(struct monitor *m, const struct tally_row *row,
			 const struct event *event, bool fresh)
{
	if (m->verbose > 1 || (m->verbose == 1 && fresh))
		m->line = report_live(m->tally, row, event);
}

static void say_line(struct monitor *m, bool reached)
{
	if (m->line && reached)
		report_say(stderr, m->line);
	free(steal(m->line));
}

static struct verdict verdict_of(struct monitor *m, const struct event *event)
{
	const struct clause *clause;

	decide_call(m->policy, event->audit_arch, event->nr, &m->decision);
	for (clause = m->decision.clauses;
	     clause->cond && !cond_holds(clause->cond, event->args); clause++)
		;
	return clause->verdict;
}

/* Calls that never return: strace -c does not count them either. */
static bool is_end(const struct event *event)
{
	return event->audit_arch == abis[ABI_NATIVE].audit_arch &&
	       (event->nr == SYS_exit || event->nr == SYS_exit_group);
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
	struct monitor *m = ctx;

	if (event->nr != NR_SKIPPED && !event->killed)
		tally_learn(m->tally, event);
	if (wants_to_trace(event, &runs))
		m->run->note = "a debugger or strace inside could not trace, "
			       "because sandbox itself traces the command: what "
			       "it would have done is not learned";
	return (struct reply){.runs = true};
}

static struct reply on_call(void *ctx, const struct event *event)
{
	struct monitor *m = ctx;
	struct verdict verdict = verdict_of(m, event);
	struct reply reply = {.runs = action_runs(verdict.action),
			      .err = verdict.err};
	const struct tally_row *row;
	bool fresh = false;

	reply.kills = verdict.action == ACTION_KILL && !m->permissive;
	if (wants_to_trace(event, &verdict) && !m->run->note)
		m->run->note = "a debugger or strace inside the sandbox could "
			       "not trace, because sandbox itself traces the "
			       "command: use --trace=notify, or no -t";
	/* Not ours, or told at the process's end. */
	if (event->at_entry && (reply.kills || verdict.kind == BY_TRACER))
		return reply;
	/* A death by SIGSYS shows every thread of the process; only one of
	 * them made a call that kills. */
	if (event->killed && verdict.action != ACTION_KILL)
		return reply;
	if (m->count && event->nr != NR_SKIPPED && !is_end(event))
		tally_count(m->tally, event->audit_arch, event->nr);
	if (reply.runs || verdict.kind == BY_TRACER)
		return reply;
	reply.runs = m->permissive;
	row = tally_seen(m->tally, event, &verdict, m->permissive,
			 m->verbose ? &fresh : NULL);
	if (row) {
		m->has_new_row |= row->hits == 0;
		prepare_line(m, row, event, fresh);
	}
	return reply;
}

static void show_sums(struct monitor *m)
{
	const struct tally_row *const *rows;
	size_t n;

	if (!m->relay)
		return;
	if (m->has_new_row) {
		rows = tally_rows(m->tally, &n);
		m->calls = rows_calls(rows, n);
	}
	relay_show(m->relay, m->calls, tally_sums(m->tally)->hits);
}

static void on_answered(void *ctx, bool reached)
{
	struct monitor *m = ctx;

	say_line(m, reached);
	(reached ? tally_hit : tally_lost)(m->tally);
	show_sums(m);
	changed(m);
}

static void on_stopped(void *ctx, int sig)
{
	if (!((struct monitor *)ctx)->in_place)
		supervise_stopped(sig);
}

static bool on_ended(void *ctx, int status)
{
	struct monitor *m = ctx;

	if (!m->in_place)
		supervise_ended();
	m->run->ended = true;
	m->run->wait_status = status;
	changed(m);
	return m->wait;
}

static void on_failed(void *ctx, const char *what)
{
	struct monitor *m = ctx;

	say("sandbox: %s: %m", what);
	m->run->note = what;
	m->run->failed = true;
}

struct sink monitor_sink(struct monitor *monitor)
{
	return (struct sink){
		.call = monitor->learn ? on_learned : on_call,
		.answered = on_answered,
		.stopped = on_stopped,
		.ended = on_ended,
		.failed = on_failed,
		.tick = tick,
		.ctx = monitor,
	};
}
