#include "report/journal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/text.h"
#include "report/journal_socket.h"
#include "report/remedy.h"
#include "report/report_words.h"

/* syslog(3)'s */
enum { PRIORITY_ERR = 3, PRIORITY_WARNING = 4, PRIORITY_INFO = 6 };

enum { GROWTH = 10 };

struct journal {
	struct journal_socket socket;
	uint64_t written[TALLY_ROWS + 1]; /* the hits that it has of each row */
};

/* One entry in the making. */
struct journal_entry {
	FILE *out;
	char *text;
	size_t n;
};

struct journal *journal_open(const char *path)
{
	struct journal *journal = xcalloc(1, sizeof(*journal));

	if (journal_connect(&journal->socket, path) == 0)
		return journal;
	free(journal);
	return NULL;
}

void journal_keep(const struct journal *journal, struct kept_fds *kept)
{
	if (journal)
		kept_fds_add(kept, journal->socket.fd);
}

void journal_close(struct journal *journal)
{
	if (!journal)
		return;
	journal_disconnect(&journal->socket);
	free(journal);
}

/* ------------------------------------------------------------- one entry */

static bool entry_begin(struct journal_entry *entry, const struct run_info *run,
			const char *id, int priority, const char *message)
{
	cleanup_free char *command = NULL;
	size_t n = 0;

	while (run->command && run->command[n])
		n++;
	command = joined(run->command, n, " ");
	*entry = (struct journal_entry){0};
	entry->out = open_memstream(&entry->text, &entry->n);
	if (!entry->out)
		return false;
	journal_field(entry->out, "MESSAGE", message);
	journal_field(entry->out, "MESSAGE_ID", id);
	journal_field_number(entry->out, "PRIORITY", priority);
	journal_field(entry->out, "SYSLOG_IDENTIFIER", "sandbox");
	journal_field(entry->out, "COMMAND", command);
	journal_field_number(entry->out, "COMMAND_PID", run->pid);
	journal_field(entry->out, "TRACER", run->tracer);
	return true;
}

static int entry_send(struct journal_entry *entry, const struct journal *journal,
		      enum journal_wait wait)
{
	int result = fclose(entry->out);

	if (result == 0)
		result = journal_send(&journal->socket, entry->text, entry->n,
				      wait);
	free(entry->text);
	return result;
}

static void put_call(FILE *out, int abi, uint32_t nr, uint32_t call)
{
	char buf[16];

	journal_field(out, "SYSCALL", call_name(abi, nr, call, buf));
	journal_field_number(out, "SYSCALL_NUMBER", (int32_t)nr);
	journal_field(out, "SYSCALL_ABI", call_abi(abi, nr));
}

static char *row_message(const struct tally_row *row)
{
	char *text = row_sentence(row, row->first.args, row->first.n_args,
				  row->first.pid, row->first.comm);

	if (row->hits > 1)
		reprint(&text, "%s (%" PRIu64 " times)", text, row->hits);
	return text;
}

/* What was meant for a library to go on with another call is no trouble. */
static int priority_of(const struct tally_row *row, const struct run_info *run)
{
	cleanup_free char *fallback = row_fallback(row, run);

	if (fallback)
		return PRIORITY_INFO;
	return row->verdict.action == ACTION_KILL && !row->ran
		       ? PRIORITY_ERR
		       : PRIORITY_WARNING;
}

static int write_row(const struct journal *journal, const struct run_info *run,
		     const struct tally_row *row)
{
	cleanup_free char *message = row_message(row);
	cleanup_free char *rule = row_rule(row);
	struct source at = row_source(row);
	struct journal_entry entry;
	char buf[16];

	if (!entry_begin(&entry, run, JOURNAL_ID_DENIED,
			 priority_of(row, run), message))
		return -1;
	put_call(entry.out, row->abi, row->nr, row->call);
	journal_field_number(entry.out, "HITS", (int64_t)row->hits);
	journal_field(entry.out, "ANSWER", row_answer(row, buf));
	journal_field(entry.out, "RULE", rule);
	if (at.file && at.line) {
		journal_field(entry.out, "RULE_FILE", at.file);
		journal_field_number(entry.out, "RULE_LINE", at.line);
	}
	journal_field(entry.out, "COMM", row->first.comm);
	journal_field_number(entry.out, "COMM_PID", row->first.pid);
	return entry_send(&entry, journal,
			  run->is_last ? SEND_WAITING : SEND_NOW);
}

/* ------------------------------------------------------------- the report */

static bool is_due(uint64_t hits, uint64_t written, bool is_last)
{
	return is_last ? hits != written
		       : !written || hits / GROWTH >= written;
}

static int write_rows(struct journal *journal, const struct run_info *run,
		      const struct tally_row *const *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t *written = &journal->written[rows[i]->seq];
		uint64_t hits = rows[i]->hits;

		if (!is_due(hits, *written, run->is_last))
			continue;
		if (write_row(journal, run, rows[i]) < 0)
			return -1;
		*written = hits;
	}
	return 0;
}

static int write_counts(const struct journal *journal,
			const struct run_info *run, struct tally *tally)
{
	size_t n;
	const struct tally_count *counts = tally_counts(tally, &n);

	for (size_t i = 0; i < n; i++) {
		const struct tally_count *count = &counts[i];
		cleanup_free char *label =
			call_label(count->abi, count->nr, count->call);
		cleanup_free char *message =
			xasprintf("%s made %" PRIu64 " times", label,
				  count->hits);
		struct journal_entry entry;

		if (!entry_begin(&entry, run, JOURNAL_ID_COUNTED,
				 PRIORITY_INFO, message))
			return -1;
		put_call(entry.out, count->abi, count->nr, count->call);
		journal_field_number(entry.out, "HITS", (int64_t)count->hits);
		if (entry_send(&entry, journal, SEND_WAITING) < 0)
			return -1;
	}
	return 0;
}

static int write_sums(const struct journal *journal, const struct run_info *run,
		      struct tally *tally, size_t calls)
{
	cleanup_free char *end = ending_text(run);
	cleanup_free char *name = escape_utf8(
		run->command ? run->command[0] : "?", true);
	cleanup_free char *sums = sums_text(run, calls, tally_sums(tally)->hits);
	cleanup_free char *message = xasprintf("%s in %.2f s: %s (%s)", sums,
					       run->duration_s, name, end);
	struct journal_entry entry;

	if (!entry_begin(&entry, run, JOURNAL_ID_ENDED, PRIORITY_INFO, message))
		return -1;
	journal_field_number(entry.out, "TOTAL_CALLS", (int64_t)calls);
	journal_field_number(entry.out, "TOTAL_HITS",
			     (int64_t)tally_sums(tally)->hits);
	return entry_send(&entry, journal, SEND_LAST);
}

int journal_write(struct journal *journal, const struct run_info *run,
		  struct tally *tally)
{
	size_t n;
	const struct tally_row *const *rows = tally_rows(tally, &n);

	if (write_rows(journal, run, rows, n) < 0)
		return -1;
	if (!run->is_last)
		return 0;
	if (run->mode == RUN_COUNT && write_counts(journal, run, tally) < 0)
		return -1;
	return write_sums(journal, run, tally, rows_calls(rows, n));
}
