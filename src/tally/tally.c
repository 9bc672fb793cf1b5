#include "tally/tally.h"

#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/util.h"
#include "tally/decode.h"
#include "tally/ip_origin.h"
#include "tally/process.h"
#include "tables/syscall.h"

struct tally {
	struct timespec started;
	struct processes *processes;
	struct reader *reader;
	/* Each an allocation of its own (rows are handed out); the last place
	 * is for a kill that nobody saw. */
	struct tally_row *rows[TALLY_ROWS + 1];
	size_t n_rows;
	struct tally_row *last; /* the row hit last is hit again */
	struct tally_count *counts;
	size_t n_counts, cap_counts;
	size_t last_count; /* as last; n_counts: one without a place */
	struct programs programs;
	struct tally_sums sums;
	bool is_pending; /* tally_seen() without its tally_hit() */
	struct tally_row *pending; /* NULL: beyond the bound */
	const struct tally_row **sorted_rows; /* valid until the next event */
	struct tally_count *sorted_counts;
};

struct tally *tally_new(struct timespec started_mono)
{
	struct tally *tally = xcalloc(1, sizeof(*tally));

	tally->started = started_mono;
	tally->processes = processes_new();
	tally->reader = reader_new();
	return tally;
}

static void first_release(struct tally_first *first)
{
	for (int i = 0; i < first->n_args; i++)
		free(first->args[i]);
	free(first->module);
	first->n_args = 0;
	first->module = NULL;
}

void tally_free(struct tally *tally)
{
	if (!tally)
		return;
	for (size_t i = 0; i < tally->n_rows; i++) {
		first_release(&tally->rows[i]->first);
		uses_release(&tally->rows[i]->uses);
		free(tally->rows[i]->processes);
		free(tally->rows[i]);
	}
	for (size_t i = 0; i < tally->n_counts; i++) {
		first_release(&tally->counts[i].first);
		uses_release(&tally->counts[i].uses);
	}
	free(tally->counts);
	processes_free(tally->processes);
	reader_free(tally->reader);
	free(tally->sorted_rows);
	free(tally->sorted_counts);
	free(tally);
}

static uint32_t call_of(int abi, uint32_t nr)
{
	if (abi < 0)
		return CALL_RAW | nr;
	return syscall_by_number((enum abi_id)abi,
				 abi_is_x32(abi, nr) ? nr & ~X32_BIT : nr);
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

	first_release(first);
	first->pid = process->pid;
	memcpy(first->comm, process->comm, sizeof(first->comm));
	first->at_s = seconds_since(&tally->started);
	first->ip = event->ip;
	first->n_args = decode_args(tally->reader, event, call, first->args);
}

static struct tally_row *add_row(struct tally *tally,
				 const struct tally_row *row)
{
	struct tally_row *added = xcalloc(1, sizeof(*added));

	*added = *row;
	added->seq = tally->n_rows;
	return tally->rows[tally->n_rows++] = added;
}

static struct tally_row *find_row(struct tally *tally,
				  const struct event *event,
				  const struct verdict *verdict, bool ran)
{
	int abi = abi_by_audit_arch(event->audit_arch);

	if (tally->last &&
	    same_row(tally->last, abi, event->nr, verdict, ran))
		return tally->last;
	for (size_t i = 0; i < tally->n_rows; i++)
		if (same_row(tally->rows[i], abi, event->nr, verdict, ran))
			return tally->rows[i];
	if (tally->n_rows >= TALLY_ROWS)
		return NULL;
	return add_row(tally, &(struct tally_row){
				      .abi = abi,
				      .x32 = abi_is_x32(abi, event->nr),
				      .nr = event->nr,
				      .call = call_of(abi, event->nr),
				      .verdict = *verdict,
				      .ran = ran,
			      });
}

static bool same_process(const struct tally_process *member,
			 const struct process *process)
{
	return member->pid == process->pid &&
	       memcmp(member->comm, process->comm, sizeof(member->comm)) == 0;
}

/* The index of the process in the row (a new one has no hits yet), or
 * n_processes if there is no place for it. */
static size_t find_process(struct tally_row *row,
			   const struct process *process)
{
	struct tally_process *added;

	if (row->last_process < row->n_processes &&
	    same_process(&row->processes[row->last_process], process))
		return row->last_process;
	for (size_t i = 0; i < row->n_processes; i++)
		if (same_process(&row->processes[i], process))
			return i;
	if (row->n_processes == TALLY_PROCESSES)
		return TALLY_PROCESSES;
	row->processes = grow(row->processes, row->n_processes,
			      &row->cap_processes, sizeof(*row->processes));
	added = &row->processes[row->n_processes];
	*added = (struct tally_process){.pid = process->pid};
	memcpy(added->comm, process->comm, sizeof(added->comm));
	return row->n_processes++;
}

