/* Random policies: what decide() says of a call is what the compiled program
 * answers, by the interpreter and, for the first LIVE of them, in the running
 * kernel; and the proof accepts every one of them.  Each is read for every
 * machine.
 *
 * SEED=N begins elsewhere, POLICIES=N (from LIVE on) is enough; a failure prints the seed of its policy and the
 * policy itself. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <limits.h>

#include "filter/compile.h"
#include "filter/verify.h"
#include "interpreter.h"
#include "live.h"
#include "load_fixture.h"
#include "probe.h"
#include "random_policy.h"

enum {
	PROBES = 150,
#ifdef __SANITIZE_ADDRESS__ /* a fork of a process with shadow memory is dear */
	POLICIES = 1000,
	LIVE = 100,
#else
	POLICIES = 10000,
	LIVE = 500,
#endif
	WORKERS = 2,
	MACHINES = 2, /* x86-64 and aarch64 */
};

/* Of all workers, in shared memory. */
struct totals {
	_Atomic unsigned long tried, policies, probes, proved, instructions;
	_Atomic unsigned long live, calls, killed, denied, told, ran;
};

struct subject {
	struct random_policy text;
	struct policy *policy;
	struct answers answers;
	struct gate gate;
	struct program program;
	struct totals *totals;
	uint64_t seed;
};

static unsigned long wanted(void)
{
	const char *n = getenv("POLICIES");

	return n ? strtoul(n, NULL, 0) : POLICIES;
}

static void show(const struct subject *s)
{
	fprintf(stderr, "seed %llu, tracer rules %u, watch %d, gate %u\n",
		(unsigned long long)s->seed, s->policy->tracer_rules,
		(int)s->answers.watch, s->gate.calls);
	for (size_t i = 0; i < s->text.n; i++)
		fprintf(stderr, "; --- %zu.ini (-p number %zu)\n%s", i, i + 1,
			s->text.files[i]);
}

static void fail_call(const struct subject *s, const struct seccomp_data *data,
		      const char *who, unsigned long got, unsigned long wanted)
{
	fprintf(stderr,
		"%s answers %#lx, decide %#lx, to call %u of %#x(%#llx, %#llx, "
		"%#llx, %#llx, %#llx, %#llx)\n",
		who, got, wanted, (uint32_t)data->nr, data->arch,
		data->args[0], data->args[1], data->args[2], data->args[3],
		data->args[4], data->args[5]);
	show(s);
	exit(1);
}

/* --- by the interpreter ----------------------------------------------------- */

static uint32_t random_number(struct subject *s, enum abi_id abi)
{
	struct random_policy *p = &s->text;
	uint32_t call = syscall_by_name(PICK(p, p->calls)->name);
	int64_t nr = syscall_number(call, abi);

	switch (rng_below(&p->rng, 8)) {
	case 0:
		return rng_below(&p->rng, 500);
	case 1:
		return (uint32_t)rng_edge(&p->rng);
	case 2:
		return gate_calls[rng_below(&p->rng, (uint32_t)gate_calls_n)]
			.nr[s->policy->machine];
	default:
		return nr < 0 ? rng_below(&p->rng, 500) : (uint32_t)nr;
	}
}

static struct seccomp_data random_call(struct subject *s)
{
	struct random_policy *p = &s->text;
	enum abi_id abi = one_in(p, 4) ? rng_below(&p->rng, ABI_COUNT)
				      : s->policy->machine;
	struct seccomp_data data = {
		.arch = one_in(p, 12) ? (uint32_t)rng_edge(&p->rng)
				      : abis[abi].audit_arch,
		.nr = (int)random_number(s, abi),
	};

	for (int i = 0; i < 6; i++)
		data.args[i] = random_register(p);
	if (one_in(p, 8)) {
		const uint32_t *c = s->gate.cookie;

		data.args[4] = (uint64_t)c[1] << 32 | c[0];
		data.args[5] = (uint64_t)c[3] << 32 | c[2];
		data.args[4 + rng_below(&p->rng, 2)] ^=
			one_in(p, 2) ? 1ull << rng_below(&p->rng, 64) : 0;
	}
	if (one_in(p, 16)) {
		data.nr = (int)gate_calls[0].nr[s->policy->machine];
		data.args[4] = LAUNCH_MARK;
		data.args[3] = rng_below(&p->rng, 3);
		data.args[3 + rng_below(&p->rng, 2)] ^=
			one_in(p, 2) ? 1ull << rng_below(&p->rng, 64) : 0;
	}
	return data;
}

