#include "tally/tally.h"

#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/util.h"
#include "tally/decode.h"
#include "tally/hash.h"
#include "tally/ip_origin.h"
#include "tally/process.h"
#include "tables/syscall.h"

struct slot {
	struct hash_node node; /* first: see hash.h */
	struct tally_row row;
	size_t seq; /* the order in which rows were first seen */
};

/* One process in one row. */
struct member {
	struct hash_node node; /* first */
	const struct slot *slot;
	size_t index; /* in row.processes */
};

struct counter {
	struct hash_node node; /* first */
	struct tally_count count;
};

/* Nodes of one kind, each an allocation of its own (rows are handed out). */
struct list {
	void **items;
	size_t n, cap;
};

struct tally {
	struct timespec started;
	struct processes *processes;
	struct reader *reader;
	struct hash rows, members, counters;
	struct list slots, member_list, counter_list;
	struct slot *last; /* the row hit last is hit again */
	struct counter *last_counter;
	uint64_t hits, more_hits, lost_hits, more_counts;
	bool is_pending; /* tally_seen() without its tally_hit() */
	struct slot *pending; /* its row; NULL: beyond the bound */
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

static void *list_add(struct list *list, size_t size)
{
	list->items = grow(list->items, list->n, &list->cap, sizeof(void *));
	return list->items[list->n++] = xcalloc(1, size);
}

static void list_free(struct list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->items[i]);
	free(list->items);
}

static void first_release(struct tally_row *row)
{
	for (int i = 0; i < row->first.n_args; i++)
		free(row->first.args[i]);
	free(row->first.module);
	row->first.n_args = 0;
	row->first.module = NULL;
}

static void row_release(struct tally_row *row)
{
	first_release(row);
	free(row->processes);
}

