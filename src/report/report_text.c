#include "report/report.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/screen.h"
#include "base/text.h"
#include "base/util.h"
#include "base/wrap.h"
#include "report/remedy.h"
#include "report/report_words.h"

enum { HITS, CALL, ANSWER, BY, RULE, FIRST, COLUMNS };

/* One line of the table, or of counts: up to the first cell that is NULL. */
struct line {
	const char *cells[COLUMNS];
};

/* What was done, then the rest that every headline shares: "nginx (exit 0),
 * web.ini".  Never cut: it says what the table cannot. */
static void headline(FILE *out, const struct run_info *run, const char *what)
{
	const char *name = run->command ? run->command[0] : "?";
	const char *slash = strrchr(name, '/');
	cleanup_free char *end = ending_text(run);
	cleanup_free char *text =
		xasprintf("sandbox: %s in %.2f s: %s (%s)", what,
			  run->duration_s, slash && slash[1] ? slash + 1 : name,
			  end);

	for (size_t i = 0; i < run->n_policies; i++)
		reprint(&text, "%s, %s", text, run->policies[i]);
	screen_line(out, STYLE_BOLD, text);
}

/* Its cells are malloc'd. */
static struct line line_of(const struct tally_row *row)
{
	const struct tally_first *first = &row->first;
	cleanup_free char *rule = row_rule(row);
	cleanup_free char *args =
		joined(first->args, (size_t)first->n_args, ", ");
	char *by = process_label(first->pid, first->comm);

	if (row->n_processes > 1)
		reprint(&by, "%s +%zu%s", by, row->n_processes - 1,
			row->more_hits ? " and others" : "");
	return (struct line){{
		[HITS] = xasprintf("%" PRIu64, row->hits),
		[CALL] = row_label(row),
		[ANSWER] = xstrdup(row_answer(row)),
		[BY] = by,
		[RULE] = escape_utf8(rule, true),
		/* the ABI stands in the column of calls */
		[FIRST] = xasprintf("%.2f s  %s(%s)", first->at_s,
				    row_name(row), args),
	}};
}

static int compare_members(const void *va, const void *vb)
{
	const struct process *a = va, *b = vb;

	if (a->hits != b->hits)
		return a->hits < b->hits ? 1 : -1;
	return (a->pid > b->pid) - (a->pid < b->pid);
}

/* Never cut: a narrow terminal has it in more lines. */
static void print_whole(const struct screen *screen, int indent,
			const char *text)
{
	released_by(wrap_end) struct wrap wrap = wrap_start(screen->out, indent);

	wrap.width = screen->width;
	wrap_words(&wrap, text);
}

/* "by nginx[812] 30, sh[9] 8, +3 more", those with most hits first. */
static void print_members(struct screen *screen, const struct tally_row *row,
			  int indent)
{
	enum { SHOWN = 6 };
	size_t n = row->n_processes;
	cleanup_free struct process *sorted =
		xreallocarray(NULL, n, sizeof(*sorted));
	cleanup_free char *text = xstrdup("");

	memcpy(sorted, row->processes, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), compare_members);
	for (size_t i = 0; i < n && i < SHOWN; i++) {
		cleanup_free char *name =
			process_label(sorted[i].pid, sorted[i].comm);

		reprint(&text, "%s%s%s %" PRIu64, text, i ? ", " : "by ", name,
			sorted[i].hits);
	}
	if (n > SHOWN)
		reprint(&text, "%s, +%zu more", text, n - SHOWN);
	if (row->more_hits)
		reprint(&text, "%s, and others %" PRIu64, text,
			row->more_hits);
	print_whole(screen, indent, text);
}

static void print_line(struct screen *screen, const struct line *line,
		       const int widths[COLUMNS], enum style style,
		       enum style answer)
{
	for (int i = 0; i < COLUMNS && line->cells[i]; i++) {
		screen_put(screen, STYLE_PLAIN, "  ");
		screen_cell(screen, i == ANSWER ? answer : style,
			    line->cells[i], i == HITS ? -widths[i] : widths[i]);
	}
	screen_newline(screen);
}

/* The same on a terminal that is too narrow for a table. */
static void print_stacked(struct screen *screen, const struct line *line,
			  int width, enum style answer)
{
	cleanup_free char *by = xasprintf("by %s, %s", line->cells[BY],
					  line->cells[RULE]);
	const struct line first = {
		{line->cells[HITS], line->cells[CALL], line->cells[ANSWER]}};

	print_line(screen, &first, (int[COLUMNS]){width}, STYLE_PLAIN, answer);
	print_whole(screen, width + 4, by);
	print_whole(screen, width + 4, line->cells[FIRST]);
}

/* Of the widest cell in each column; the last is not filled up. */
static void widen(int widths[COLUMNS], const struct line *line)
{
	for (int i = 0; i < FIRST; i++) {
		int width = (int)utf8_columns(line->cells[i]);

		if (width > widths[i])
			widths[i] = width;
	}
}

