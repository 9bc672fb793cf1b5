#include "tally/tally.h"

#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/util.h"
#include "tally/decode.h"
#include "tables/syscall.h"

struct table {
	struct tally_row **rows; /* each an allocation of its own: they are
	                            handed out */
	size_t n, cap;
	struct tally_row *last; /* the row hit last is hit again */
};

struct tally {
	struct timespec started;
	struct processes *processes;
	struct reader reader;
	struct table denied, counts;
	struct programs programs;
	struct tally_first other; /* tally_describe() */
	struct tally_sums sums;
	bool is_pending; /* tally_seen() without its tally_hit() */
	struct tally_row *pending; /* NULL: beyond the bound */
};

struct tally *tally_new(struct timespec started_mono)
{
	struct tally *tally = xcalloc(1, sizeof(*tally));

	tally->started = started_mono;
	tally->processes = processes_new();
	return tally;
}

static void release_first(struct tally_first *first)
{
	for (int i = 0; i < first->n_args; i++)
		free(first->args[i]);
	free(first->module);
	first->n_args = 0;
	first->module = NULL;
}

static void table_release(struct table *table)
{
	for (size_t i = 0; i < table->n; i++) {
		release_first(&table->rows[i]->first);
		uses_release(&table->rows[i]->uses);
		free(table->rows[i]->processes);
		free(table->rows[i]);
	}
	free(table->rows);
}

void tally_free(struct tally *tally)
{
	if (!tally)
		return;
	table_release(&tally->denied);
	table_release(&tally->counts);
	release_first(&tally->other);
	processes_free(tally->processes);
	free(tally);
}

/* Rules and file names live as long as the policy: their addresses tell them
 * apart. */
static bool same_row(const struct tally_row *row, int abi, uint32_t nr,
		     const struct verdict *verdict, bool ran)
{
	const struct verdict *v = &row->verdict;

	return row->nr == nr && row->abi == abi && row->ran == ran &&
	       v->action == verdict->action && v->err == verdict->err &&
	       v->kind == verdict->kind && v->rule == verdict->rule &&
	       v->at.file == verdict->at.file &&
	       v->at.line == verdict->at.line;
}

/* The slow part: once for each row, while the caller waits (again if the first
 * one was taken back by a signal). */
static void describe_first(struct tally *tally, struct tally_first *first,
			   const struct event *event, uint32_t call)
{
	const struct process *process = process_of(tally->processes,
						   event->tid);

	release_first(first);
	first->pid = process->pid;
	memcpy(first->comm, process->comm, sizeof(first->comm));
	first->at_s = seconds_since(&tally->started);
	first->ip = event->ip;
	first->n_args = decode_args(&tally->reader, event, call, first->args);
}

const struct tally_first *tally_describe(struct tally *tally,
					 const struct tally_row *row,
					 const struct event *event)
{
	if (!row->hits)
		return &row->first;
	describe_first(tally, &tally->other, event, row->call);
	return &tally->other;
}

/* NULL: it is a new one beyond the bound. */
static struct tally_row *find_row(struct table *table, int abi, uint32_t nr,
				  const struct verdict *verdict, bool ran,
				  size_t most)
{
	struct tally_row *row;

	if (table->last && same_row(table->last, abi, nr, verdict, ran))
		return table->last;
	for (size_t i = 0; i < table->n; i++)
		if (same_row(table->rows[i], abi, nr, verdict, ran))
			return table->last = table->rows[i];
	if (table->n >= most)
		return NULL;
	row = xcalloc(1, sizeof(*row));
	*row = (struct tally_row){.seq = table->n, .abi = abi, .nr = nr,
				  .call = CALL_RAW | nr, .verdict = *verdict,
				  .ran = ran};
	if (abi >= 0)
		row->call = syscall_by_number(
			(enum abi_id)abi,
			abi_is_x32(abi, nr) ? nr & ~X32_BIT : nr);
	push(table->rows, table->n, table->cap) = row;
	return table->last = row;
}

static bool same_name(const struct process *a, const struct process *b)
{
	return memcmp(a->comm, b->comm, sizeof(a->comm)) == 0;
}

static bool same_process(const struct process *a, const struct process *b)
{
	return a->pid == b->pid && same_name(a, b);
}

/* The index of the process in the row (a new one has no hits yet), or
 * n_processes if there is no place for it. */
static size_t find_process(struct tally_row *row,
			   const struct process *process)
{
	if (row->last_process < row->n_processes &&
	    same_process(&row->processes[row->last_process], process))
		return row->last_process;
	for (size_t i = 0; i < row->n_processes; i++)
		if (same_process(&row->processes[i], process))
			return i;
	if (row->n_processes == TALLY_PROCESSES)
		return TALLY_PROCESSES;
	push(row->processes, row->n_processes, row->cap_processes) = *process;
	return row->n_processes - 1;
}

static bool is_known_program(const struct tally_row *row,
			     const struct process *process)
{
	for (size_t i = 0; i < row->n_processes; i++)
		if (row->processes[i].hits &&
		    same_name(&row->processes[i], process))
			return true;
	return row->n_processes == TALLY_PROCESSES;
}

