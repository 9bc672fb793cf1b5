#include "tally/programs.h"

#include "base/util.h"
#include "tables/syscall.h"

static program_set find(struct programs *programs,
			const struct process *process)
{
	size_t i = 0;

	while (i < programs->n &&
	       memcmp(programs->names[i], process->comm, 16) != 0)
		i++;
	if (i == PROGRAMS)
		return 0;
	if (i == programs->n)
		memcpy(programs->names[programs->n++], process->comm, 16);
	return (program_set)1 << i;
}

bool programs_renamed_by(uint32_t call)
{
	static const char *const names[] = {"execve", "execveat", "prctl"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (call == syscall_by_name(names[i]))
			return true;
	return false;
}

program_set programs_of(struct programs *programs, struct processes *processes,
			pid_t tid)
{
	__typeof__(programs->threads[0]) *thread =
		&programs->threads[(unsigned)tid % PROGRAM_THREADS];

	if (thread->tid != tid || thread->epoch != programs->epoch) {
		thread->tid = tid;
		thread->epoch = programs->epoch;
		thread->program = find(programs, process_of(processes, tid));
	}
	return thread->program;
}