static void compare(struct subject *s)
{
	for (int i = 0; i < PROBES; i++) {
		struct seccomp_data data = random_call(s);
		uint32_t wanted = right_answer(s->policy, &s->answers, &s->gate,
					       &data);
		uint32_t got = interpret(&s->program, &data);

		if (got != wanted)
			fail_call(s, &data, "the program", got, wanted);
	}
	s->totals->probes += PROBES;
}

/* --- in the kernel ---------------------------------------------------------- */

static uint64_t live_register(struct random_policy *p, char kind)
{
	switch (kind) {
	case 'f': /* beyond every limit of descriptors, and of PIDs */
		return (random_register(p) & ~0x7fffffffull) | 0x7ff00000 |
		       rng_below(&p->rng, 0x100000);
	case '0':
		return 0;
	case '1':
		return 1;
	default:
		return random_register(p);
	}
}

/* -1, unknown numbers, x32: these do nothing whoever answers them. */
static uint32_t live_odd_number(struct random_policy *p)
{
	switch (rng_below(&p->rng, 3)) {
	case 0:
		return UINT32_MAX;
	case 1:
		return 480 + rng_below(&p->rng, 40);
	default:
		return X32_BIT | rng_below(&p->rng, 600);
	}
}

static void draw_live(struct subject *s, struct live *live)
{
	struct random_policy *p = &s->text;

	live->n = LIVE_MAX;
	for (size_t i = 0; i < live->n; i++) {
		const struct pool_call *call =
			one_in(p, 6) ? &PICK(p, pool) : PICK(p, p->calls);
		struct live_call *c = &live->calls[i];

		*c = (struct live_call){
			.arch = abis[ABI_NATIVE].audit_arch,
			.nr = (uint32_t)syscall_number(
				syscall_by_name(call->name), ABI_NATIVE),
		};
		for (size_t j = 0; j < 6; j++)
			c->args[j] = live_register(
				p, j < strlen(call->args) ? call->args[j] : '*');
		if (one_in(p, 8))
			c->nr = live_odd_number(p);
		if (abi_runs_on(ABI_X86, ABI_NATIVE) && one_in(p, 8)) {
			/* getpid and getppid, geteuid of i386 */
			static const uint32_t numbers[] = {20, 64, 49};

			c->arch = AUDIT_ARCH_I386;
			c->nr = PICK(p, numbers);
			c->args[5] = 0; /* not ours to set */
		}
	}
}

/* What the kernel must have answered, once it is known what it answers
 * without the program. */
static bool as_decided(struct totals *totals, const struct verdict *verdict,
		       long plain, long result)
{
	switch (verdict->action) {
	case ACTION_KILL:
		totals->killed++;
		return result == LIVE_KILLED;
	case ACTION_DENY:
		totals->denied++;
		totals->told += plain != -verdict->err;
		return result == -verdict->err;
	default:
		totals->ran++;
		/* PIDs and masks differ each time */
		return plain < 0 ? result == plain : result >= 0;
	}
}

static void fail_live(const struct subject *s, const char *what, int err)
{
	fprintf(stderr, "%s: %s\n", what, strerror(err));
	show(s);
	exit(1);
}

static void try_live(struct subject *s, struct live *live)
{
	long plain[LIVE_MAX];
	int err;

	draw_live(s, live);
	err = live_run(live, NULL);
	if (err)
		fail_live(s, "calls without a program", err);
	for (size_t i = 0; i < live->n; i++)
		plain[i] = live->calls[i].result;
	err = live_run(live, &s->program);
	if (err)
		fail_live(s, "calls under the program", err);
	for (size_t i = 0; i < live->n; i++) {
		const struct live_call *c = &live->calls[i];
		struct verdict verdict =
			decide(s->policy, c->arch, c->nr, c->args);
		struct seccomp_data data = {.arch = c->arch, .nr = (int)c->nr};

		memcpy(data.args, c->args, sizeof(data.args));
		if (!as_decided(s->totals, &verdict, plain[i], c->result))
			fail_call(s, &data, "the kernel",
				  (unsigned long)c->result,
				  answer_of(&verdict, &s->answers));
	}
	s->totals->calls += live->n;
	s->totals->live++;
}

/* --- one policy ------------------------------------------------------------- */

static void add_mark(struct subject *s)
{
	s->gate.calls |= GATE_SIGN;
	s->gate.sign = SIGN_FIRST + rng_below(&s->text.rng, 100);
	if (answer_handed_over(&s->answers) && one_in(&s->text, 2))
		s->gate.calls = (s->gate.calls & ~GATE_EXECVE) | GATE_HAND_OVER;
}

