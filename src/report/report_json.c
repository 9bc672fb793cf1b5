#include "report/report_json.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "base/text.h"
#include "base/util.h"
#include "report/remedy.h"
#include "report/report_words.h"

/* jansson refuses strings that are not UTF-8, and leaves the member out. */
static json_t *text(const char *s)
{
	cleanup_free char *valid = escape_utf8(s, false);

	return json_string(valid);
}

static void set(json_t *object, const char *name, json_t *value)
{
	json_object_set_new(object, name, value);
}

/* Takes the malloc'd text; a missing one leaves the member out. */
static void set_owned(json_t *object, const char *name, char *value)
{
	if (value)
		set(object, name, text(value));
	free(value);
}

static json_t *integer(uint64_t n)
{
	return json_integer((json_int_t)n);
}

/* In microseconds: more digits would be noise. */
static json_t *seconds(double s)
{
	return json_real((double)(int64_t)(s * 1e6 + 0.5) / 1e6);
}

static json_t *command_of(const struct run_info *run)
{
	json_t *list = json_array();

	for (size_t i = 0; run->command && run->command[i]; i++)
		json_array_append_new(list, text(run->command[i]));
	return list;
}

static json_t *policies_of(const struct run_info *run)
{
	json_t *list = json_array();

	for (size_t i = 0; i < run->n_policies; i++)
		json_array_append_new(list, text(run->policies[i]));
	return list;
}

/* RFC 3339, UTC, with microseconds. */
static json_t *started_of(const struct run_info *run)
{
	char date[64], all[96];
	struct tm tm;

	gmtime_r(&run->started.tv_sec, &tm);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(all, sizeof(all), "%s.%06ldZ", date,
		 run->started.tv_nsec / 1000);
	return json_string(all);
}

static json_t *exit_of(const struct run_info *run)
{
	json_t *exit_object = json_object();

	if (!run->ended)
		set(exit_object, "unknown", json_true());
	else if (WIFSIGNALED(run->wait_status))
		set_owned(exit_object, "signal",
			  signal_label(WTERMSIG(run->wait_status)));
	else
		set(exit_object, "code",
		    json_integer(WEXITSTATUS(run->wait_status)));
	return exit_object;
}

static json_t *rule_of(const struct tally_row *row)
{
	json_t *rule = json_object();
	struct source at = row_source(row);

	set(rule, "kind", json_string(verdict_kind_names[row->verdict.kind]));
	if (at.file)
		set(rule, "file", text(at.file));
	if (at.file && at.line)
		set(rule, "line", json_integer(at.line));
	if (row_group(row))
		set(rule, "group", text(row_group(row)));
	return rule;
}

static json_t *processes_of(const struct tally_row *row)
{
	json_t *list = json_array();

	for (size_t i = 0; i < row->n_processes; i++) {
		const struct tally_process *process = &row->processes[i];
		json_t *object;

		if (!process->hits)
			continue;
		object = json_object();
		set(object, "pid", json_integer(process->pid));
		set(object, "comm", text(process->comm));
		set(object, "hits", integer(process->hits));
		json_array_append_new(list, object);
	}
	return list;
}

static json_t *args_of(const struct tally_row *row)
{
	json_t *args = json_array();

	for (int i = 0; i < row->first.n_args; i++)
		json_array_append_new(args, text(row->first.args[i]));
	return args;
}

static json_t *first_of(const struct tally_row *row)
{
	json_t *first = json_object();

	set(first, "pid", json_integer(row->first.pid));
	set(first, "comm", text(row->first.comm));
	set(first, "at_s", seconds(row->first.at_s));
	if (!row->unseen) {
		set(first, "args", args_of(row));
		set_owned(first, "ip",
			  xasprintf("0x%" PRIx64, row->first.ip));
	}
	if (row->first.module)
		set(first, "module", text(row->first.module));
	return first;
}

/* What denied[] and counts[] say of a call. The number is the kernel's view of
 * it, which is signed. */
static json_t *call_of(int abi, uint32_t nr, uint32_t call)
{
	json_t *object = json_object();
	char buf[16];

	set(object, "syscall", json_string(call_name(abi, nr, call, buf)));
	set(object, "number", json_integer((int32_t)nr));
	set(object, "abi", json_string(call_abi(abi, nr)));
	return object;
}

