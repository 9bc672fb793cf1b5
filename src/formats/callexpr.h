/* One system call as people write it and strace and reports show it:
 *
 *     openat(AT_FDCWD, "/etc/shadow", O_RDONLY)
 *     socket@x86(AF_INET, _)        257(-100, _, 0x40)        clone3
 *
 * The name (or number) may carry an ABI: @x86_64, @x86, @aarch64, @x32.  An
 * argument is a number, symbols joined by '|', NULL, a string or [...] or {...}
 * (which become "some pointer"), or '_' for any value; those that are left
 * out at the end are any as well.  What follows the call after '=' (strace's
 * result) is skipped. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/diagram.h"
#include "tables/abi.h"

enum callexpr_kind {
	CALLEXPR_ANY,
	CALLEXPR_POINTER, /* not 0, and not known */
	CALLEXPR_VALUE,
};

struct callexpr_arg {
	enum callexpr_kind kind;
	uint64_t value; /* the whole register */
};

struct callexpr {
	uint32_t call; /* syscall.h; CALL_NONE for a number beyond 31 bits */
	bool has_abi;  /* an ABI was written; else it is the one that was given */
	enum abi_id abi;
	uint32_t nr; /* x32's bit included */
	bool has_args;
	int n_args; /* as written */
	struct callexpr_arg args[6];
	/* after a mistake: where (an offset in the text), and what, owned */
	size_t error_at;
	char *error;
};

/* 0, or -1 with error set; to be freed in any case. */
int callexpr_parse(struct callexpr *out, enum abi_id abi, const char *text);
void callexpr_free(struct callexpr *expr);

/* The calls that are meant: those with the arguments that are known. */
diagram callexpr_meant(const struct callexpr *expr,
		       struct diagram_store *store);
/* The arguments of this kind, a bit each. */
unsigned callexpr_args(const struct callexpr *expr, enum callexpr_kind kind);