static bool is_known_program(const struct tally_row *row,
			     const struct process *process)
{
	for (size_t i = 0; i < row->n_processes; i++)
		if (row->processes[i].hits &&
		    memcmp(row->processes[i].comm, process->comm,
			   sizeof(process->comm)) == 0)
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
	struct tally_row *row = find_row(tally, event, verdict, ran);

	tally->is_pending = true;
	tally->pending = row;
	if (fresh)
		*fresh = false;
	if (!row)
		return NULL;
	if (!row->hits) {
		describe_first(tally, &row->first, event, row->call);
		row->first.module =
			ip_origin(tally->reader, event->tid, event->ip);
	}
	tally->last = row;
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
	struct process process = {.pid = pid};
	struct tally_row *row;

	strncpy(process.comm, comm, sizeof(process.comm) - 1);
	row = add_row(tally, &(struct tally_row){
				     .abi = -1,
				     .nr = NR_SKIPPED,
				     .call = CALL_NONE,
				     .verdict = {.action = ACTION_KILL},
				     .unseen = true,
			     });
	row->first.pid = pid;
	memcpy(row->first.comm, process.comm, sizeof(process.comm));
	row->first.at_s = seconds_since(&tally->started);
	row->last_process = find_process(row, &process);
	tally->is_pending = true;
	tally->pending = row;
	tally_hit(tally);
}

static bool is_count(const struct tally *tally, size_t i, int abi, uint32_t nr)
{
	return i < tally->n_counts && tally->counts[i].nr == nr &&
	       tally->counts[i].abi == abi;
}

/* Its index, or n_counts if there is no place for it. */
static size_t find_count(struct tally *tally, int abi, uint32_t nr)
{
	if (is_count(tally, tally->last_count, abi, nr))
		return tally->last_count;
	for (size_t i = 0; i < tally->n_counts; i++)
		if (is_count(tally, i, abi, nr))
			return i;
	if (tally->n_counts == TALLY_COUNTS)
		return TALLY_COUNTS;
	tally->counts = grow(tally->counts, tally->n_counts,
			     &tally->cap_counts, sizeof(*tally->counts));
	tally->counts[tally->n_counts] =
		(struct tally_count){.abi = abi,
				     .nr = nr,
				     .call = call_of(abi, nr)};
	return tally->n_counts++;
}

/* NULL: it has no place, and is counted with the others. */
static struct tally_count *add_count(struct tally *tally, int abi, uint32_t nr,
				     uint64_t hits)
{
	struct tally_count *count;

	tally->last_count = find_count(tally, abi, nr);
	if (tally->last_count == tally->n_counts) {
		tally->sums.more_counts += hits;
		return NULL;
	}
	count = &tally->counts[tally->last_count];
	count->hits += hits;
	return count;
}

void tally_count(struct tally *tally, uint32_t audit_arch, uint32_t nr)
{
	add_count(tally, abi_by_audit_arch(audit_arch), nr, 1);
}

void tally_learn(struct tally *tally, const struct event *event)
{
	struct tally_count *count = add_count(
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
	struct tally_count *count = add_count(tally, (int)abi, nr, hits);

	if (count)
		uses_join(&count->uses, uses);
}

powers tally_powers(const struct tally *tally, size_t *calls)
{
	powers set = 0;

	*calls = tally->n_counts;
	for (size_t i = 0; i < tally->n_counts; i++)
		set |= tally->counts[i].uses.powers;
	return set;
}

const struct programs *tally_programs(const struct tally *tally)
{
	return &tally->programs;
}

static int by_falling(uint64_t a, uint64_t b)
{
	return (a < b) - (a > b);
}

static int compare_rows(const void *va, const void *vb)
{
	const struct tally_row *a = *(const struct tally_row *const *)va;
	const struct tally_row *b = *(const struct tally_row *const *)vb;

	return a->hits != b->hits ? by_falling(a->hits, b->hits)
				  : by_falling(b->seq, a->seq);
}

const struct tally_row *const *tally_rows(struct tally *tally, size_t *n)
{
	*n = 0;
	tally->sorted_rows = xreallocarray(tally->sorted_rows, tally->n_rows,
					   sizeof(*tally->sorted_rows));
	for (size_t i = 0; i < tally->n_rows; i++)
		if (tally->rows[i]->hits)
			tally->sorted_rows[(*n)++] = tally->rows[i];
	qsort(tally->sorted_rows, *n, sizeof(*tally->sorted_rows),
	      compare_rows);
	return tally->sorted_rows;
}

static int compare_counts(const void *va, const void *vb)
{
	const struct tally_count *a = va, *b = vb;

	if (a->hits != b->hits)
		return by_falling(a->hits, b->hits);
	return a->abi != b->abi ? (a->abi > b->abi) - (a->abi < b->abi)
				: by_falling(b->nr, a->nr);
}

const struct tally_count *tally_counts(struct tally *tally, size_t *n)
{
	*n = tally->n_counts;
	tally->sorted_counts = xreallocarray(tally->sorted_counts, *n,
					     sizeof(*tally->sorted_counts));
	for (size_t i = 0; i < *n; i++)
		tally->sorted_counts[i] = tally->counts[i];
	qsort(tally->sorted_counts, *n, sizeof(*tally->sorted_counts),
	      compare_counts);
	return tally->sorted_counts;
}

struct reader *tally_reader(const struct tally *tally)
{
	return tally->reader;
}

const struct tally_sums *tally_sums(const struct tally *tally)
{
	return &tally->sums;
}
