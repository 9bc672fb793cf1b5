/* The check is checked: the programs of all shipped policies, changed one
 * instruction at a time.  The proof must refuse every mutant that answers some
 * call otherwise and accept every one that does not.
 *
 * An interpreter judges: a refusal names a call, and the two must differ on
 * it; what is accepted must agree with the policy on all sampled calls. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <glob.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "filter/compile.h"
#include "filter/verify.h"
#include "interpreter.h"
#include "load_fixture.h"
#include "probe.h"
#include "random.h"

enum {
	SAMPLES = 1500,
	WORKERS = 2,
#ifdef __SANITIZE_ADDRESS__
	EVERY = 8, /* of the mutants */
#else
	EVERY = 1,
#endif
};

static const struct gate gate = {
	GATE_IN_PLACE | GATE_SIGN,
	{0x6b8b4567, 0x327b23c6, 0x643c9869, 0x80000001},
	SIGN_FIRST + 81};

/* Each policy is run in these two ways. */
static const struct way {
	const char *name;
	struct answers answers;
	unsigned tracer_rules;
} ways[] = {
	{"plain", {.watch = WATCH_NONE}, 0},
	{"traced", {.watch = WATCH_PTRACE}, ADD_NO_LISTENER | ADD_NO_UNTRACED},
};

struct totals {
	_Atomic unsigned long programs, instructions, mutants, changed, sampled,
		equal, not_proved;
};

struct subject {
	const char *name;
	const struct way *way;
	struct policy *policy;
	struct program program;
	struct rng rng;
	struct totals *totals;
	/* calls near the program's constants, with the right answers */
	struct sample {
		struct seccomp_data data;
		uint32_t answer;
	} samples[SAMPLES];
};

static _Noreturn void fail_mutant(const struct subject *s, size_t at,
				  const struct sock_filter *insn,
				  const char *what)
{
	fprintf(stderr,
		"%s (%s), instruction %zu as code 0x%02x jt %u jf %u k 0x%x: "
		"%s\n",
		s->name, s->way->name, at, insn->code, insn->jt, insn->jf,
		insn->k, what);
	exit(1);
}

/* --- samples ---------------------------------------------------------------- */

static uint32_t near_constant(struct subject *s)
{
	uint32_t at = rng_below(&s->rng, (uint32_t)s->program.n);

	return s->program.insns[at].k + rng_below(&s->rng, 3) - 1;
}

static struct seccomp_data draw_call(struct subject *s)
{
	struct rng *rng = &s->rng;
	struct seccomp_data data = {
		.nr = (int)(rng_below(rng, 5) ? rng_below(rng, 480)
					      : near_constant(s)),
		.arch = rng_below(rng, 8) ? abis[rng_below(rng, 2)].audit_arch
					  : near_constant(s),
	};

	for (int i = 0; i < 6; i++)
		data.args[i] = rng_below(rng, 3) ? near_constant(s)
						 : rng_edge(rng);
	if (rng_below(rng, 6) == 0) {
		const uint32_t *c = gate.cookie;

		data.nr = (int)gate_calls[rng_below(rng, (uint32_t)gate_calls_n)]
				  .nr[MACHINE];
		data.args[4] = (uint64_t)c[1] << 32 | c[0];
		data.args[5] = (uint64_t)c[3] << 32 | c[2];
		data.args[4 + rng_below(rng, 2)] ^=
			(uint64_t)rng_below(rng, 2) << rng_below(rng, 64);
	}
	if (rng_below(rng, 20) == 0) {
		data.nr = (int)gate_calls[0].nr[MACHINE];
		data.args[4] = LAUNCH_MARK;
		data.args[3] = rng_below(rng, 3);
	}
	return data;
}

static void draw_samples(struct subject *s)
{
	for (size_t i = 0; i < SAMPLES; i++) {
		struct sample *sample = &s->samples[i];

		sample->data = draw_call(s);
		sample->answer = right_answer(s->policy, &s->way->answers,
					      &gate, &sample->data);
		if (interpret(&s->program, &sample->data) != sample->answer)
			fail_mutant(s, 0, s->program.insns,
				    "the program itself is wrong");
	}
}

