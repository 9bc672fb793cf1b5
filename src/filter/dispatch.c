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
	NO_LEAF = -1,
	/* From how many numbers of the same leaf on it takes fewer instructions to
	 * compare their bounds than libseccomp's comparison with each; and of the
	 * commonest leaf, which has none, fewer steps of its search. */
	RUN_MIN = 16,
	COMMON_RUN_MIN = 64,
};

const char *dispatch_version(char buf[static 24])
{
	const struct scmp_version *v = seccomp_version();

	snprintf(buf, 24, "%u.%u.%u", v->major, v->minor, v->micro);
	return buf;
}

static int add_rule(scmp_filter_ctx ctx, const struct dispatch_rule *rule,
		    bool exact)
{
	struct scmp_arg_cmp tests[6];
	unsigned n = 0;

	for (unsigned arg = 0; arg < 6; arg++) {
		const struct dispatch_test *test = &rule->tests[arg];

		if (test->mask && test->differs)
			tests[n++] = SCMP_CMP64(arg, SCMP_CMP_NE, test->value,
						0);
		else if (test->mask)
			tests[n++] = SCMP_CMP64(arg, SCMP_CMP_MASKED_EQ,
						test->mask, test->value);
	}
	return (exact ? seccomp_rule_add_exact_array : seccomp_rule_add_array)(
		ctx, rule->answer, rule->nr, n, tests);
}

static int set_abis(scmp_filter_ctx ctx, unsigned wanted)
{
	int result = 0;

	for (int abi = 0; abi < ABI_COUNT && result == 0; abi++)
		if (wanted >> abi & 1 && abi != ABI_NATIVE)
			result = seccomp_arch_add(ctx, abis[abi].audit_arch);
	if (result == 0 && !(wanted >> ABI_NATIVE & 1))
		result = seccomp_arch_remove(ctx, SCMP_ARCH_NATIVE);
	return result;
}

/* 0 or a negative errno. */
static int build(const struct dispatch_rules *rules, int fd)
{
	scmp_filter_ctx ctx = seccomp_init(rules->fallback);
	int result;

	if (!ctx)
		return -ENOMEM;
	result = rules->abis ? set_abis(ctx, rules->abis)
			     : seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE,
						SEARCH_TREE);
	for (size_t i = 0; i < rules->n && result == 0; i++)
		result = add_rule(ctx, &rules->items[i], !rules->abis);
	if (result == 0)
		result = seccomp_export_bpf(ctx, fd);
	seccomp_release(ctx);
	return result;
}