void tally_free(struct tally *tally)
{
	if (!tally)
		return;
	for (size_t i = 0; i < tally->slots.n; i++)
		row_release(&((struct slot *)tally->slots.items[i])->row);
	list_free(&tally->slots);
	list_free(&tally->member_list);
	list_free(&tally->counter_list);
	hash_release(&tally->rows);
	hash_release(&tally->members);
	hash_release(&tally->counters);
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

static uint64_t row_hash(int abi, uint32_t nr, const struct verdict *v,
			 bool ran)
{
	uint64_t h = hash_mix((uint64_t)abi << 32 | nr,
			      (uint64_t)v->action << 32 | (uint32_t)v->err);

	h = hash_mix(h, (uint64_t)v->kind << 1 | ran);
	h = hash_mix(h, (uintptr_t)v->rule);
	return hash_mix(h, (uintptr_t)v->at.file ^ (uint64_t)v->at.line);
}

/* The slow part: once for each row, while the caller waits (again if the first
 * one was taken back by a signal). */
static void describe_first(struct tally *tally, struct tally_row *row,
			   const struct event *event,
			   const struct process *process)
{
	first_release(row);
	row->first.pid = process->pid;
	memcpy(row->first.comm, process->comm, sizeof(row->first.comm));
	row->first.at_s = seconds_since(&tally->started);
	row->first.ip = event->ip;
	row->first.module = ip_origin(tally->reader, event->tid, event->ip);
	row->first.n_args = decode_args(tally->reader, event, row->call,
					row->first.args);
}

static struct slot *add_row(struct tally *tally, uint64_t hash,
			    const struct tally_row *row)
{
	struct slot *slot = list_add(&tally->slots, sizeof(*slot));

	slot->row = *row;
	slot->seq = tally->slots.n;
	hash_insert(&tally->rows, &slot->node, hash);
	return slot;
}

static struct slot *find_row(struct tally *tally, const struct event *event,
			     const struct verdict *verdict, bool ran)
{
	int abi = abi_by_audit_arch(event->audit_arch);
	struct hash_node *node;
	uint64_t hash;

	if (tally->last &&
	    same_row(&tally->last->row, abi, event->nr, verdict, ran))
		return tally->last;
	hash = row_hash(abi, event->nr, verdict, ran);
	for (node = hash_first(&tally->rows, hash); node;
	     node = hash_next(node)) {
		struct slot *slot = (struct slot *)node;

		if (same_row(&slot->row, abi, event->nr, verdict, ran))
			return slot;
	}
	if (tally->slots.n == TALLY_ROWS)
		return NULL;
	return add_row(tally, hash,
		       &(struct tally_row){
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

static uint64_t member_hash(const struct slot *slot,
			    const struct process *process)
{
	uint64_t name[2];

	_Static_assert(sizeof(name) == sizeof(process->comm), "two words");
	memcpy(name, process->comm, sizeof(name));
	return hash_mix(hash_mix(hash_mix((uintptr_t)slot, name[0]), name[1]),
			(uint64_t)process->pid);
}

static size_t add_member(struct tally *tally, struct slot *slot, uint64_t hash,
			 const struct process *process)
{
	struct member *member = list_add(&tally->member_list, sizeof(*member));
	struct tally_row *row = &slot->row;

	row->processes = grow(row->processes, row->n_processes,
			      &row->cap_processes, sizeof(*row->processes));
	row->processes[row->n_processes] =
		(struct tally_process){.pid = process->pid};
	memcpy(row->processes[row->n_processes].comm, process->comm,
	       sizeof(process->comm));
	member->slot = slot;
	member->index = row->n_processes++;
	hash_insert(&tally->members, &member->node, hash);
	return member->index;
}

/* The index of the process in the row (a new one has no hits yet), or
 * n_processes if there is no place for it. */
static size_t find_member(struct tally *tally, struct slot *slot,
			  const struct process *process)
{
	const struct tally_row *row = &slot->row;
	struct hash_node *node;
	uint64_t hash;

	if (row->last_process < row->n_processes &&
	    same_process(&row->processes[row->last_process], process))
		return row->last_process;
	hash = member_hash(slot, process);
	for (node = hash_first(&tally->members, hash); node;
	     node = hash_next(node)) {
		const struct member *member = (struct member *)node;

		if (member->slot == slot &&
		    same_process(&row->processes[member->index], process))
			return member->index;
	}
	return row->n_processes == TALLY_PROCESSES
		       ? TALLY_PROCESSES
		       : add_member(tally, slot, hash, process);
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

static powers carried(const struct tally_row *row, const struct event *event)
{
	return row->abi < 0 ? powers_of(row->call)
			    : powers_at((enum abi_id)row->abi, row->call,
					event->args);
}

const struct tally_row *tally_seen(struct tally *tally,
				   const struct event *event,
				   const struct verdict *verdict, bool ran,
				   bool *fresh)
{
	const struct process *process = process_of(tally->processes,
						   event->tid);
	struct slot *slot = find_row(tally, event, verdict, ran);
	struct tally_row *row;

	tally->is_pending = true;
	tally->pending = slot;
	if (fresh)
		*fresh = false;
	if (!slot)
		return NULL;
	row = &slot->row;
	if (!row->hits)
		describe_first(tally, row, event, process);
	tally->last = slot;
	row->powers |= carried(row, event);
	row->last_process = find_member(tally, slot, process);
	if (fresh)
		*fresh = !is_known_program(row, process);
	return row;
}

void tally_hit(struct tally *tally)
{
	struct slot *slot = tally->pending;

	if (!tally->is_pending)
		return;
	tally->is_pending = false;
	tally->hits++;
	if (!slot) {
		tally->more_hits++;
		return;
	}
	slot->row.hits++;
	if (slot->row.last_process < slot->row.n_processes)
		slot->row.processes[slot->row.last_process].hits++;
	else
		slot->row.more_hits++;
}

void tally_lost(struct tally *tally)
{
	if (tally->is_pending)
		tally->lost_hits++;
	tally->is_pending = false;
}

void tally_killed_unseen(struct tally *tally, pid_t pid, const char *comm)
{
	const struct verdict verdict = {.action = ACTION_KILL};
	struct process process = {.pid = pid};
	struct slot *slot;

	strncpy(process.comm, comm, sizeof(process.comm) - 1);
	slot = add_row(tally, row_hash(-1, NR_SKIPPED, &verdict, false),
		       &(struct tally_row){
			       .abi = -1,
			       .nr = NR_SKIPPED,
			       .call = CALL_NONE,
			       .verdict = verdict,
			       .unseen = true,
		       });
	slot->row.first.pid = pid;
	memcpy(slot->row.first.comm, process.comm, sizeof(process.comm));
	slot->row.first.at_s = seconds_since(&tally->started);
	slot->row.last_process = find_member(tally, slot, &process);
	tally->is_pending = true;
	tally->pending = slot;
	tally_hit(tally);
}

static struct counter *find_counter(struct tally *tally, int abi, uint32_t nr)
{
	uint64_t hash = hash_mix((uint64_t)abi, nr);
	struct hash_node *node = hash_first(&tally->counters, hash);
	struct counter *counter;

	for (; node; node = hash_next(node)) {
		counter = (struct counter *)node;
		if (counter->count.nr == nr && counter->count.abi == abi)
			return counter;
	}
	if (tally->counter_list.n == TALLY_COUNTS)
		return NULL;
	counter = list_add(&tally->counter_list, sizeof(*counter));
	counter->count = (struct tally_count){abi, nr, call_of(abi, nr), 0};
	hash_insert(&tally->counters, &counter->node, hash);
	return counter;
}

void tally_count(struct tally *tally, uint32_t audit_arch, uint32_t nr)
{
	int abi = abi_by_audit_arch(audit_arch);
	struct counter *last = tally->last_counter;

	if (!last || last->count.nr != nr || last->count.abi != abi)
		last = tally->last_counter = find_counter(tally, abi, nr);
	if (last)
		last->count.hits++;
	else
		tally->more_counts++;
}

static int by_falling(uint64_t a, uint64_t b)
{
	return (a < b) - (a > b);
}

static int compare_rows(const void *va, const void *vb)
{
	const struct slot *a = *(struct slot *const *)va;
	const struct slot *b = *(struct slot *const *)vb;

	return a->row.hits != b->row.hits
		       ? by_falling(a->row.hits, b->row.hits)
		       : by_falling(b->seq, a->seq);
}

const struct tally_row *const *tally_rows(struct tally *tally, size_t *n)
{
	cleanup_free struct slot **order = NULL;

	*n = 0;
	order = xreallocarray(NULL, tally->slots.n, sizeof(*order));
	tally->sorted_rows = xreallocarray(tally->sorted_rows, tally->slots.n,
					   sizeof(*tally->sorted_rows));
	for (size_t i = 0; i < tally->slots.n; i++)
		if (((struct slot *)tally->slots.items[i])->row.hits)
			order[(*n)++] = tally->slots.items[i];
	qsort(order, *n, sizeof(*order), compare_rows);
	for (size_t i = 0; i < *n; i++)
		tally->sorted_rows[i] = &order[i]->row;
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
	*n = tally->counter_list.n;
	tally->sorted_counts = xreallocarray(tally->sorted_counts, *n,
					     sizeof(*tally->sorted_counts));
	for (size_t i = 0; i < *n; i++)
		tally->sorted_counts[i] =
			((struct counter *)tally->counter_list.items[i])->count;
	qsort(tally->sorted_counts, *n, sizeof(*tally->sorted_counts),
	      compare_counts);
	return tally->sorted_counts;
}

struct reader *tally_reader(const struct tally *tally)
{
	return tally->reader;
}

uint64_t tally_hits(const struct tally *tally)
{
	return tally->hits;
}

uint64_t tally_more_hits(const struct tally *tally)
{
	return tally->more_hits;
}

uint64_t tally_more_counts(const struct tally *tally)
{
	return tally->more_counts;
}

uint64_t tally_lost_hits(const struct tally *tally)
{
	return tally->lost_hits;
}