static void print_table(struct screen *screen,
			const struct tally_row *const *rows, size_t n)
{
	static const struct line titles = {
		{"hits", "call", "answer", "by", "rule", "first seen"}};
	cleanup_free struct line *lines = xcalloc(n, sizeof(*lines));
	int widths[COLUMNS] = {0};
	size_t width = 0;
	bool as_table;

	widen(widths, &titles);
	for (size_t i = 0; i < n; i++) {
		lines[i] = line_of(rows[i]);
		widen(widths, &lines[i]);
	}
	/* Is there room for all columns but the last, which may be cut? */
	for (int i = 0; i < FIRST; i++)
		width += (size_t)widths[i] + 2;
	as_table = width < screen->width;
	if (as_table)
		print_line(screen, &titles, widths, STYLE_DIM, STYLE_DIM);
	for (size_t i = 0; i < n; i++) {
		enum style answer = rows[i]->ran ? STYLE_YELLOW : STYLE_RED;

		if (as_table)
			print_line(screen, &lines[i], widths, STYLE_PLAIN,
				   answer);
		else
			print_stacked(screen, &lines[i], widths[HITS], answer);
		if (rows[i]->n_processes > 1)
			print_members(screen, rows[i], widths[HITS] + 4);
		for (int j = 0; j < COLUMNS; j++)
			free((char *)lines[i].cells[j]);
	}
}

static void print_denied(struct screen *screen, const struct run_info *run,
			 struct tally *tally)
{
	size_t n;
	const struct tally_sums *sums = tally_sums(tally);
	const struct tally_row *const *rows = tally_rows(tally, &n);
	cleanup_free char *what =
		sums_text(run, rows_calls(rows, n), sums->hits);

	headline(screen->out, run, what);
	if (n)
		print_table(screen, rows, n);
	if (sums->more_hits)
		fprintf(screen->out, "  and %" PRIu64 " more hits of calls "
			"beyond the first %d rows\n", sums->more_hits,
			TALLY_ROWS);
	if (sums->lost_hits)
		fprintf(screen->out, "  and %" PRIu64 " interrupted by a signal "
			"before the answer\n", sums->lost_hits);
	advice_write(screen->out, run, rows, n);
}

static void print_sum(struct screen *screen, uint64_t hits,
		      const int widths[COLUMNS], const char *call,
		      enum style style)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, hits);
	print_line(screen, &(struct line){{text, call}}, widths, style, style);
}

static void print_counts(struct screen *screen, const struct run_info *run,
			 struct tally *tally)
{
	size_t n;
	const struct tally_row *const *counts = tally_counts(tally, &n);
	const uint64_t others = tally_sums(tally)->more_counts;
	cleanup_free char *what = NULL;
	uint64_t total = others;
	int widths[COLUMNS] = {0};

	for (size_t i = 0; i < n; i++)
		total += counts[i]->hits;
	what = xasprintf("%zu%s system call%s made %" PRIu64 " time%s", n,
			 others ? " and more" : "", plural(n), total,
			 plural(total));
	headline(screen->out, run, what);
	widths[HITS] = snprintf(NULL, 0, "%4" PRIu64, total);
	print_line(screen, &(struct line){{"hits", "call"}}, widths, STYLE_DIM,
		   STYLE_DIM);
	for (size_t i = 0; i < n; i++) {
		cleanup_free char *call = row_label(counts[i]);

		print_sum(screen, counts[i]->hits, widths, call, STYLE_PLAIN);
	}
	if (others)
		print_sum(screen, others, widths, "others", STYLE_PLAIN);
	print_sum(screen, total, widths, "total", STYLE_BOLD);
}

void report_text(FILE *out, const struct run_info *run, struct tally *tally)
{
	struct screen screen = screen_on(out);
	bool counts = run->mode == RUN_COUNT;

	/* Counting needs no policy; without one nothing can be denied. */
	if (!counts || tally_sums(tally)->hits || run->n_policies)
		print_denied(&screen, run, tally);
	if (counts)
		print_counts(&screen, run, tally);
	if (run->unheard)
		fputs("The command left processes running; calls denied to "
		      "them are not in this report (add --wait or -r FILE)\n",
		      out);
	if (run->kills_unseen)
		fputs("The notify tracer does not see calls that kill, except "
		      "that the command itself died (use --trace=ptrace)\n",
		      out);
	if (run->note)
		fprintf(out, "%s\n", run->note);
	if (run->earlier_filters)
		fprintf(out, "%u seccomp filter%s in force before sandbox "
			"started: what %s denied is not in this report.\n",
			run->earlier_filters,
			run->earlier_filters == 1 ? " was" : "s were",
			run->earlier_filters == 1 ? "it" : "they");
}

char *report_live(struct tally *tally, const struct tally_row *row,
		  const struct event *event)
{
	char *text = row_sentence(row, tally_describe(tally, row, event));

	reprint(&text, "sandbox: %s\n", text);
	return text;
}

/* One write: CMD writes to the same place, and a line of ours must not be torn
 * apart.  If it cannot be written the report still has it. */
void report_say(FILE *out, const char *line)
{
	fflush(out);
	write_all(fileno(out), line, strlen(line));
}
