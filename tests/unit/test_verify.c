/* The proof on real programs: ours, and one that libseccomp made of argument
 * rules; each as it is, and with every instruction changed in turn. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <linux/audit.h>
#include <seccomp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/util.h"
#include "filter/compile.h"
#include "filter/verify.h"
#include "interpreter.h"
#include "random.h"

static const struct answers in_kernel = {.watch = WATCH_NONE};
static const struct gate gate = {
	GATE_EXECVE | GATE_EXIT_GROUP,
	{0x01234567, 0x89abcdef, 0x00000001, 0x80000000},
	0};
static const struct gate no_gate = {0};

/* --- policies ------------------------------------------------------------- */

/* A line about one call, in libseccomp's only sound rule shape. */
struct line {
	enum action action;
	int err;
	const char *call;
	int arg; /* -1: no condition */
	uint32_t mask, value;
};

#define ALL UINT32_MAX

static const struct line lines[] = {
	{ACTION_ALLOW, 0, "socket", 0, ALL, 1},
	{ACTION_DENY, EAFNOSUPPORT, "socket", 0, ALL, 2},
	{ACTION_DENY, EAFNOSUPPORT, "socket", 0, ALL, 10},
	{ACTION_ALLOW, 0, "ioctl", 1, ALL, 0x5401},
	{ACTION_ALLOW, 0, "ioctl", 1, ALL, 0x5413},
	{ACTION_ALLOW, 0, "ioctl", 1, ALL, 0x541b},
	{ACTION_ALLOW, 0, "ioctl", 1, ALL, 0x8910},
	{ACTION_LOG, 0, "prctl", 0, ALL, 4},
	{ACTION_ALLOW, 0, "prctl", 0, ALL, 15},
	{ACTION_ALLOW, 0, "prctl", 0, ALL, 38},
	{ACTION_ALLOW, 0, "fcntl", 1, ALL, 1},
	{ACTION_ALLOW, 0, "fcntl", 1, ALL, 3},
	{ACTION_ALLOW, 0, "openat", 2, 0x3 | 0x200 | 0x40, 0},
	{ACTION_ALLOW, 0, "clone", 0, 0x7e020000, 0},
	{ACTION_ALLOW, 0, "mmap", 2, 4, 0},
	{ACTION_ALLOW, 0, "mprotect", 2, 4, 0},
	{ACTION_ALLOW, 0, "personality", 0, ALL, 0},
	{ACTION_ALLOW, 0, "personality", 0, ALL, ALL},
	{ACTION_KILL, 0, "kexec_load", -1, 0, 0},
	{ACTION_DENY, EACCES, "ptrace", -1, 0, 0},
	{ACTION_DENY, EPERM, "execve", -1, 0, 0},
	{ACTION_DENY, EPERM, "exit_group", -1, 0, 0},
};

static bool has_line(const char *call)
{
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		if (streq(lines[i].call, call))
			return true;
	return false;
}

static struct policy *start_policy(enum action by_default)
{
	struct policy *policy = policy_new(ABI_NATIVE);
	struct layer *layer = policy_add_layer(policy, "test.ini");
	struct source at = {layer->file, 1};

	layer->settings[SET_DEFAULT] = (struct setting){by_default, at};
	layer->settings[SET_KERNEL] = (struct setting){KERNEL(99, 0), at};
	return policy;
}

static void finish(struct policy *policy)
{
	struct diags diags = DIAGS_INIT;
	int result = policy_check(policy, &diags);

	if (result < 0)
		diags_print(&diags, stderr);
	assert_int_equal(result, 0);
	diags_free(&diags);
}

static void add_line(struct policy *policy, enum action action, int err,
		     const char *call, struct cond *test)
{
	struct rule rule = {.action = action,
			    .err = action == ACTION_DENY ? err : ERRNO_UNSET,
			    .alone = true,
			    .at.line = (int)policy->layers[0]->n_rules + 2};
	const struct cond *conds[ABI_COUNT] = {0};

	for (int i = 0; test && i < ABI_COUNT; i++)
		conds[i] = cond_test(&policy->conds, *test);
	rule_add_call(policy_add_rule(policy->layers[0], rule),
		      syscall_by_name(call), conds);
}

