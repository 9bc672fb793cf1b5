/* filter-of PID: the newest seccomp filter of a process, as it lies in the
 * kernel: an instruction a line, in the form of src/run/cage-*.inc.  Needs
 * root, CONFIG_CHECKPOINT_RESTORE, and no filter of its own.  Status 2: this
 * kernel cannot. */
#include <errno.h>
#include <linux/filter.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

int main(int argc, char **argv)
{
	static struct sock_filter insns[BPF_MAXINSNS];
	pid_t pid = argc == 2 ? atoi(argv[1]) : 0;
	int status;
	long n;

	if (ptrace(PTRACE_SEIZE, pid, 0, 0) < 0 ||
	    ptrace(PTRACE_INTERRUPT, pid, 0, 0) < 0 ||
	    waitpid(pid, &status, __WALL) < 0) {
		perror("filter-of");
		return 1;
	}
	n = ptrace(PTRACE_SECCOMP_GET_FILTER, pid, 0, insns);
	if (n < 0) {
		perror("filter-of");
		return errno == EACCES || errno == EIO || errno == EINVAL ? 2
									  : 1;
	}
	for (long i = 0; i < n; i++)
		printf("I(%x,%x,%x,%x)\n", insns[i].code, insns[i].jt,
		       insns[i].jf, insns[i].k);
	return 0;
}