/* What allow_with opens, by name. */
static json_t *powers_of_remedy(const struct row_remedy *remedy)
{
	json_t *list = json_array();

	for (int p = 0; p < POWER_COUNT; p++)
		if (remedy->powers & POWER_SET(p))
			json_array_append_new(list,
					      json_string(power_name(p)));
	return list;
}

/* What would allow the row, and what that opens. */
static void set_remedy(json_t *object, const struct row_remedy *remedy,
		       const struct tally_row *row)
{
	char *words = remedy_words(remedy, row);

	if (!words)
		return;
	set_owned(object, "allow_with", words);
	set(object, "power", powers_of_remedy(remedy));
}

static json_t *denied_of(const struct tally_row *const *rows, size_t n,
			 const struct run_info *run)
{
	struct row_remedy *remedies = remedies_find(run, rows, n);
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		const struct tally_row *row = rows[i];
		json_t *object = call_of(row->abi, row->nr, row->call);
		char buf[16];

		set(object, "answer", json_string(row_answer(row, buf)));
		set(object, "hits", integer(row->hits));
		if (!row->unseen)
			set(object, "rule", rule_of(row));
		set(object, "processes", processes_of(row));
		if (row->more_hits)
			set(object, "more_hits", integer(row->more_hits));
		set(object, "first", first_of(row));
		set_remedy(object, &remedies[i], row);
		json_array_append_new(list, object);
	}
	remedies_free(remedies, n);
	return list;
}

static json_t *counts_of(struct tally *tally)
{
	size_t n;
	const struct tally_count *counts = tally_counts(tally, &n);
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		json_t *object = call_of(counts[i].abi, counts[i].nr,
					 counts[i].call);

		set(object, "hits", integer(counts[i].hits));
		json_array_append_new(list, object);
	}
	return list;
}

static json_t *totals_of(const struct tally_row *const *rows, size_t n,
			 const struct tally *tally)
{
	json_t *totals = json_object();

	set(totals, "calls", integer(rows_calls(rows, n)));
	set(totals, "hits", integer(tally_hits(tally)));
	if (tally_more_hits(tally))
		set(totals, "more_hits", integer(tally_more_hits(tally)));
	if (tally_lost_hits(tally))
		set(totals, "interrupted", integer(tally_lost_hits(tally)));
	if (tally_more_counts(tally))
		set(totals, "more_counts", integer(tally_more_counts(tally)));
	return totals;
}

static void set_run(json_t *root, const struct run_info *run)
{
	static const char *const modes[] = {
		[RUN_ENFORCE] = "enforce",
		[RUN_PERMISSIVE] = "permissive",
		[RUN_LEARN] = "learn",
		[RUN_COUNT] = "count",
	};

	static const char *const states[] = {
		[RUN_GOES_ON] = "running",
		[RUN_ENDED] = "ended",
		[RUN_NOT_STARTED] = "not started",
	};

	set(root, "version", json_integer(1));
	set(root, "sandbox", json_string(VERSION));
	set(root, "command", command_of(run));
	set(root, "policies", policies_of(run));
	set(root, "mode", json_string(modes[run->mode]));
	set(root, "tracer", json_string(run->tracer));
	if (run->permissive && run->mode != RUN_PERMISSIVE)
		set(root, "permissive", json_true());
	if (run->kills_unseen)
		set(root, "kills_unseen", json_true());
	if (run->note)
		set(root, "note", json_string(run->note));
	set(root, "state", json_string(states[run_state(run)]));
	if (run->pid)
		set(root, "pid", json_integer(run->pid));
	set(root, "started", started_of(run));
	set(root, "duration_s", seconds(run->duration_s));
	if (run->ended || run->gone)
		set(root, "exit", exit_of(run));
}

void report_json(FILE *out, const struct run_info *run, struct tally *tally)
{
	json_t *root = json_object();
	size_t n;
	const struct tally_row *const *rows = tally_rows(tally, &n);

	set_run(root, run);
	set(root, "totals", totals_of(rows, n, tally));
	if (run->earlier_filters)
		set(root, "earlier_filters",
		    json_integer(run->earlier_filters));
	set(root, "denied", denied_of(rows, n, run));
	if (run->mode == RUN_COUNT || run->mode == RUN_LEARN)
		set(root, "counts", counts_of(tally));
	/* 15 digits: a double's own, so that 2.13 is written as 2.13. */
	json_dumpf(root, out, JSON_INDENT(2) | JSON_ENSURE_ASCII |
					 JSON_REAL_PRECISION(15));
	fputc('\n', out);
	json_decref(root);
}
