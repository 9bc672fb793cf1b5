/* The cage of every process of sandbox's that is there while CMD runs.
 *
 * A program that got hold of one (as root, CMD may write its memory) should be
 * able to start, write and reach nothing by it.  So it is not dumpable, has no
 * capability and no system call that its job does not need, and no_new_privs:
 * from before CMD's first instruction, and so have the children and threads
 * that it makes later.
 *
 * The filter is a constant program, one for each set of pieces: `make cage`
 * compiles it from the policies in contrib/cage/, and the unit tests prove that
 * it is what they say.  Nothing of it is compiled or proved at a start. */
#pragma once

#include "filter/program.h"

/* What it does besides waiting for CMD and handing signals on. */
enum {
	CAGE_NOTIFY = 1 << 0,  /* answers notifications: a monitor */
	CAGE_PTRACE = 1 << 1,  /* steers tracees: a monitor */
	CAGE_EXEC = 1 << 2,    /* lets CMD's exec run, by a notification */
	CAGE_FILES = 1 << 3,   /* replaces a report file */
	CAGE_SOCKETS = 1 << 4, /* speaks to systemd or the journal */
	CAGE_PIECES = 5,
};

/* The instructions are not the caller's; n is 0 if there is no such cage. */
struct program cage_program(unsigned pieces);

/* struct launch's protect(): ctx points to the pieces, an unsigned.  Locks up
 * the calling process and believes no return value: it asks for what has come
 * of it.  0, or an exit status with the reason printed. */
int cage_lock(void *ctx);
