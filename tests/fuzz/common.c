#include "fuzz.h"

#include <linux/audit.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/util.h"
#include "filter/compile.h"
#include "filter/verify.h"
#include "formats/load.h"
#include "review/difference.h"
#include "review/flatten.h"
#include "../unit/interpreter.h"
#include "../unit/probe.h"

static const struct answers plain = {.watch = WATCH_NONE};

struct rng fuzz_rng(const uint8_t *data, size_t size)
{
	struct rng rng = {0xcbf29ce484222325};

	for (size_t i = 0; i < size; i++)
		rng.state = (rng.state ^ data[i]) * 0x100000001b3;
	rng.state |= 1;
	return rng;
}

char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = xmalloc(size + 1);

	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

static char folder[] = "/tmp/sandbox-fuzz-XXXXXX";

static void remove_folder(void)
{
	cleanup_free char *command = xasprintf("rm -rf %s", folder);

	MUST(system(command) == 0);
}

const char *fuzz_folder(void)
{
	static bool made;

	if (!made) {
		umask(077);
		MUST(mkdtemp(folder));
		atexit(remove_folder);
		made = true;
	}
	return folder;
}

void fuzz_write(const char *path, const uint8_t *data, size_t size)
{
	FILE *f = fopen(path, "we");

	MUST(f);
	/* nothing may come as NULL */
	MUST(!size || fwrite(data, 1, size, f) == size);
	MUST(fclose(f) == 0);
}

static const char subject_text[] =
	"[policy]\ndefault = allow\narchitectures = x86_64 x86\nforeign = deny\n"
	"[deny]\nsyscalls = execve mkdir ptrace\n"
	"openat = EACCES if flags & 3 != 0 or mode > 0700\n"
	"lseek = if offset < -5\nread = EIO if count >= 0x100000000\n"
	"[kill]\nsocket = if family not in (1, 2, 10..16)\n";

static struct policy *load_subject(void)
{
	cleanup_free char *path = xasprintf("%s/subject.ini", fuzz_folder());
	const char *policies[] = {path};
	struct policy_request request = {.policies = policies, .n = 1};
	struct diags diags = DIAGS_INIT;
	struct policy *policy;

	fuzz_write(path, (const uint8_t *)subject_text,
		   sizeof(subject_text) - 1);
	policy = policy_load(&request, &diags);
	diags_print(&diags, stderr);
	MUST(policy);
	return policy;
}

const struct fuzz_subject *fuzz_subject(void)
{
	static struct fuzz_subject subject = {
		.gate = {GATE_EXECVE,
			 {0x11111111, 0x22222222, 0x33333333, 0x44444444}},
	};
	char *why;

	if (subject.policy)
		return &subject;
	subject.policy = load_subject();
	MUST(compile(subject.policy, &plain, subject.gate.calls,
		     &subject.program, &why) == 0);
	gate_arm(&subject.program, &subject.gate);
	MUST(verify(subject.policy, &plain, &subject.gate, &subject.program,
		    &why) == 0);
	return &subject;
}

static uint32_t near_constant(struct rng *rng, const struct program *program)
{
	uint32_t at = rng_below(rng, (uint32_t)program->n);

	return program->insns[at].k + rng_below(rng, 3) - 1;
}

struct seccomp_data fuzz_call(struct rng *rng, const struct program *program)
{
	static const uint32_t archs[] = {AUDIT_ARCH_X86_64, AUDIT_ARCH_X86_64,
					 AUDIT_ARCH_I386};
	struct seccomp_data data = {
		.arch = rng_below(rng, 4)
				? archs[rng_below(rng, ARRAY_SIZE(archs))]
				: near_constant(rng, program),
		.nr = (int)(rng_below(rng, 3) ? rng_below(rng, 480)
					      : near_constant(rng, program)),
	};

	for (int i = 0; i < 6; i++) {
		data.args[i] = rng_below(rng, 3) ? near_constant(rng, program)
						 : rng_edge(rng);
		if (rng_below(rng, 3) == 0)
			data.args[i] |= (uint64_t)near_constant(rng, program)
					<< 32;
	}
	return data;
}

static void check_difference(const struct fuzz_subject *s,
			     const struct program *program,
			     const struct counterexample *d)
{
	struct seccomp_data data = {.arch = d->arch, .nr = (int)d->nr};

	memcpy(data.args, d->args, sizeof(data.args));
	MUST(d->program != d->policy);
	MUST(interpret(program, &data) == d->program);
	MUST(right_answer(s->policy, &plain, &s->gate, &data) == d->policy);
}

void fuzz_prove(struct rng *rng, const struct program *program)
{
	const struct fuzz_subject *s = fuzz_subject();
	struct counterexample difference;
	char *why;

	switch (prove(s->policy, &plain, &s->gate, program, &difference,
		      &why)) {
	case DIFFERENT:
		check_difference(s, program, &difference);
		break;
	case PROVED:
		for (int i = 0; i < 200; i++) {
			struct seccomp_data data = fuzz_call(rng, program);

			MUST(interpret(program, &data) ==
			     right_answer(s->policy, &plain, &s->gate, &data));
		}
		break;
	case NOT_PROVED:
		MUST(why && *why);
		free(why);
		break;
	}
}

void fuzz_compare(const struct policy *policy)
{
	struct differences differences = {0};
	struct diags diags = DIAGS_INIT;
	char *why = NULL, *ini = show_ini(policy, &why);
	struct policy *again =
		ini ? policy_load_text("p.ini", ini, ABI_NATIVE, &diags) : NULL;
	uint32_t call;

	MUST(ini || why);
	if (ini && !again)
		diags_print(&diags, stderr);
	MUST(!ini || again);
	if (again &&
	    differences_find(policy, again, &differences, &call) == 0)
		MUST(!differences.n);
	differences_free(&differences);
	policy_free(again);
	diags_free(&diags);
	free(ini);
	free(why);
}
