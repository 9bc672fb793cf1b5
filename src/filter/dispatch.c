#include "filter/dispatch.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/util.h"
#include "tables/abi.h"

enum {
	TIME_LIMIT_S = 20,
	SEARCH_TREE = 2, /* SCMP_FLTATR_CTL_OPTIMIZE */
	LEAVES_MAX = 0x10000,
};

const char *dispatch_version(char buf[static 24])
{
	const struct scmp_version *v = seccomp_version();

	snprintf(buf, 24, "%u.%u.%u", v->major, v->minor, v->micro);
	return buf;
}

/* The leaf that most numbers share needs no rules. */
static uint16_t commonest(const uint16_t *leaves, size_t n)
{
	cleanup_free uint16_t *counts = xcalloc(LEAVES_MAX, sizeof(*counts));
	uint16_t best = leaves[0];

	for (size_t nr = 0; nr < n; nr++)
		if (++counts[leaves[nr]] > counts[best])
			best = leaves[nr];
	return best;
}

static int add_rules(scmp_filter_ctx ctx, const uint16_t *leaves, size_t n,
		     uint16_t common)
{
	for (size_t nr = 0; nr < n; nr++) {
		int result;

		if (leaves[nr] == common)
			continue;
		result = seccomp_rule_add_exact(
			ctx, SCMP_ACT_TRACE(leaves[nr]), (int)nr, 0);
		if (result < 0)
			return result;
	}
	return 0;
}

/* 0 or a negative errno. */
static int build(const uint16_t *leaves, size_t n, int fd)
{
	uint16_t common = commonest(leaves, n);
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_TRACE(common));
	int result;

	if (!ctx)
		return -ENOMEM;
	result = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, SEARCH_TREE);
	if (result == 0)
		result = add_rules(ctx, leaves, n, common);
	if (result == 0)
		result = seccomp_export_bpf(ctx, fd);
	seccomp_release(ctx);
	return result;
}

static _Noreturn void build_and_exit(const uint16_t *leaves, size_t n, int fd)
{
	sigset_t none;

	signal(SIGALRM, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	alarm(TIME_LIMIT_S);
	_exit(-build(leaves, n, fd) & 0xff);
}

/* *why, if it did not do its work. */
static void await_end(pid_t pid, char **why)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR) {
			*why = xasprintf("libseccomp's process was lost: %s",
					 strerror(errno));
			return;
		}
	if (WIFSIGNALED(status))
		*why = WTERMSIG(status) == SIGALRM
			       ? xasprintf("libseccomp did not finish within "
					   "%d s", TIME_LIMIT_S)
			       : xasprintf("libseccomp died of signal %d",
					   WTERMSIG(status));
	else if (WEXITSTATUS(status))
		*why = xasprintf("libseccomp could not compile the policy: %s",
				 strerror(WEXITSTATUS(status)));
}

static void append_exported(struct program *program, struct sock_filter *insns,
			    size_t n, uint32_t audit_arch, char **why)
{
	const uint32_t native = abis[ABI_NATIVE].audit_arch;

	if (n == 0 || n > PROGRAM_MAX) {
		*why = xasprintf("libseccomp's program has %s instructions, "
				 "the kernel takes 1 to %d",
				 n ? "too many" : "no", PROGRAM_MAX);
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (insns[i].code == (BPF_JMP | BPF_JEQ | BPF_K) &&
		    insns[i].k == native)
			insns[i].k = audit_arch;
	program_append_all(program, insns, n);
}

/* Forks the process that writes the program into the pipe. */
static pid_t start_apart(const uint16_t *leaves, size_t n, const int ends[2])
{
	pid_t pid = fork();

	if (pid == 0) {
		close(ends[0]);
		build_and_exit(leaves, n, ends[1]);
	}
	close(ends[1]);
	return pid;
}

/* How many bytes of a program came.  Through a pipe: a file, in memory too, has
 * the size limit of `ulimit -f`. */
static size_t run_apart(const uint16_t *leaves, size_t n, void *buf,
			size_t size, char **why)
{
	int ends[2];
	ssize_t came = 0;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0) {
		*why = xasprintf("cannot make a pipe: %s", strerror(errno));
		return 0;
	}
	pid = start_apart(leaves, n, ends);
	if (pid < 0)
		*why = xasprintf("cannot make a process for libseccomp: %s",
				 strerror(errno));
	else
		came = read_all(ends[0], buf, size);
	close(ends[0]); /* else it would wait for a reader */
	if (pid >= 0)
		await_end(pid, why);
	return came < 0 ? 0 : (size_t)came;
}

void dispatch_append(struct program *program, uint32_t audit_arch,
		     const uint16_t *leaves, size_t n, char **why)
{
	const struct sigaction by_default = {.sa_handler = SIG_DFL};
	struct sock_filter insns[PROGRAM_MAX + 1];
	struct sigaction ours;
	size_t size;

	*why = NULL;
	/* Where it is ignored, nobody can wait for a child. */
	sigaction(SIGCHLD, &by_default, &ours);
	size = run_apart(leaves, n, insns, sizeof(insns), why);
	sigaction(SIGCHLD, &ours, NULL);
	if (!*why)
		append_exported(program, insns, size / sizeof(*insns),
				audit_arch, why);
}