/* The lines above, and every other native call allowed outright. */
static struct policy *plain_policy(void)
{
	struct policy *policy = start_policy(ACTION_DENY);

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		const struct line *l = &lines[i];
		struct cond test = {.arg = (uint8_t)l->arg,
				    .bits = 32,
				    .op = OP_EQ,
				    .mask = l->mask,
				    .value = l->value};

		add_line(policy, l->action, l->err, l->call,
			 l->arg < 0 ? NULL : &test);
	}
	for (uint32_t call = 0; call < syscall_count(); call++)
		if (syscall_row(call)->nr[ABI_NATIVE] >= 0 &&
		    !has_line(syscall_row(call)->name))
			add_line(policy, ACTION_ALLOW, 0,
				 syscall_row(call)->name, NULL);
	finish(policy);
	return policy;
}

/* Ordered, signed, wide and joined conditions, on two ABIs. */
static struct policy *rich_policy(void)
{
	static const uint8_t widths[] = {8, 16, 32, 32, 64};
	static const char *const calls[] = {"read",   "write",	"lseek",
					    "openat", "fchmod", "execve",
					    "socket", "clone",	"seccomp"};
	struct policy *policy = start_policy(ACTION_ALLOW);
	struct rng rng = {5};

	policy->layers[0]->settings[SET_ARCHITECTURES] = (struct setting){
		1 << ABI_X86_64 | 1 << ABI_X86, {policy->layers[0]->file, 1}};
	for (int i = 0; i < 24; i++) {
		uint32_t which = rng_below(&rng, ARRAY_SIZE(widths));
		struct cond test = {
			.arg = (uint8_t)rng_below(&rng, 4),
			.bits = widths[which],
			.is_signed = rng_below(&rng, 2),
			.op = (enum cond_op)rng_below(&rng, 6),
			.mask = rng_below(&rng, 2) ? UINT64_MAX
						   : rng_edge(&rng),
			.value = rng_edge(&rng),
		};

		add_line(policy, rng_below(&rng, 3) ? ACTION_DENY : ACTION_KILL,
			 1 + i, calls[rng_below(&rng, ARRAY_SIZE(calls))],
			 &test);
	}
	finish(policy);
	return policy;
}

/* --- a program by libseccomp ---------------------------------------------- */

static uint32_t action_of(const struct line *line)
{
	switch (line->action) {
	case ACTION_ALLOW:
		return SCMP_ACT_ALLOW;
	case ACTION_LOG:
		return SCMP_ACT_LOG;
	case ACTION_KILL:
		return SCMP_ACT_KILL_PROCESS;
	default:
		return SCMP_ACT_ERRNO(line->err);
	}
}

static void add_rules(scmp_filter_ctx ctx)
{
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		const struct line *l = &lines[i];
		int nr = seccomp_syscall_resolve_name(l->call);

		if (l->action == ACTION_DENY && l->err == EPERM)
			continue; /* the default */
		if (l->arg < 0)
			assert_int_equal(seccomp_rule_add_exact(
						 ctx, action_of(l), nr, 0),
					 0);
		else
			assert_int_equal(seccomp_rule_add_exact(
						 ctx, action_of(l), nr, 1,
						 SCMP_CMP((unsigned)l->arg,
							  SCMP_CMP_MASKED_EQ,
							  l->mask, l->value)),
					 0);
	}
	for (uint32_t call = 0; call < syscall_count(); call++) {
		int nr = syscall_row(call)->nr[ABI_NATIVE];

		if (nr >= 0 && !has_line(syscall_row(call)->name))
			assert_int_equal(seccomp_rule_add_exact(
						 ctx, SCMP_ACT_ALLOW, nr, 0),
					 0);
	}
}

static void append_library(struct program *program)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int fd = memfd_create("bpf", MFD_CLOEXEC);
	struct sock_filter insn;

	assert_non_null(ctx);
	assert_int_equal(seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2), 0);
	assert_int_equal(seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH,
					  SCMP_ACT_KILL_PROCESS),
			 0);
	add_rules(ctx);
	assert_int_equal(seccomp_export_bpf(ctx, fd), 0);
	seccomp_release(ctx);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	while (read(fd, &insn, sizeof(insn)) == sizeof(insn))
		program_append(program, insn);
	close(fd);
}

