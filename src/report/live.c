#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"
#include "base/util.h"
#include "tally/decode.h"
#include "report/report.h"
#include "report/report_words.h"

static void print_args(FILE *out, char *const *args, int n)
{
	for (int i = 0; i < n; i++)
		fprintf(out, "%s%s", i ? ", " : "", args[i]);
}

/* The first event of a row has been decoded already. */
static void print_call(FILE *out, const struct tally *tally,
		       const struct tally_row *row, const struct event *event)
{
	cleanup_free char *label =
		call_label(row->abi, row->nr, row->call);
	char *args[6];
	int n;

	fprintf(out, "%s(", label);
	if (row->hits == 0) {
		print_args(out, row->first.args, row->first.n_args);
	} else {
		n = decode_args(tally_reader(tally), event, row->call,
				args);
		print_args(out, args, n);
		for (int i = 0; i < n; i++)
			free(args[i]);
	}
	fputc(')', out);
}

static void print_live(FILE *out, const struct tally *tally,
		       const struct tally_row *row, const struct event *event)
{
	const struct tally_process *by =
		row->last_process < row->n_processes
			? &row->processes[row->last_process]
			: &(struct tally_process){.pid = event->tid,
						  .comm = "?"};
	cleanup_free char *comm = escape_utf8(by->comm, true);
	cleanup_free char *rule = row_rule(row);
	cleanup_free char *rule_shown = escape_utf8(rule, true);
	char buf[16];

	fprintf(out, "sandbox: %s ", row->ran ? "allowed" : "denied");
	print_call(out, tally, row, event);
	if (!row->ran)
		fprintf(out, " = %s", row_answer(row, buf));
	fprintf(out, " by %s[%d], %s%s\n", comm, (int)by->pid,
		row->ran ? "against " : "", rule_shown);
}

char *report_live(const struct tally *tally, const struct tally_row *row,
		  const struct event *event)
{
	char *line = NULL;
	size_t size;
	FILE *memory = open_memstream(&line, &size);

	if (!memory)
		return NULL;
	print_live(memory, tally, row, event);
	fclose(memory);
	return line;
}

/* One write: CMD writes to the same place, and a line of ours must not be torn
 * apart.  If it cannot be written the report still has it. */
void report_say(FILE *out, const char *line)
{
	ssize_t written;

	fflush(out);
	written = write(fileno(out), line, strlen(line));
	(void)written;
}
