/* Every exit status of the tool, in one place (the man page repeats the list).
 *
 * A command that ran hands its own status on; if a signal killed it, sandbox
 * dies of the same signal.  125-127 follow env(1) and timeout(1). */
#pragma once

enum exitcode {
	EXITCODE_OK = 0,
	EXITCODE_FOUND = 1,     /* check: holes; diff: different */
	EXITCODE_TROUBLE = 2,   /* check, show, diff …: could not be done */
	EXITCODE_DENIED = 120,  /* --fail-denied: calls were denied, or nobody can
	                           tell; another number if one is given */
	EXITCODE_SANDBOX = 125, /* usage, policy or kernel: CMD was not started */
	EXITCODE_NOEXEC = 126,  /* CMD was found but cannot be run */
	EXITCODE_NOTFOUND = 127 /* CMD was not found */
};
