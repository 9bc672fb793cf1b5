/* The arguments of each system call (syscall.def): the kernel's parameter
 * names, and of their types what a filter and a reader need.
 *
 * Widths are those that the kernel uses: umode_t is 16 bits, int 32, and
 * clone's flags are cut to 32 although declared long. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "tables/abi.h"

/* Texts lie in the rows: a pointer would have to be relocated at every start
 * (doc/HACKING.md, Start-up). */
struct argument {
	char name[18]; /* "family"; as in conditions */
	uint8_t bits;  /* how many the kernel looks at: 16 (umode_t), 32 or 64 */
	bool is_signed;
	bool is_pointer;
	bool is_string; /* "const char *" */
};

struct signature {
	int n; /* 0-6 */
	struct argument args[6];
};

/* The signature of a call (syscall.h) on an ABI, static; NULL where none is
 * known, the call is not on the ABI, or the ABI passes the arguments
 * differently (i386's mmap and select, socketcall, ipc, and calls whose 64-bit
 * arguments it splits). */
const struct signature *signature_of(enum abi_id abi, uint32_t call);
/* On the first ABI that has one. */
const struct signature *signature_any(uint32_t call);