static void put(struct program *program, uint16_t code, uint32_t k, uint8_t jt,
		uint8_t jf)
{
	program_append(program, (struct sock_filter)BPF_JUMP(code, k, jt, jf));
}

static uint32_t asked(const struct policy *policy, uint32_t arch, uint32_t nr)
{
	struct verdict verdict =
		decide(policy, arch, nr, (const uint64_t[6]){0});

	return answer_of(&verdict, &in_kernel);
}

/* What libseccomp cannot say, in front: numbers above the table, the gate. */
static struct program library_program(const struct policy *policy)
{
	const uint32_t arch = abis[ABI_NATIVE].audit_arch;
	const uint32_t last = syscall_last(ABI_NATIVE);
	struct program program = {0};

	put(&program, BPF_LD | BPF_W | BPF_ABS, 0, 0, 0);
	put(&program, BPF_JMP | BPF_JEQ | BPF_K, NR_SKIPPED, 0, 1);
	put(&program, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
	put(&program, BPF_LD | BPF_W | BPF_ABS, 4, 0, 0);
	put(&program, BPF_JMP | BPF_JEQ | BPF_K, arch, 1, 0);
	put(&program, BPF_JMP | BPF_JA, 31, 0, 0);
	put(&program, BPF_LD | BPF_W | BPF_ABS, 0, 0, 0);
	for (uint32_t quarter = 3; quarter > 0; quarter--) {
		put(&program, BPF_JMP | BPF_JGE | BPF_K, quarter * X32_BIT, 0,
		    1);
		put(&program, BPF_RET | BPF_K,
		    asked(policy, arch, quarter * X32_BIT), 0, 0);
	}
	put(&program, BPF_JMP | BPF_JGE | BPF_K, X32_FIRST, 0, 2);
	put(&program, BPF_JMP | BPF_JGT | BPF_K, X32_LAST, 1, 0);
	put(&program, BPF_RET | BPF_K, asked(policy, arch, X32_FIRST), 0, 0);
	put(&program, BPF_JMP | BPF_JGT | BPF_K, last, 0, 1);
	put(&program, BPF_RET | BPF_K, asked(policy, arch, last + 1), 0, 0);
	put(&program, BPF_JMP | BPF_JEQ | BPF_K, gate_calls[0].nr[ABI_NATIVE], 2, 0);
	put(&program, BPF_JMP | BPF_JEQ | BPF_K, gate_calls[1].nr[ABI_NATIVE], 1, 0);
	put(&program, BPF_JMP | BPF_JA, 16, 0, 0);
	program_append_all(&program, gate_comparison, GATE_SIZE);
	assert_int_equal(program.n, 37);
	gate_arm(&program, &gate);
	append_library(&program);
	return program;
}

/* --- mutants -------------------------------------------------------------- */

struct subject {
	const struct policy *policy;
	const struct gate *gate;
	const struct program *program;
	struct rng rng;
	/* calls near the program's constants, with the right answers */
	struct sample {
		struct seccomp_data data;
		uint32_t answer;
	} samples[400];
};

static bool with_cookie(const struct gate *g, const struct seccomp_data *data)
{
	if (data->arch != abis[ABI_NATIVE].audit_arch ||
	    data->args[4] != ((uint64_t)g->cookie[1] << 32 | g->cookie[0]) ||
	    data->args[5] != ((uint64_t)g->cookie[3] << 32 | g->cookie[2]))
		return false;
	for (size_t i = 0; i < gate_calls_n; i++)
		if ((uint32_t)data->nr == gate_calls[i].nr[ABI_NATIVE])
			return g->calls & gate_calls[i].bit;
	return false;
}

/* What the policy says of one call, asked in the plainest way. */
static uint32_t right_answer(const struct subject *subject,
			     const struct seccomp_data *data)
{
	uint64_t args[6];
	struct verdict verdict;

	if (with_cookie(subject->gate, data))
		return SECCOMP_RET_ALLOW;
	memcpy(args, data->args, sizeof(args));
	verdict = decide(subject->policy, data->arch, (uint32_t)data->nr, args);
	return answer_of(&verdict, &in_kernel);
}

static uint32_t near_constant(struct subject *subject)
{
	const struct program *program = subject->program;
	uint32_t at = rng_below(&subject->rng, (uint32_t)program->n);

	return program->insns[at].k + rng_below(&subject->rng, 3) - 1;
}

static struct seccomp_data random_call(struct subject *subject)
{
	struct rng *rng = &subject->rng;
	const uint32_t *cookie = subject->gate->cookie;
	struct seccomp_data data = {
		.nr = (int)(rng_below(rng, 4) ? rng_below(rng, 470)
					      : near_constant(subject)),
		.arch = rng_below(rng, 4) ? abis[rng_below(rng, 2)].audit_arch
					  : near_constant(subject),
	};

