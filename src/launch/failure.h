/* Why a launch failed, and with which status it ends. */
#pragma once

#include "launch/execplan.h"
#include "launch/handshake.h"

enum { FAILURE_SIZE = 512 };

/* What the child's stage and errno mean: whole lines in text, fit to be shown,
 * and an exit status (exitcode.h). Allocates nothing; asks the file system only about
 * files that were tried. */
int failure_describe(const struct handshake *shared,
		     const struct execplan *plan,
		     char text[static FAILURE_SIZE]);

/* Prints "sandbox: WHAT: (errno); the command was not started"; returns
 * EXITCODE_SANDBOX. */
int failure_print(const char *what);

/* The process cannot be traced: says also by whom it is already. */
int failure_print_tracer(pid_t pid);
