#include "report/report.h"

#include <inttypes.h>
#include <sys/wait.h>

#include "base/jtree.h"
#include "base/util.h"
#include "report/remedy.h"
#include "report/report_words.h"

static void put_texts(struct jtree *object, const char *name,
		      const char *const *texts, size_t n)
{
	struct jtree *list = jtree_put_list(object, name);

	for (size_t i = 0; i < n; i++)
		jtree_add_text(list, texts[i]);
}

/* A sum that is there only if there is something in it. */
static void put_some(struct jtree *object, const char *name, uint64_t n)
{
	if (n)
		jtree_put_number(object, name, (int64_t)n);
}

/* RFC 3339, UTC, with microseconds. */
static void put_started(struct jtree *root, const struct run_info *run)
{
	char date[64];
	struct tm tm;

	gmtime_r(&run->started.tv_sec, &tm);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
	jtree_put_owned(root, "started",
			xasprintf("%s.%06ldZ", date,
				  run->started.tv_nsec / 1000));
}

static void put_exit(struct jtree *root, const struct run_info *run)
{
	struct jtree *object = jtree_put_object(root, "exit");

	if (!run->ended)
		jtree_put_bool(object, "unknown", true);
	else if (WIFSIGNALED(run->wait_status))
		jtree_put_owned(object, "signal",
				signal_label(WTERMSIG(run->wait_status)));
	else
		jtree_put_number(object, "code",
				 WEXITSTATUS(run->wait_status));
}

static void put_processes(struct jtree *object, const struct tally_row *row)
{
	struct jtree *list = jtree_put_list(object, "processes");

	for (size_t i = 0; i < row->n_processes; i++) {
		const struct process *process = &row->processes[i];
		struct jtree *one;

		if (!process->hits)
			continue;
		one = jtree_add_object(list);
		jtree_put_number(one, "pid", process->pid);
		jtree_put_text(one, "comm", process->comm);
		jtree_put_number(one, "hits", (int64_t)process->hits);
	}
}

static void put_first(struct jtree *object, const struct tally_first *call,
		      bool unseen)
{
	struct jtree *first = jtree_put_object(object, "first");

	jtree_put_number(first, "pid", call->pid);
	jtree_put_text(first, "comm", call->comm);
	jtree_put_seconds(first, "at_s", call->at_s);
	if (!unseen) {
		put_texts(first, "args", (const char *const *)call->args,
			  (size_t)call->n_args);
		jtree_put_owned(first, "ip",
				xasprintf("0x%" PRIx64, call->ip));
	}
	jtree_put_text(first, "module", call->module);
}

/* What its arguments asked for. */
static void put_uses(struct jtree *object, const struct uses *uses)
{
	struct jtree *values;

	powers_put(object, "powers", uses->powers, uses->harmless);
	if (!uses->n_values)
		return;
	values = jtree_put_list(object, "values");
	for (unsigned i = 0; i < uses->n_values; i++)
		jtree_add_number(values, (int64_t)uses->values[i]);
	if (uses->more_values)
		jtree_put_bool(object, "more_values", true);
}

/* What denied[] and counts[] say of a call. The number is the kernel's view of
 * it, which is signed. */
static void put_call(struct jtree *object, const struct tally_row *row)
{
	jtree_put_text(object, "syscall", row_name(row));
	jtree_put_number(object, "number", (int32_t)row->nr);
	jtree_put_text(object, "abi", row_abi(row));
}

/* What would allow the row, and what that opens, by name. */
static void put_remedy(struct jtree *object, const struct row_remedy *remedy,
		       const struct tally_row *row)
{
	char *words = remedy_words(remedy, row);

	if (!words)
		return;
	jtree_put_owned(object, "allow_with", words);
	powers_put(object, "power", remedy->powers, false);
}

static void put_denied(struct jtree *root, const struct tally_row *const *rows,
		       size_t n, const struct run_info *run)
{
	struct row_remedy *remedies = remedies_find(run, rows, n);
	struct jtree *list = jtree_put_list(root, "denied");

	for (size_t i = 0; i < n; i++) {
		const struct tally_row *row = rows[i];
		struct jtree *object = jtree_add_object(list);

		put_call(object, row);
		jtree_put_text(object, "answer", row_answer(row));
		jtree_put_number(object, "hits", (int64_t)row->hits);
		if (!row->unseen) {
			rule_put(object, &row->verdict);
			put_uses(object, &row->uses);
		}
		put_processes(object, row);
		put_some(object, "more_hits", row->more_hits);
		put_first(object, &row->first, row->unseen);
		put_remedy(object, &remedies[i], row);
	}
	remedies_free(remedies, n);
}