static _Noreturn void build_and_exit(const struct dispatch_rules *rules,
					int fd)
{
	sigset_t none;

	signal(SIGALRM, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	alarm(TIME_LIMIT_S);
	_exit(-build(rules, fd) & 0xff);
}

/* *why, if it did not do its work. */
static void await_end(pid_t pid, char **why)
{
	int status = 0;

	if (TEMP_FAILURE_RETRY(waitpid(pid, &status, 0)) < 0)
		*why = xasprintf("libseccomp's process was lost: %s",
				 strerror(errno));
	else if (WIFSIGNALED(status))
		*why = WTERMSIG(status) == SIGALRM
			       ? xasprintf("libseccomp did not finish within "
					   "%d s", TIME_LIMIT_S)
			       : xasprintf("libseccomp died of signal %d",
					   WTERMSIG(status));
	else if (WEXITSTATUS(status))
		*why = xasprintf("libseccomp could not compile the policy: %s",
				 strerror(WEXITSTATUS(status)));
}

/* Where the search tree begins.  What libseccomp tests before it is known there:
 * the ABI, and that the number is one of its table. */
static size_t tree_of(const struct sock_filter *insns, size_t n)
{
	for (size_t at = 0; at < n; at++) {
		const struct sock_filter *insn = &insns[at];

		if (insn->code == (BPF_JMP | BPF_JA))
			at += insn->k;
		else if (insn->code == (BPF_JMP | BPF_JEQ | BPF_K) &&
			 insn->k == abis[ABI_NATIVE].audit_arch)
			at += insn->jt;
		else if ((insn->code == (BPF_JMP | BPF_JEQ | BPF_K) &&
			  insn->k == NR_SKIPPED) ||
			 (insn->code == (BPF_JMP | BPF_JGE | BPF_K) &&
			  insn->k == X32_BIT))
			at += insn->jf;
		else if (insn->code != (BPF_LD | BPF_W | BPF_ABS))
			return at;
	}
	return n;
}

static void append_exported(struct program *program,
			    const struct sock_filter *insns, size_t n,
			    bool is_tree, char **why)
{
	size_t start = is_tree ? tree_of(insns, n) : 0;

	if (n == 0 || n > PROGRAM_MAX) {
		*why = xasprintf("libseccomp's program has %s instructions, "
				 "the kernel takes 1 to %d",
				 n ? "too many" : "no", PROGRAM_MAX);
		return;
	}
	program_append_all(program, insns + start, n - start);
}

/* Forks the process that writes the program into the pipe. */
static pid_t start_apart(const struct dispatch_rules *rules, const int ends[2])
{
	pid_t pid = fork();

	if (pid == 0) {
		close(ends[0]);
		build_and_exit(rules, ends[1]);
	}
	close(ends[1]);
	return pid;
}

/* How many bytes of a program came.  Through a pipe: a file, in memory too, has
 * the size limit of `ulimit -f`. */
static size_t run_apart(const struct dispatch_rules *rules, void *buf,
			size_t size, char **why)
{
	int ends[2];
	ssize_t came = 0;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0) {
		*why = xasprintf("cannot make a pipe: %s", strerror(errno));
		return 0;
	}
	pid = start_apart(rules, ends);
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

void dispatch_append_rules(struct program *program,
			   const struct dispatch_rules *rules, char **why)
{
	const struct sigaction by_default = {.sa_handler = SIG_DFL};
	struct sock_filter insns[PROGRAM_MAX + 1];
	struct sigaction ours;
	size_t size;

	*why = NULL;
	/* Where it is ignored, nobody can wait for a child. */
	sigaction(SIGCHLD, &by_default, &ours);
	size = run_apart(rules, insns, sizeof(insns), why);
	sigaction(SIGCHLD, &ours, NULL);
	if (!*why)
		append_exported(program, insns, size / sizeof(*insns),
				!rules->abis, why);
}

/* --- numbers ---------------------------------------------------------------- */

/* The leaf that most numbers share needs no rules. */
static uint16_t commonest(const int *leaves, size_t n)
{
	cleanup_free uint16_t *counts = xcalloc(LEAVES_MAX, sizeof(*counts));
	uint16_t best = 0;

	for (size_t nr = 0; nr < n; nr++)
		if (leaves[nr] != NO_LEAF && ++counts[leaves[nr]] > counts[best])
			best = (uint16_t)leaves[nr];
	return best;
}

/* Those that come here by their number alone. */
static void append_tree(struct program *program, const int *leaves, size_t n,
			char **why)
{
	uint16_t common = commonest(leaves, n);
	struct dispatch_rules rules = {.fallback = SCMP_ACT_TRACE(common)};

	for (size_t nr = 0; nr < n; nr++)
		if (leaves[nr] != NO_LEAF && leaves[nr] != common)
			push(rules.items, rules.n, rules.cap) =
				(struct dispatch_rule){
					.answer = SCMP_ACT_TRACE(leaves[nr]),
					.nr = (int)nr};
	dispatch_append_rules(program, &rules, why);
	free(rules.items);
}

/* Numbers one after the other. */
struct run {
	uint32_t first;
	int leaf; /* all end in it; NO_LEAF: go on to the search tree */
};

/* A search of n runs in 2 n - 1 instructions.  The tree begins at its end; what
 * stands there already needs no jump. */
static void append_runs(struct program *program, const struct run *runs,
			size_t n, size_t end)
{
	size_t lower = n / 2, upper = n - lower;

	if (n == 1 && runs->leaf == NO_LEAF) {
		if (program->n < end)
			program_put(program, BPF_JMP | BPF_JA,
				    (uint32_t)(end - program->n - 1), 0, 0);
		return;
	}
	if (n == 1) {
		program_put(program, BPF_RET | BPF_K,
			    SCMP_ACT_TRACE(runs->leaf), 0, 0);
		return;
	}
	program_put(program, BPF_JMP | BPF_JGE | BPF_K, runs[lower].first, 0,
		    (uint8_t)(2 * upper - 1));
	append_runs(program, runs + lower, upper, end);
	append_runs(program, runs, lower, end);
}

void dispatch_append(struct program *program, int *leaves, size_t n, char **why)
{
	const uint16_t common = commonest(leaves, n);
	struct run *runs = NULL;
	size_t n_runs = 0, cap = 0;
	bool has_tree = false;

	for (size_t first = 0, next = 0; first < n; first = next) {
		struct run run = {(uint32_t)first, leaves[first]};

		while (next < n && leaves[next] == run.leaf)
			next++;
		if (next - first <
		    (run.leaf == common ? COMMON_RUN_MIN : RUN_MIN))
			run.leaf = NO_LEAF;
		for (size_t nr = first; run.leaf != NO_LEAF && nr < next; nr++)
			leaves[nr] = NO_LEAF;
		if (!n_runs || run.leaf != NO_LEAF ||
		    runs[n_runs - 1].leaf != NO_LEAF)
			push(runs, n_runs, cap) = run;
		has_tree |= run.leaf == NO_LEAF;
	}
	append_runs(program, runs, n_runs, program->n + 2 * n_runs - 1 -
						   (runs->leaf == NO_LEAF));
	free(runs);
	if (has_tree)
		append_tree(program, leaves, n, why);
}

int dispatch_number(const char *name)
{
	return seccomp_syscall_resolve_name(name);
}
