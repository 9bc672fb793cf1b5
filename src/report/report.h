/* The report: what a tally and a run say, as text or JSON, into a stream or a
 * file. */
#pragma once

#include <stdio.h>

#include "base/kept_fds.h"
#include "report/run_info.h"
#include "tally/tally.h"

/* For people: a headline, a table, and what would allow it. */
void report_text(FILE *out, const struct run_info *run, struct tally *tally);
/* For programs: JSON, version 1; sandbox(1) lists the members.  Members keep
 * their order and their meaning; new ones may come. */
void report_json(FILE *out, const struct run_info *run, struct tally *tally);
/* The same in one line, the last of a stream of report_event()s. */
void report_jsonl(FILE *out, const struct run_info *run, struct tally *tally);
/* One line for a denied call: what is known of its row.  When and how as
 * report_live(). */
char *report_event(struct tally *tally, const struct tally_row *row,
		   const struct event *event);

/* The same by --format's names. */
struct report_format {
	const char *name;
	void (*write)(FILE *out, const struct run_info *run,
		      struct tally *tally);
	/* Of a format that is a stream; else NULL. */
	char *(*event)(struct tally *tally, const struct tally_row *row,
		       const struct event *event);
};
const struct report_format *report_format_find(const char *name);

/* -v: one line for a denied call, as it happens: "sandbox: denied
 * openat(AT_FDCWD, "/etc/shadow", O_RDONLY) = EPERM by sh[812], web.ini:14".
 * The caller is stopped.  malloc'd.  To be said once the answer has reached
 * the caller: until then the text may be another process's, which got the
 * number of a caller that was killed. */
char *report_live(struct tally *tally, const struct tally_row *row,
		  const struct event *event);
void report_say(FILE *out, const char *line);

/* Where a report goes.  A regular file (or one that does not exist yet) is
 * written to a temporary name beside it and renamed, so that a reader always
 * finds a whole report; anything else (a pipe, /dev/null, /dev/fd/3) is
 * written to once, at the end, and never replaced.  "-" is standard output,
 * NULL standard error, "journal" systemd's journal (journal.h; "./journal" is a
 * file). A descriptor above 2 named as /dev/fd/N or
 * /proc/self/fd/N is marked close-on-exec: CMD could forge the report. */
struct report_file;

/* NULL with *why (malloc'd) if the report could not be written there: known
 * before CMD is started. */
struct report_file *report_file_open(const char *path,
				     const struct report_format *format,
				     char **why);
/* Adds its descriptors; file may be NULL. */
void report_file_keep(const struct report_file *file, struct kept_fds *kept);
/* Is it worth writing while CMD runs? */
bool report_file_refreshable(const struct report_file *file);
/* Does what is written stay, as in the journal? Then a little late is better
 * than twice. */
bool report_file_appends(const struct report_file *file);
/* 0, or -1 with *why. */
int report_file_write(struct report_file *file, const struct run_info *run,
		      struct tally *tally, char **why);
/* Could a file be replaced?  It is as it was afterwards. */
int report_file_try(struct report_file *file, const struct run_info *run,
		    struct tally *tally, char **why);
/* A line of a stream.  If it cannot be written, the report still has it. */
void report_file_say(const struct report_file *file, const char *line);
void report_file_close(struct report_file *file);