static bool samples_differ(const struct subject *s,
			   const struct program *mutant)
{
	for (size_t i = 0; i < SAMPLES; i++)
		if (interpret(mutant, &s->samples[i].data) !=
		    s->samples[i].answer)
			return true;
	return false;
}

static bool is_confirmed(const struct subject *s, const struct program *mutant,
			 const struct counterexample *d)
{
	struct seccomp_data data = {.arch = d->arch, .nr = (int)d->nr};

	memcpy(data.args, d->args, sizeof(d->args));
	return d->program != d->policy &&
	       interpret(mutant, &data) == d->program &&
	       right_answer(s->policy, &s->way->answers, &gate, &data) ==
		       d->policy;
}

/* --- mutants ---------------------------------------------------------------- */

static const uint16_t opcodes[] = {
	BPF_LD | BPF_W | BPF_ABS,  BPF_LD | BPF_IMM,
	BPF_ALU | BPF_AND | BPF_K, BPF_ALU | BPF_XOR | BPF_K,
	BPF_ALU | BPF_OR | BPF_X,  BPF_MISC | BPF_TAX,
	BPF_MISC | BPF_TXA,	   BPF_JMP | BPF_JA,
	BPF_JMP | BPF_JEQ | BPF_K, BPF_JMP | BPF_JGT | BPF_K,
	BPF_JMP | BPF_JGE | BPF_K, BPF_JMP | BPF_JSET | BPF_K,
	BPF_RET | BPF_K,	   BPF_RET | BPF_A,
	BPF_ALU | BPF_ADD | BPF_K, BPF_LD | BPF_W | BPF_LEN,
};

static const uint32_t returns[] = {
	SECCOMP_RET_ALLOW,	  SECCOMP_RET_LOG,
	SECCOMP_RET_TRACE,	  SECCOMP_RET_USER_NOTIF,
	SECCOMP_RET_ERRNO | 1,	  SECCOMP_RET_ERRNO | 38,
	SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD,
};

enum {
	JUMPS = 7,
	CONSTANTS = 2 + 8,
	MUTATIONS = JUMPS + CONSTANTS + ARRAY_SIZE(returns) +
		    ARRAY_SIZE(opcodes),
};

static void mutate_jump(struct sock_filter *insn, unsigned how)
{
	struct sock_filter before = *insn;

	switch (how) {
	case 0:
		insn->jt = before.jf;
		insn->jf = before.jt;
		break;
	case 1:
	case 2:
		insn->jt = (uint8_t)(insn->jt + (how == 1 ? 1 : -1));
		break;
	case 3:
	case 4:
		insn->jf = (uint8_t)(insn->jf + (how == 3 ? 1 : -1));
		break;
	case 5:
		insn->jt = before.jf;
		break;
	default:
		insn->jf = before.jt;
	}
}

/* Bits of all places, others for each instruction. */
static void mutate_constant(struct sock_filter *insn, unsigned how, size_t at)
{
	if (how < 2)
		insn->k += how ? 1 : UINT32_MAX;
	else
		insn->k ^= 1u << (4 * (how - 2) + at % 4);
}

/* false: there is nothing of the kind to be changed. */
static bool mutate(struct sock_filter *insn, unsigned how, size_t at)
{
	struct sock_filter before = *insn;

	if (how < JUMPS) {
		if (BPF_CLASS(insn->code) != BPF_JMP)
			return false;
		mutate_jump(insn, how);
	} else if ((how -= JUMPS) < CONSTANTS) {
		mutate_constant(insn, how, at);
	} else if ((how -= CONSTANTS) < ARRAY_SIZE(returns)) {
		if (insn->code != (BPF_RET | BPF_K))
			return false;
		insn->k = returns[how];
	} else {
		insn->code = opcodes[how - ARRAY_SIZE(returns)];
	}
	return memcmp(insn, &before, sizeof(before)) != 0;
}

/* A change of what an instruction does not use (the jumps of a RET, the
 * constant of TAX) must be accepted, so these are mutants like any other. */
