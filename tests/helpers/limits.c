/* limits WHAT FOLDER: does WHAT to each process named sandbox or naive that has
 * FOLDER in its arguments: nofile, as, data, stack, fsize, cpu and nproc set
 * that limit to nothing; idle gives it the lowest priority; alrm, chld, cont and
 * xfsz send 500 such signals. Then makes 100 denied calls.
 *
 * Prints "refused 100 made 0", and how many processes it found. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "processes.h"

static const struct {
	const char *name;
	int limit, sig;
	rlim_t value;
} all[] = {
	{ "nofile", RLIMIT_NOFILE, 0, 0 },  { "as", RLIMIT_AS, 0, 0 },
	{ "data", RLIMIT_DATA, 0, 0 },	    { "stack", RLIMIT_STACK, 0, 4096 },
	{ "fsize", RLIMIT_FSIZE, 0, 0 },    { "cpu", RLIMIT_CPU, 0, 0 },
	{ "nproc", RLIMIT_NPROC, 0, 0 },    { "alrm", -1, SIGALRM, 0 },
	{ "chld", -1, SIGCHLD, 0 },	    { "cont", -1, SIGCONT, 0 },
	{ "xfsz", -1, SIGXFSZ, 0 },	    { "idle", -1, 0, 0 },
};

static void harm(int pid, void *which)
{
	size_t i = *(size_t *)which;
	struct rlimit limit = { all[i].value, all[i].value };
	struct sched_param lowest = { 0 };

	if (all[i].limit >= 0)
		prlimit(pid, (unsigned)all[i].limit, &limit, NULL);
	else if (all[i].sig)
		for (int n = 0; n < 500; n++)
			kill(pid, all[i].sig);
	else
		sched_setscheduler(pid, SCHED_IDLE, &lowest);
}

static size_t find(const char *name)
{
	size_t i = 0;

	while (i < sizeof(all) / sizeof(*all) && strcmp(all[i].name, name))
		i++;
	return i;
}

int main(int argc, char **argv)
{
	int refused = 0, made = 0, found;
	size_t which;

	if (argc != 3)
		return 2;
	which = find(argv[1]);
	if (which == sizeof(all) / sizeof(*all))
		return 2;
	found = each_process("sandbox", argv[2], harm, &which) +
		each_process("naive", argv[2], harm, &which);
	usleep(20 * 1000); /* for them to notice */
	for (int i = 0; i < 100; i++) {
		if (syscall(SYS_mkdir, argv[2], 0755))
			refused++;
		else
			made++;
	}
	printf("refused %d made %d found %d\n", refused, made, found);
	return 0;
}