	for (int i = 0; i < 6; i++)
		data.args[i] = rng_below(rng, 3) ? near_constant(subject)
						 : rng_edge(rng);
	if (rng_below(rng, 4) == 0) {
		data.nr = (int)gate_calls[rng_below(rng, 2)].nr[ABI_NATIVE];
		data.args[4] = (uint64_t)cookie[1] << 32 | cookie[0];
		data.args[5] = (uint64_t)cookie[3] << 32 | cookie[2];
		data.args[4] ^= (uint64_t)rng_below(rng, 2)
				<< rng_below(rng, 64);
	}
	return data;
}

static void draw_samples(struct subject *subject)
{
	for (size_t i = 0; i < ARRAY_SIZE(subject->samples); i++) {
		struct sample *sample = &subject->samples[i];

		sample->data = random_call(subject);
		sample->answer = right_answer(subject, &sample->data);
		assert_int_equal(interpret(subject->program, &sample->data),
				 sample->answer);
	}
}

static bool differs_on_samples(const struct subject *subject,
			       const struct program *mutant)
{
	for (size_t i = 0; i < ARRAY_SIZE(subject->samples); i++)
		if (interpret(mutant, &subject->samples[i].data) !=
		    subject->samples[i].answer)
			return true;
	return false;
}

/* The counterexample is one: both sides answer as the proof says. */
static void check_difference(const struct subject *subject,
			     const struct program *mutant,
			     const struct counterexample *d)
{
	struct seccomp_data data = {.arch = d->arch, .nr = (int)d->nr};

	memcpy(data.args, d->args, sizeof(d->args));
	assert_int_not_equal(d->program, d->policy);
	assert_int_equal(interpret(mutant, &data), d->program);
	assert_int_equal(right_answer(subject, &data), d->policy);
}

enum { MUTATIONS = 9 };

/* false: the instruction has nothing that could be changed so. */
static bool mutate(struct sock_filter *insn, int how, size_t at)
{
	bool jumps = BPF_CLASS(insn->code) == BPF_JMP &&
		     BPF_OP(insn->code) != BPF_JA;
	struct sock_filter before = *insn;

	if (how >= 4 && !jumps)
		return false;
	switch (how) {
	case 0:
		insn->k++;
		break;
	case 1:
		insn->k--;
		break;
	case 2:
		insn->k ^= 1u << at % 32;
		break;
	case 3:
		insn->k |= 0x80 << at % 3;
		break;
	case 4:
		insn->jt = before.jf;
		insn->jf = before.jt;
		break;
	case 5:
		insn->jt++;
		break;
	case 6:
		insn->jf++;
		break;
	case 7:
		insn->code =
			BPF_JMP | BPF_K |
			(BPF_OP(insn->code) == BPF_JEQ ? BPF_JGE : BPF_JEQ);
		break;
	case 8:
		insn->code =
			BPF_JMP | BPF_K |
			(BPF_OP(insn->code) == BPF_JGT ? BPF_JGE : BPF_JGT);
	}
	return memcmp(insn, &before, sizeof(before)) != 0;
}

static void try_all_mutants(struct subject *subject, const char *name)
{
	size_t counts[3] = {0}, sampled = 0;
	struct program mutant = {0};

	draw_samples(subject);
	program_append_all(&mutant, subject->program->insns,
			   subject->program->n);
	for (size_t i = 0; i < mutant.n * MUTATIONS; i++) {
		struct sock_filter *insn = &mutant.insns[i / MUTATIONS];
		struct sock_filter before = *insn;
		struct counterexample d;
		enum proof proof;
		char *why;

		if (!mutate(insn, (int)(i % MUTATIONS), i / MUTATIONS))
			continue;
		proof = prove(subject->policy, &in_kernel, subject->gate,
			      &mutant, &d, &why);
		counts[proof]++;
		assert_true((proof == NOT_PROVED) == (why != NULL));
		if (proof == DIFFERENT)
			check_difference(subject, &mutant, &d);
		if (proof != NOT_PROVED &&
		    differs_on_samples(subject, &mutant)) {
			sampled++;
			assert_int_equal(proof, DIFFERENT);
		}
		free(why);
		*insn = before;
	}
	print_message("%s, %zu instructions: %zu mutants differ (400 sampled "
		      "calls show %zu), %zu equal in effect, %zu ill-formed\n",
		      name, mutant.n, counts[DIFFERENT], sampled,
		      counts[PROVED], counts[NOT_PROVED]);
	assert_true(sampled > mutant.n);
	assert_true(counts[DIFFERENT] > sampled);
	program_free(&mutant);
}

static void assert_proved(const struct policy *policy, const struct gate *g,
			  const struct program *program)
{
	char *why;

	if (verify(policy, &in_kernel, g, program, &why) < 0)
		fail_msg("%s", why);
	assert_null(why);
}

static void libseccomp_mutants(void **state)
{
	struct policy *policy = plain_policy();
	struct program program = library_program(policy);
	struct subject subject = {policy, &gate, &program, {31}, {{{0}, 0}}};

	(void)state;
	assert_proved(policy, &gate, &program);
	try_all_mutants(&subject, "libseccomp");
	program_free(&program);
	policy_free(policy);
}

static void our_mutants(void **state)
{
	struct policy *policy = rich_policy();
	struct program program;
	struct subject subject = {policy, &no_gate, &program, {32}, {{{0}, 0}}};
	char *why;

	(void)state;
	if (compile(policy, &in_kernel, 0, &program, &why) < 0)
		fail_msg("%s", why);
	assert_proved(policy, NULL, &program);
	try_all_mutants(&subject, "our own");
	program_free(&program);
	policy_free(policy);
}

/* --- what it is held against ---------------------------------------------- */

static void expect_refused(const struct policy *policy, const struct gate *g,
			   const struct program *program, const char *text)
{
	char *why;

	assert_int_equal(verify(policy, &in_kernel, g, program, &why), -1);
	if (!strstr(why, text))
		fail_msg("\"%s\" is not in \"%s\"", text, why);
	free(why);
}

/* Each cookie word, each gated call, and a gate that should not be there. */
static void gate_is_part_of_the_proof(void **state)
{
	struct policy *policy = plain_policy();
	struct program program = library_program(policy);

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct gate other = gate;

		other.cookie[i] ^= 0x10000;
		expect_refused(policy, &other, &program, "execve(");
	}
	expect_refused(policy, NULL, &program,
		       "the program answers ALLOW and the policy ERRNO(1) "
		       "(test.ini:22) to execve(0x0, 0x0, 0x0, 0x0, "
		       "0x89abcdef01234567, 0x8000000000000001) under x86_64 "
		       "(number 59)");
	expect_refused(policy,
		       &(struct gate){GATE_EXECVE,
				      {0x01234567, 0x89abcdef, 1, 0x80000000},
				      0},
		       &program, "exit_group(");
	program_free(&program);
	policy_free(policy);
}