/* The ways a policy is run; for the kernel the first one. */
static void draw_way(struct subject *s, bool is_live)
{
	static const struct answers ways[] = {
		{.watch = WATCH_NONE},
		{.watch = WATCH_PTRACE},
		{.watch = WATCH_NOTIFY},
		{.watch = WATCH_PTRACE, .permissive = true},
		{.watch = WATCH_PTRACE, .count = true},
		{.watch = WATCH_ENTRY},
		{.watch = WATCH_ENTRY, .permissive = true, .count = true},
		{.watch = WATCH_EXEC},
	};
	struct random_policy *p = &s->text;

	s->answers = is_live || one_in(p, 2) ? ways[0] : PICK(p, ways);
	s->gate.calls = is_live ? 0 : rng_below(&p->rng, GATE_COOKIES + 1);
	if (!is_live && one_in(p, 2))
		add_mark(s);
	for (int i = 0; i < 4; i++)
		s->gate.cookie[i] = (uint32_t)rng_next(&p->rng) | 1;
	if (!is_live && one_in(p, 3))
		s->policy->tracer_rules = rng_below(&p->rng, 4);
}

static void build_and_prove(struct subject *s)
{
	char *why;
	int result = compile(s->policy, &s->answers, s->gate.calls, &s->program,
			     &why);

	gate_arm(&s->program, &s->gate);
	if (result < 0 || verify(s->policy, &s->answers, &s->gate, &s->program,
				 &why) < 0) {
		fprintf(stderr, "%s\n", why);
		show(s);
		exit(1);
	}
	s->totals->proved++;
	s->totals->instructions += s->program.n;
}

/* NULL: it contradicts itself. */
static struct policy *load_files(const struct random_policy *text,
				 enum abi_id machine)
{
	static const char *const names[] = {"0.ini", "1.ini", "2.ini"};
	const char *chosen[4] = {0};
	struct policy *policy;
	char *mistakes;

	for (size_t i = 0; i < text->n; i++) {
		chosen[i] = names[i];
		write_text(names[i], text->files[i]);
	}
	policy = load_for(machine, NULL, NULL, &mistakes, chosen);
	free(mistakes);
	return policy;
}

/* false: the text is no policy. */
static bool try_policy(struct totals *totals, uint64_t seed,
		       enum abi_id machine, struct live *live)
{
	struct subject s = {.totals = totals, .seed = seed};

	random_policy(&s.text, seed);
	totals->tried++;
	s.policy = load_files(&s.text, machine);
	if (s.policy) {
		draw_way(&s, live != NULL);
		build_and_prove(&s);
		compare(&s);
		if (live)
			try_live(&s, live);
		program_free(&s.program);
		policy_free(s.policy);
	}
	random_policy_free(&s.text);
	return s.policy != NULL;
}

static void try_share(struct totals *totals, uint64_t seed, enum abi_id machine,
		      struct live *live)
{
	for (unsigned long done = 0; done < wanted() / WORKERS;
	     seed += WORKERS)
		if (try_policy(totals, seed, machine,
			       machine == ABI_NATIVE && done < LIVE / WORKERS
				       ? live : NULL)) {
			totals->policies++;
			done++;
		}
}

/* Each takes every WORKERS-th seed until it has its share of policies, for each
 * machine. */
static _Noreturn void work(struct totals *totals, uint64_t seed)
{
	struct live *live = live_new();
	void *folder;

	if (!live || scratch_enter(&folder) < 0)
		exit(1);
	for (enum abi_id abi = 0; abi < ABI_COUNT; abi++)
		if (abi_runs_on((int)abi, abi))
			try_share(totals, seed, abi, live);
	exit(scratch_leave(&folder) != 0);
}

static void policies(void **state)
{
	struct totals *t = mmap(NULL, sizeof(*t), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t seed = getenv("SEED") ? strtoull(getenv("SEED"), NULL, 0) : 1;
	int status, failed = 0;

	(void)state;
	assert_ptr_not_equal(t, MAP_FAILED);
	for (uint64_t i = 0; i < WORKERS; i++)
		if (fork() == 0)
			work(t, seed + i);
	while (wait(&status) > 0)
		failed += status != 0;
	print_message("seed %llu: %lu policies (of %lu texts), %lu proved, "
		      "%lu instructions, %lu probes by the interpreter\n",
		      (unsigned long long)seed, t->policies, t->tried,
		      t->proved, t->instructions, t->probes);
	print_message("%lu policies in the kernel: %lu calls, %lu killed, %lu "
		      "denied (%lu as nothing else is), %lu ran\n",
		      t->live, t->calls, t->killed, t->denied, t->told, t->ran);
	assert_int_equal(failed, 0);
	assert_int_equal(t->policies, MACHINES * wanted());
	assert_int_equal(t->proved, MACHINES * wanted());
	assert_int_equal(t->live, LIVE);
	assert_true(t->killed > LIVE && t->told > LIVE && t->ran > LIVE);
	munmap(t, sizeof(*t));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(policies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
