#include "launch/failure.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/exitcode.h"
#include "base/proc.h"
#include "base/text.h"

static const char *const stage_texts[STAGE_COUNT] = {
	[STAGE_ORPHAN] = "the launcher has ended",
	[STAGE_PDEATHSIG] = "cannot make the command end with its launcher",
	[STAGE_SIGNALS] = "cannot restore signals",
	[STAGE_NO_NEW_PRIVS] = "cannot set no_new_privs",
	[STAGE_PRIVS_BACK] = "no_new_privs is not in force",
	[STAGE_FILTER] = "cannot load the filter",
	[STAGE_SIGN] = "the filter is not in force",
	[STAGE_MONITOR] = "the monitor did not start",
	[STAGE_EXEC] = "cannot run",
};

int failure_print(const char *what)
{
	say("sandbox: %s: %m; the command was not started", what);
	return EXITCODE_SANDBOX;
}

int failure_print_tracer(pid_t pid)
{
	const int err = errno;
	pid_t tracer = (pid_t)proc_status(pid, "TracerPid");
	cleanup_file FILE *file =
		tracer > 0 ? proc_stream(tracer, "comm") : NULL;
	char name[32] = "?";

	errno = err;
	if (tracer <= 0)
		return failure_print("cannot trace the command");
	if (file && fgets(name, sizeof(name), file))
		name[strcspn(name, "\n")] = '\0';
	say("sandbox: cannot trace the command: %s: %s (PID %d) traces it "
	    "already; the command was not started", strerror(err), name,
	    (int)tracer);
	say("sandbox: use --trace=notify, which does not need ptrace, or run "
	    "it without %s", name);
	return EXITCODE_SANDBOX;
}

/* Leaves room in FAILURE_SIZE for the words around it. */
enum { NAME_SIZE = 301 };

static int describe_exec(const struct handshake *shared,
			 const struct execplan *plan, char *text)
{
	const char *file = plan->files[shared->file];
	bool by_path = plan->n > 1;
	char name[NAME_SIZE];

	escape_into(name, sizeof(name), by_path ? plan->argv[0] : file);
	if (shared->err == ENOENT && by_path)
		snprintf(text, FAILURE_SIZE,
			 "sandbox: %s: command not found in PATH\n", name);
	else if (shared->err == ENOENT && access(file, F_OK) == 0)
		snprintf(text, FAILURE_SIZE,
			 "sandbox: %s: its interpreter or loader is "
			 "missing\n", name);
	else
		snprintf(text, FAILURE_SIZE, "sandbox: cannot run %s: %s\n",
			 name, strerror(shared->err));
	return shared->err == ENOENT ? EXITCODE_NOTFOUND : EXITCODE_NOEXEC;
}

/* What may help when the filter could not be loaded. */
static const char *filter_advice(int err)
{
	switch (err) {
	case EACCES:
		return "sandbox: privileges = keep needs CAP_SYS_ADMIN; "
		       "without it leave the line out\n";
	case EBUSY:
		return "sandbox: another tracer holds the seccomp listener of "
		       "this process tree; use --trace=ptrace\n";
	default:
		return "sandbox: is seccomp(2) denied by a filter that is "
		       "already in force (a container's, SystemCallFilter=)?\n";
	}
}

int failure_describe(const struct handshake *shared,
		     const struct execplan *plan, char text[static FAILURE_SIZE])
{
	if (shared->stage == STAGE_EXEC)
		return describe_exec(shared, plan, text);
	if (shared->stage == STAGE_PRIVS_BACK || shared->stage == STAGE_SIGN)
		snprintf(text, FAILURE_SIZE,
			 "sandbox: %s, although the kernel said so; the command "
			 "was not started\n"
			 "sandbox: a filter that was in force before (a "
			 "container's, SystemCallFilter=) pretends success\n",
			 stage_texts[shared->stage]);
	else
		snprintf(text, FAILURE_SIZE,
			 "sandbox: %s: %s; the command was not started\n%s",
			 stage_texts[shared->stage], strerror(shared->err),
			 shared->stage == STAGE_FILTER
				 ? filter_advice(shared->err)
				 : "");
	return EXITCODE_SANDBOX;
}