const struct tally_row *tally_seen(struct tally *tally,
				   const struct event *event,
				   const struct verdict *verdict, bool ran,
				   bool *fresh)
{
	const struct process *process = process_of(tally->processes,
						   event->tid);
	struct tally_row *row =
		find_row(&tally->denied, abi_by_audit_arch(event->audit_arch),
			 event->nr, verdict, ran, TALLY_ROWS);

	tally->is_pending = true;
	tally->pending = row;
	if (!row)
		return NULL;
	if (!row->hits) {
		describe_first(tally, &row->first, event, row->call);
		row->first.module =
			ip_origin(&tally->reader, event->tid, event->ip);
	}
	uses_add(&row->uses, row->abi, row->call, event->args);
	row->last_process = find_process(row, process);
	if (fresh)
		*fresh = !is_known_program(row, process);
	return row;
}

void tally_hit(struct tally *tally)
{
	struct tally_row *row = tally->pending;

	if (!tally->is_pending)
		return;
	tally->is_pending = false;
	tally->sums.hits++;
	if (!row) {
		tally->sums.more_hits++;
		return;
	}
	row->hits++;
	if (row->last_process < row->n_processes)
		row->processes[row->last_process].hits++;
	else
		row->more_hits++;
}

void tally_lost(struct tally *tally)
{
	if (tally->is_pending)
		tally->sums.lost_hits++;
	tally->is_pending = false;
}

void tally_killed_unseen(struct tally *tally, pid_t pid, const char *comm)
{
	static const struct verdict kill = {.action = ACTION_KILL};
	struct process process = {.pid = pid};
	struct tally_row *row = find_row(&tally->denied, -1, NR_SKIPPED, &kill,
					 false, SIZE_MAX);

	strncpy(process.comm, comm, sizeof(process.comm) - 1);
	row->unseen = true;
	row->first.pid = pid;
	memcpy(row->first.comm, process.comm, sizeof(process.comm));
	row->first.at_s = seconds_since(&tally->started);
	row->last_process = find_process(row, &process);
	tally->is_pending = true;
	tally->pending = row;
	tally_hit(tally);
}

/* NULL: it has no place, and is counted with the others. */
static struct tally_row *add_count(struct tally *tally, int abi, uint32_t nr,
				   uint64_t hits)
{
	static const struct verdict none;
	struct tally_row *count = find_row(&tally->counts, abi, nr, &none,
					   false, TALLY_COUNTS);

	*(count ? &count->hits : &tally->sums.more_counts) += hits;
	return count;
}

void tally_count(struct tally *tally, uint32_t audit_arch, uint32_t nr)
{
	add_count(tally, abi_by_audit_arch(audit_arch), nr, 1);
}

void tally_learn(struct tally *tally, const struct event *event)
{
	struct tally_row *count = add_count(
		tally, abi_by_audit_arch(event->audit_arch), event->nr, 1);

	if (!count)
		return;
	if (!count->first.pid) {
		describe_first(tally, &count->first, event, count->call);
		count->renames = programs_renamed_by(count->call);
	}
	uses_add(&count->uses, count->abi, count->call, event->args);
	count->programs |= programs_of(&tally->programs, tally->processes,
				       event->tid);
	tally->programs.epoch += count->renames;
}

void tally_learned(struct tally *tally, enum abi_id abi, uint32_t nr,
		   uint64_t hits, const struct uses *uses)
{
	struct tally_row *count = add_count(tally, (int)abi, nr, hits);

	if (count)
		uses_join(&count->uses, uses);
}

powers tally_powers(const struct tally *tally, size_t *calls)
{
	powers set = 0;

	*calls = tally->counts.n;
	for (size_t i = 0; i < tally->counts.n; i++)
		set |= tally->counts.rows[i]->uses.powers;
	return set;
}

const struct programs *tally_programs(const struct tally *tally)
{
	return &tally->programs;
}

static int by_rising(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int compare_rows(const void *va, const void *vb)
{
	const struct tally_row *a = *(const struct tally_row *const *)va;
	const struct tally_row *b = *(const struct tally_row *const *)vb;

	return a->hits != b->hits ? by_rising(b->hits, a->hits)
				  : by_rising(a->seq, b->seq);
}

static int compare_counts(const void *va, const void *vb)
{
	const struct tally_row *a = *(const struct tally_row *const *)va;
	const struct tally_row *b = *(const struct tally_row *const *)vb;

	if (a->hits != b->hits)
		return by_rising(b->hits, a->hits);
	return a->abi != b->abi ? a->abi - b->abi : by_rising(a->nr, b->nr);
}

static const struct tally_row *const *sorted(
	struct table *table, int (*compare)(const void *, const void *))
{
	if (table->n)
		qsort(table->rows, table->n, sizeof(*table->rows), compare);
	return (const struct tally_row *const *)table->rows;
}

const struct tally_row *const *tally_rows(struct tally *tally, size_t *n)
{
	const struct tally_row *const *rows =
		sorted(&tally->denied, compare_rows);

	*n = tally->denied.n;
	while (*n && !rows[*n - 1]->hits)
		--*n;
	return rows;
}

const struct tally_row *const *tally_counts(struct tally *tally, size_t *n)
{
	*n = tally->counts.n;
	return sorted(&tally->counts, compare_counts);
}

const struct tally_sums *tally_sums(const struct tally *tally)
{
	return &tally->sums;
}

bool tally_has_denied(const struct tally *tally)
{
	return tally->sums.hits || tally->sums.lost_hits;
}
