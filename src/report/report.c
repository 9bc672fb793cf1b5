#include "report/report.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/util.h"
#include "report/report_words.h"
#include "tally/decode.h"

const struct report_format *report_format_find(const char *name)
{
	static const struct report_format formats[] = {
		{"text", report_text},
		{"json", report_json},
	};

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (streq(formats[i].name, name))
			return &formats[i];
	return NULL;
}

/* The first event of a row has been decoded already. */
char *report_live(const struct tally *tally, const struct tally_row *row,
		  const struct event *event)
{
	const struct tally_process *by =
		row->last_process < row->n_processes
			? &row->processes[row->last_process]
			: &(struct tally_process){.pid = event->tid,
						  .comm = "?"};
	char *args[6], *text;
	int n = 0;

	if (row->hits)
		n = decode_args(tally_reader(tally), event, row->call, args);
	text = row_sentence(row, row->hits ? args : row->first.args,
			    row->hits ? n : row->first.n_args, by->pid,
			    by->comm);
	for (int i = 0; i < n; i++)
		free(args[i]);
	reprint(&text, "sandbox: %s\n", text);
	return text;
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