static void mark_is_refused(const struct policy *policy,
			    const struct answers *answers,
			    const struct gate *other,
			    const struct program *program, const char *text)
{
	char *why;

	assert_int_equal(verify(policy, answers, other, program, &why), -1);
	if (!strstr(why, text))
		fail_msg("\"%s\" is not in \"%s\"", text, why);
	free(why);
}

/* The sign, whom an exec is handed over to, and both where none should be. */
static void mark_is_part_of_the_proof(void **state)
{
	const struct answers handing = {.watch = WATCH_EXEC};
	const struct gate ours = {
		GATE_SIGN | GATE_HAND_OVER, {0}, SIGN_FIRST + 7};
	struct policy *policy = rich_policy();
	struct gate other = ours;
	struct program program;
	char *why;

	(void)state;
	if (compile(policy, &handing, ours.calls, &program, &why) < 0)
		fail_msg("%s", why);
	mark_is_refused(policy, &handing, &ours, &program, "ERRNO(607)");
	gate_arm(&program, &ours);
	if (verify(policy, &handing, &ours, &program, &why) < 0)
		fail_msg("%s", why);
	other.sign++;
	mark_is_refused(policy, &handing, &other, &program, "ERRNO(607)");
	other = ours;
	other.calls = GATE_SIGN;
	mark_is_refused(policy, &handing, &other, &program, "USER_NOTIF");
	mark_is_refused(policy, &handing, &no_gate, &program, "USER_NOTIF");
	program_free(&program);
	policy_free(policy);
}

