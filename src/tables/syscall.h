/* Every system call by name, with its number and first kernel on each ABI.
 *
 * The rows are in syscall.def, sorted by name; contrib/refresh-tables says
 * how they are made (libseccomp's names, the kernel headers' numbers, the
 * first kernels of syscalls(2), and what those lack).
 *
 * A call is named by its row, an index from 0 to syscall_count() - 1.  A raw
 * number without a name is CALL_RAW | number: a `call` holds either. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tables/abi.h"

/* A kernel release as one comparable number: KERNEL(5, 2). */
#define KERNEL(major, minor) ((uint16_t)((major) << 8 | (minor)))

enum {
	/* 0 means just "done" and nothing is handed back: `errno = 0` may
	 * pretend it (fsync, fchown, madvise …). */
	SYSCALL_ZERO_IS_DONE = 1 << 0,
	/* Allowed unless a rule names it alone: restart_syscall,
	 * rt_sigreturn, sigreturn, exit, exit_group. */
	SYSCALL_IMPLICIT = 1 << 1,
	/* The kernel does not filter it (x86-64 uretprobe and uprobe):
	 * always allowed, and denying it is an error. */
	SYSCALL_UNFILTERED = 1 << 2,
};

#define SYSCALL_NAME_SIZE 32

struct syscall_row {
	char name[SYSCALL_NAME_SIZE]; /* zeros to the end; no pointer, which
	                                 would be relocated at every start */
	int nr[ABI_COUNT];         /* -1: not on this ABI */
	uint16_t since[ABI_COUNT]; /* KERNEL(); 0: older than the table cares */
	uint8_t flags;             /* SYSCALL_… */
};

#define CALL_RAW 0x80000000u
/* Above any number a kernel will ever use, below the x32 bit: the last that a
 * policy can name. */
#define CALL_RAW_LAST 0xffffu
#define CALL_NONE UINT32_MAX

/* At most SYSCALL_ROWS, for sets of rows. */
enum { SYSCALL_ROWS = 640 };
extern const struct syscall_row syscall_rows[];
extern const uint32_t syscall_rows_n;

static inline size_t syscall_count(void)
{
	return syscall_rows_n;
}

/* NULL for a raw one. */
static inline const struct syscall_row *syscall_row(uint32_t call)
{
	return call < syscall_rows_n ? &syscall_rows[call] : NULL;
}

static inline bool syscall_has(uint32_t call, uint8_t flag)
{
	return call < syscall_rows_n && syscall_rows[call].flags & flag;
}

/* CALL_NONE if there is no such call. */
uint32_t syscall_by_name(const char *name);
uint32_t syscall_by_word(const char *name, size_t n); /* its first n bytes */
/* The row, or CALL_RAW | nr for a number that has no name on this ABI. */
uint32_t syscall_by_number(enum abi_id abi, uint32_t nr);

/* The number of a call on an ABI, -1 if it has none there.  Raw calls: the
 * number itself on each machine's own ABI, and from 424 on, where numbers are the
 * same everywhere, on every ABI. */
int64_t syscall_number(uint32_t call, enum abi_id abi);

/* The highest number that the table names on this ABI. */
uint32_t syscall_last(enum abi_id abi);

/* The nearest name to a misspelt one, or NULL. */
const char *syscall_suggest(const char *name);

/* The name, or the number as text ("462") in buf. */
const char *syscall_name(uint32_t call, char buf[static 16]);
/* The same, in memory of the block that asks: of an if, its branch. */
#define syscall_text(call) syscall_name(call, (char[16]){0})