static void try_mutant(struct subject *s, const struct program *mutant,
		       size_t at)
{
	const struct sock_filter *insn = &mutant->insns[at];
	struct counterexample d;
	char *why;

	s->totals->mutants++;
	switch (prove(s->policy, &s->way->answers, &gate, mutant, &d, &why)) {
	case DIFFERENT:
		s->totals->changed++;
		if (!is_confirmed(s, mutant, &d))
			fail_mutant(s, at, insn, "refused for a wrong reason");
		s->totals->sampled += samples_differ(s, mutant);
		break;
	case PROVED:
		s->totals->equal++;
		if (samples_differ(s, mutant))
			fail_mutant(s, at, insn, "accepted, and answers "
						 "otherwise");
		break;
	case NOT_PROVED:
		s->totals->not_proved++;
		free(why);
		break;
	}
}

static void try_mutants(struct subject *s)
{
	struct program mutant = {0};
	/* all of a small program; the large ones are much alike */
	size_t every = EVERY * (s->program.n / 300 * 4 + 1);

	draw_samples(s);
	program_append_all(&mutant, s->program.insns, s->program.n);
	for (size_t i = 0; i < mutant.n * MUTATIONS; i += every) {
		size_t at = i / MUTATIONS;
		struct sock_filter before = mutant.insns[at];

		if (mutate(&mutant.insns[at], (unsigned)(i % MUTATIONS), at))
			try_mutant(s, &mutant, at);
		mutant.insns[at] = before;
	}
	program_free(&mutant);
}

/* --- policies --------------------------------------------------------------- */

static void try_policy(const char *name, const struct way *way,
		       struct totals *totals)
{
	struct subject s = {
		.name = name, .way = way, .rng = {77}, .totals = totals};
	char *why;

	s.policy = must_load(NULL, NULL, NAMES(name));
	s.policy->tracer_rules = way->tracer_rules;
	if (compile(s.policy, &way->answers, gate.calls, &s.program, &why) < 0)
		fail_mutant(&s, 0, &(struct sock_filter){0}, why);
	gate_arm(&s.program, &gate);
	if (verify(s.policy, &way->answers, &gate, &s.program, &why) < 0)
		fail_mutant(&s, 0, s.program.insns, "not proved");
	totals->programs++;
	totals->instructions += s.program.n;
	try_mutants(&s);
	program_free(&s.program);
	policy_free(s.policy);
}

static _Noreturn void work(const glob_t *found, unsigned worker,
			   struct totals *totals)
{
	for (size_t i = 0; i < found->gl_pathc; i++)
		for (size_t w = 0; w < ARRAY_SIZE(ways); w++)
			if ((i + w) % WORKERS == worker)
				try_policy(found->gl_pathv[i], &ways[w],
					   totals);
	exit(0);
}

/* A copy of policies/, which whoever cloned this may have made writable by a
 * group. */
static int enter(void **state)
{
	char *top = realpath("policies", NULL), *command;
	int status;

	if (!top || scratch_enter(state) < 0)
		return -1;
	command = xasprintf("cp -r '%s' policies && chmod -R go-w policies",
			    top);
	status = system(command);
	free(command);
	free(top);
	return status;
}

static void shipped_policies(void **state)
{
	struct totals *t = mmap(NULL, sizeof(*t), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status, failed = 0;
	glob_t found;

	(void)state;
	assert_ptr_not_equal(t, MAP_FAILED);
	assert_int_equal(glob("policies/*.ini", 0, NULL, &found), 0);
	for (unsigned i = 0; i < WORKERS; i++)
		if (fork() == 0)
			work(&found, i, t);
	while (wait(&status) > 0)
		failed += status != 0;
	print_message("%lu programs of %zu policies, %lu instructions; %lu "
		      "mutants: %lu changed an answer (%d sampled calls show "
		      "%lu of them) and were caught, %lu equal in effect were "
		      "accepted, %lu not proved\n",
		      t->programs, found.gl_pathc, t->instructions, t->mutants,
		      t->changed, SAMPLES, t->sampled, t->equal, t->not_proved);
	assert_int_equal(failed, 0);
	assert_int_equal(t->programs, 2 * found.gl_pathc);
	assert_true(t->mutants * EVERY > 20000);
	assert_true(t->changed > t->mutants / 4);
	assert_true(t->sampled > t->changed / 2);
	assert_true(t->equal > 0);
	globfree(&found);
	munmap(t, sizeof(*t));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(shipped_policies, enter,
						scratch_leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