static void messages_name_the_call(void **state)
{
	struct policy *policy = plain_policy();
	struct program program = {0};

	(void)state;
	put(&program, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS, 0, 0);
	expect_refused(policy, NULL, &program,
		       "the program answers ERRNO(38) and the policy "
		       "KILL_PROCESS (foreign) to call 0(0x0, 0x0, 0x0, 0x0, "
		       "0x0, 0x0) under the unknown architecture 0x00000000");
	program.insns[0].k = SECCOMP_RET_USER_NOTIF | 7;
	expect_refused(policy, NULL, &program,
		       "the program answers USER_NOTIF(7) and");
	program.insns[0].code = BPF_RET | BPF_A;
	expect_refused(policy, NULL, &program, "opcode 0x16 at instruction 0");
	program_free(&program);
	policy_free(policy);
}

/* Above the table, between the ABIs, at the ends: one wrong number of one
 * architecture is found. */
static void finds_a_single_wrong_number(void **state)
{
	static const struct {
		uint32_t arch, nr;
	} calls[] = {
		{AUDIT_ARCH_X86_64, 0},
		{AUDIT_ARCH_X86_64, 511},
		{AUDIT_ARCH_X86_64, 512},
		{AUDIT_ARCH_X86_64, 547},
		{AUDIT_ARCH_X86_64, 548},
		{AUDIT_ARCH_X86_64, 5000},
		{AUDIT_ARCH_X86_64, 0x3fffffff},
		{AUDIT_ARCH_X86_64, 0x40000000},
		{AUDIT_ARCH_X86_64, 0x40000123},
		{AUDIT_ARCH_X86_64, 0x80000001},
		{AUDIT_ARCH_X86_64, UINT32_MAX - 1},
		{AUDIT_ARCH_X86_64, UINT32_MAX},
		{AUDIT_ARCH_I386, 3},
		{AUDIT_ARCH_AARCH64, 3},
		{AUDIT_ARCH_X86_64 + 1, UINT32_MAX},
		{0, 0},
		{UINT32_MAX, 77},
	};
	struct policy *policy = plain_policy();
	struct program right = library_program(policy);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		struct program wrong = {0};
		struct counterexample d;
		char *why;

		put(&wrong, BPF_LD | BPF_W | BPF_ABS, 4, 0, 0);
		put(&wrong, BPF_JMP | BPF_JEQ | BPF_K, calls[i].arch, 0, 3);
		put(&wrong, BPF_LD | BPF_W | BPF_ABS, 0, 0, 0);
		put(&wrong, BPF_JMP | BPF_JEQ | BPF_K, calls[i].nr, 0, 1);
		put(&wrong, BPF_RET | BPF_K, SECCOMP_RET_TRAP, 0, 0);
		program_append_all(&wrong, right.insns, right.n);
		assert_int_equal(
			prove(policy, &in_kernel, &gate, &wrong, &d, &why),
			DIFFERENT);
		assert_int_equal(d.arch, calls[i].arch);
		assert_int_equal(d.nr, calls[i].nr);
		assert_int_equal(d.program, SECCOMP_RET_TRAP);
		program_free(&wrong);
	}
	program_free(&right);
	policy_free(policy);
}

