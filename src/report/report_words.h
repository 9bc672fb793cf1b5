/* The words of a report that all formats use: what a row is called.  What would
 * allow it: remedy.h. */
#pragma once

#include "base/jtree.h"
#include "report/run_info.h"
#include "tally/tally.h"

/* "openat", or the number of a call without a name. */
const char *call_name(int abi, uint32_t nr, uint32_t call,
		      char buf[static 16]);
/* "x86_64", "x86", "x32", "unknown". */
const char *call_abi(int abi, uint32_t nr);
/* The name, with its ABI if that is not the native one: "socket@x86".
 * malloc'd. */
char *call_label(int abi, uint32_t nr, uint32_t call);

/* The same of what has these three members, such as a row; the name in memory
 * of the block that asks. */
#define row_name(row)                                                          \
	call_name((row)->abi, (row)->nr, (row)->call, (char[16]){0})
#define row_abi(row) call_abi((row)->abi, (row)->nr)
#define row_label(row) call_label((row)->abi, (row)->nr, (row)->call)

/* An errno name, "kill" or "allowed". */
const char *row_answer_in(const struct tally_row *row, char buf[static 16]);
#define row_answer(row) row_answer_in(row, (char[16]){0})
/* The line, and its file without folders ("web.ini:14"; empty if there is
 * none).  malloc'd. */
char *source_label(struct source at);
/* "web.ini:14", "web.ini:14 @open", "default", "newer call", "foreign ABI",
 * "tracer".  malloc'd. */
char *row_rule(const struct tally_row *row);
/* Puts `file` and `line`, of a JSON profile `syscalls`, if there are any. */
void place_put(struct jtree *object, struct source at);
/* The group as it is written, with its '@'; NULL without one. */
const char *verdict_group(const struct verdict *verdict);
/* Puts `rule`: {kind, file, line, group}; what does not apply is absent. */
void rule_put(struct jtree *object, const struct verdict *verdict);

/* The texts with a separator between two; malloc'd. */
char *joined(char *const *texts, size_t n, const char *separator);
/* 'denied openat(AT_FDCWD, "/etc/shadow", O_RDONLY) = EPERM by nginx[812],
 * web.ini:14': one event of the row.  malloc'd. */
char *row_sentence(const struct tally_row *row, const struct tally_first *call);

static inline const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* The number of different calls in rows. */
size_t rows_calls(const struct tally_row *const *rows, size_t n);

/* "3 system calls denied 41 times", "no system call was denied". malloc'd. */
char *sums_text(const struct run_info *run, size_t calls, uint64_t hits);

/* "nginx[812]", escaped.  malloc'd. */
char *process_label(pid_t pid, const char *comm);

/* "exit 0", "killed by SIGKILL", "still running".  malloc'd. */
char *ending_text(const struct run_info *run);

/* What powers open: "starting programs; making TCP sockets".  malloc'd. */
char *powers_text(powers set);
/* Their names, as a list; none: "none" stands before others. */
void powers_put(struct jtree *object, const char *name, powers set, bool none);

/* "SIGSEGV", "SIGRTMIN+3". malloc'd. */
char *signal_label(int sig);