/* More than their names where nothing was seen of an earlier run's. */
static void put_learned(struct jtree *object, const struct tally_row *count,
			const struct programs *programs)
{
	struct jtree *list;

	put_uses(object, &count->uses);
	if (!count->first.pid)
		return;
	list = jtree_put_list(object, "programs");
	for (size_t i = 0; i < programs->n; i++)
		if (count->programs >> i & 1)
			jtree_add_text(list, programs->names[i]);
	put_first(object, &count->first, false);
}

static void put_counts(struct jtree *root, struct tally *tally, bool learned)
{
	size_t n;
	const struct tally_row *const *counts = tally_counts(tally, &n);
	struct jtree *list = jtree_put_list(root, "counts");

	for (size_t i = 0; i < n; i++) {
		struct jtree *object = jtree_add_object(list);

		put_call(object, counts[i]);
		jtree_put_number(object, "hits", (int64_t)counts[i]->hits);
		if (learned)
			put_learned(object, counts[i], tally_programs(tally));
	}
}

static void put_totals(struct jtree *root, const struct tally_row *const *rows,
		       size_t n, const struct tally *tally)
{
	const struct tally_sums *sums = tally_sums(tally);
	struct jtree *totals = jtree_put_object(root, "totals");

	jtree_put_number(totals, "calls", (int64_t)rows_calls(rows, n));
	jtree_put_number(totals, "hits", (int64_t)sums->hits);
	put_some(totals, "more_hits", sums->more_hits);
	put_some(totals, "interrupted", sums->lost_hits);
	put_some(totals, "more_counts", sums->more_counts);
}

static void put_run(struct jtree *root, const struct run_info *run)
{
	static const char *const modes[] = {
		[RUN_ENFORCE] = "enforce",
		[RUN_PERMISSIVE] = "permissive",
		[RUN_COUNT] = "count",
		[RUN_LEARN] = "learn",
	};
	static const char *const states[] = {
		[RUN_GOES_ON] = "running",
		[RUN_ENDED] = "ended",
		[RUN_NOT_STARTED] = "not started",
	};
	struct jtree *command;

	jtree_put_text(root, "sandbox", VERSION);
	command = jtree_put_list(root, "command");
	for (char *const *word = run->command; word && *word; word++)
		jtree_add_text(command, *word);
	put_texts(root, "policies", (const char *const *)run->policies,
		  run->n_policies);
	jtree_put_text(root, "policy_digest", run->policy_digest);
	jtree_put_text(root, "mode", modes[run->mode]);
	jtree_put_text(root, "tracer", run->tracer);
	if (run->permissive && run->mode != RUN_PERMISSIVE)
		jtree_put_bool(root, "permissive", true);
	if (run->kills_unseen)
		jtree_put_bool(root, "kills_unseen", true);
	jtree_put_text(root, "note", run->note);
	jtree_put_text(root, "state", states[run_state(run)]);
	put_some(root, "pid", (uint64_t)run->pid);
	put_started(root, run);
	jtree_put_seconds(root, "duration_s", run->duration_s);
	if (run->ended || run->gone)
		put_exit(root, run);
}

static struct jtree *report_tree(const struct run_info *run,
				 struct tally *tally)
{
	struct jtree *root = jtree_new();
	size_t n;
	const struct tally_row *const *rows = tally_rows(tally, &n);

	put_run(root, run);
	put_totals(root, rows, n, tally);
	if (run->failed || tally_has_denied(tally))
		put_some(root, "fail_denied", (uint64_t)run->fail_denied);
	put_some(root, "earlier_filters", run->earlier_filters);
	put_denied(root, rows, n, run);
	if (run->mode == RUN_COUNT || run->mode == RUN_LEARN)
		put_counts(root, tally, run->mode == RUN_LEARN);
	return root;
}

void report_json(FILE *out, const struct run_info *run, struct tally *tally)
{
	jtree_print(report_tree(run, tally), out, 2);
}

void report_jsonl(FILE *out, const struct run_info *run, struct tally *tally)
{
	jtree_print(report_tree(run, tally), out, 0);
}

char *report_event(struct tally *tally, const struct tally_row *row,
		   const struct event *event)
{
	struct jtree *root = jtree_new();
	char *text = NULL;
	FILE *out = text_stream(&text);

	jtree_put_text(root, "event", "denied");
	put_call(root, row);
	jtree_put_text(root, "answer", row_answer(row));
	rule_put(root, &row->verdict);
	put_first(root, tally_describe(tally, row, event), false);
	jtree_print(root, out, 0);
	fclose(out);
	return text;
}