/* What the tracer adds and a layer names by number is part of the policy. */
static void tracer_rules_and_raw_numbers(void **state)
{
	const struct answers traced = {.watch = WATCH_PTRACE};
	struct policy *policy = plain_policy();
	struct rule rule = {
		.action = ACTION_DENY, .err = ENODEV, .alone = true};
	struct program program;
	char *why;

	(void)state;
	rule_add_call(policy_add_rule(policy->layers[0], rule),
		      CALL_RAW | 600, NULL);
	policy->tracer_rules = ADD_NO_LISTENER | ADD_NO_UNTRACED;
	if (compile(policy, &traced, gate.calls, &program, &why) < 0)
		fail_msg("%s", why);
	gate_arm(&program, &gate);
	if (verify(policy, &traced, &gate, &program, &why) < 0)
		fail_msg("%s", why);
	expect_refused(policy, &gate, &program, "TRACE");
	policy->tracer_rules = ADD_NO_UNTRACED;
	assert_int_equal(verify(policy, &traced, &gate, &program, &why), -1);
	assert_non_null(strstr(why, "the program answers ERRNO(16) "));
	assert_non_null(strstr(why, "to seccomp("));
	free(why);

	program_free(&program);
	policy_free(policy);
}

/* Conditions are looked at in all their bits: a program that ignores the
 * upper half where the policy does not is refused, and the other way round. */
static void upper_halves_count(void **state)
{
	static const uint8_t widths[] = {32, 64};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct policy *policy = start_policy(ACTION_ALLOW);
		struct cond test = {.arg = 1,
				    .bits = widths[i],
				    .op = OP_EQ,
				    .mask = UINT64_MAX,
				    .value = 5};
		struct policy *other = start_policy(ACTION_ALLOW);
		struct program program;
		char *why;

		add_line(policy, ACTION_DENY, EACCES, "lseek", &test);
		test.bits = widths[1 - i];
		add_line(other, ACTION_DENY, EACCES, "lseek", &test);
		finish(policy);
		finish(other);
		assert_int_equal(compile(policy, &in_kernel, 0, &program, &why),
				 0);
		assert_proved(policy, NULL, &program);
		expect_refused(other, NULL, &program, "lseek(0x0, 0x");
		program_free(&program);
		policy_free(policy);
		policy_free(other);
	}
}

/* Numbers of one answer in a row are told by their bounds: 16 and 16 in turns,
 * which are the most runs that there can be, and fewer, which are too short. */
static void runs_of_numbers(void **state)
{
	const size_t n = syscall_last(ABI_NATIVE) + 1;

	(void)state;
	for (uint32_t length = 15; length <= 32; length++) {
		struct policy *policy = start_policy(ACTION_ALLOW);
		struct program program = {0};
		char *why;

		for (uint32_t nr = 0; nr < n; nr++) {
			uint32_t call = syscall_by_number(ABI_NATIVE, nr);
			bool denied = nr / length % 2;

			if (denied && syscall_row(call) &&
			    !syscall_has(call, SYSCALL_UNFILTERED))
				add_line(policy, ACTION_DENY, EACCES,
					 syscall_text(call), NULL);
		}
		finish(policy);
		assert_int_equal(compile_proved(policy, &in_kernel, &program,
						&why), 0);
		if (length >= 16)
			assert_true(program.n < n / 2);
		program_free(&program);
		policy_free(policy);
	}
}

static void gated_numbers_are_the_tables(void **state)
{
	static const char *const names[] = {"execve", "exit_group", "write",
					    "futex", "close"};

	(void)state;
	assert_int_equal(gate_calls_n, ARRAY_SIZE(names));
	for (int abi = 0; abi < ABI_COUNT; abi++)
		for (size_t i = 0; abi_runs_on(abi, (enum abi_id)abi) &&
				   i < ARRAY_SIZE(names); i++)
			assert_int_equal(
				gate_calls[i].nr[abi],
				syscall_number(syscall_by_name(names[i]),
					       (enum abi_id)abi));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gated_numbers_are_the_tables),
		cmocka_unit_test(libseccomp_mutants),
		cmocka_unit_test(our_mutants),
		cmocka_unit_test(gate_is_part_of_the_proof),
		cmocka_unit_test(mark_is_part_of_the_proof),
		cmocka_unit_test(messages_name_the_call),
		cmocka_unit_test(finds_a_single_wrong_number),
		cmocka_unit_test(tracer_rules_and_raw_numbers),
		cmocka_unit_test(upper_halves_count),
		cmocka_unit_test(runs_of_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
