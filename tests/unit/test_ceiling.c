/* `final = all`: in a stack of random files no answer is less strict than the
 * ceiling's own would be, alone. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "load_fixture.h"
#include "model/diagram.h"
#include "random_policy.h"

enum { STACKS = 1000 };

struct subject {
	struct policy *stack, *ceiling;
	struct diagram_store *store;
	struct decision in_stack, in_ceiling;
	unsigned lowered; /* numbers where the others would have allowed more */
};


/* Where the verdict is at least as strict as this. */
static uint32_t reaches(const struct verdict *verdict, const void *least)
{
	return verdict->action >= *(const enum action *)least;
}

static diagram at_least(struct subject *s, const struct decision *decision,
			enum action least)
{
	return diagram_of_decision(s->store, decision, reaches, &least);
}

static void check_number(struct subject *s, uint32_t arch, uint32_t nr)
{
	diagram_store_reset(s->store);
	decide_call(s->stack, arch, nr, &s->in_stack);
	decide_call(s->ceiling, arch, nr, &s->in_ceiling);
	for (int least = ACTION_LOG; least <= ACTION_KILL; least++) {
		diagram stack = at_least(s, &s->in_stack, least);
		diagram own = at_least(s, &s->in_ceiling, least);

		assert_true(stack && own);
		/* wherever the ceiling is so strict, the stack is */
		assert_int_equal(diagram_and(s->store, own,
					     diagram_not(s->store, stack)),
				 DIAGRAM_FALSE);
	}
	for (size_t i = 0; i < s->in_stack.n; i++)
		if (s->in_stack.clauses[i].verdict.final) {
			s->lowered++;
			return;
		}
}

static void check_stack(struct subject *s)
{
	for (int abi = 0; abi < ABI_COUNT; abi++)
		for (uint32_t nr = 0; nr <= 500; nr++)
			check_number(s, abis[abi].audit_arch, nr);
	check_number(s, abis[ABI_X86_64].audit_arch, X32_BIT | 1);
	check_number(s, abis[ABI_X86_64].audit_arch, NR_SKIPPED);
	check_number(s, 0, 1);
}

static struct policy *load_some(const char *const names[])
{
	char *got;
	struct policy *policy = load_all(NULL, NULL, &got, names);

	free(got);
	return policy;
}

/* The ceiling stands at any place of the stack. */
static bool try_stack(struct subject *s, uint64_t seed)
{
	static const char *const names[] = {"0.ini", "1.ini", "2.ini"};
	const char *some[4] = {NULL};
	struct random_policy text;
	size_t at;
	bool usable;

	random_policy(&text, seed);
	at = seed % text.n;
	for (size_t i = 0; i < text.n; i++) {
		cleanup_free char *head = xasprintf(
			"[policy]\n%s%s\n",
			i == at ? "final = all\ndefault = " : "",
			i == at ? PICK(&text, ((const char *[]){
						"deny", "kill", "log"}))
				: "");
		cleanup_free char *body = NULL;
		char *rest = text.files[i] + strlen("[policy]\n");

		/* its own random settings of these two stay out */
		for (char *line; i == at && (line = strstr(rest, "final = "));)
			*line = ';';
		for (char *line; i == at && (line = strstr(rest, "\ndefault"));)
			line[1] = ';';
		if (i == at && has_prefix(rest, "default"))
			*rest = ';';
		body = xasprintf("%s%s", head, rest);
		write_text(names[i], body);
		some[i] = names[i];
	}
	s->stack = load_some(some);
	s->ceiling = load_some(NAMES(names[at]));
	usable = s->stack && s->ceiling && text.n > 1;
	if (usable)
		check_stack(s);
	policy_free(s->stack);
	policy_free(s->ceiling);
	random_policy_free(&text);
	return usable;
}

static void test_random_stacks(void **state)
{
	struct subject s = {.store = diagram_store_new(DIAGRAM_BUDGET)};

	(void)state;
	for (uint64_t seed = 1, n = 0; n < STACKS; seed++)
		n += try_stack(&s, seed);
	print_message("%d stacks, %u numbers lowered or kept\n", STACKS,
		      s.lowered);
	assert_true(s.lowered > STACKS);
	decision_free(&s.in_stack);
	decision_free(&s.in_ceiling);
	diagram_store_free(s.store);
}

static const struct answer {
	const char *inner, *outer; /* one of them final for all */
	const char *call;
	enum action action;
	int err;
} answers[] = {
	/* an outer allow, over the ceiling's default and over its rules */
	{"final = all\ndefault = deny\nerrno = EIO", "[allow]\nmkdir = always",
	 "mkdir", ACTION_DENY, 5},
	{"final = all\ndefault = allow\n[kill]\nmkdir = always",
	 "[allow]\nmkdir = always", "mkdir", ACTION_KILL, 0},
	{"final = all\ndefault = log", "[allow]\nmkdir = always", "mkdir",
	 ACTION_LOG, 0},
	/* inner ones as well, wherever the ceiling stands */
	{"default = allow\n[allow]\nmkdir = always",
	 "[policy]\nfinal = all\ndefault = deny", "mkdir", ACTION_DENY, 1},
	/* a stricter answer stays, and of two denials the outer errno */
	{"final = all\ndefault = deny\nerrno = EIO", "[deny]\nmkdir = EROFS",
	 "mkdir", ACTION_DENY, 30},
	{"final = all\ndefault = deny", "[kill]\nmkdir = always", "mkdir",
	 ACTION_KILL, 0},
	{"final = all\ndefault = deny\n[allow]\nmkdir = always",
	 "[deny]\nmkdir = EROFS", "mkdir", ACTION_DENY, 30},
	{"final = all\ndefault = deny\n[allow]\nmkdir = always", "[allow]\n",
	 "mkdir", ACTION_ALLOW, 0},
	/* without a default of its own it speaks by its rules only */
	{"default = allow\n", "[policy]\nfinal = all\n[deny]\nmkdir = EROFS",
	 "rmdir", ACTION_ALLOW, 0},
	/* an outer default */
	{"final = all\ndefault = deny", "[policy]\ndefault = allow", "mkdir",
	 ACTION_DENY, 1},
	/* the implicit calls live */
	{"final = all\ndefault = kill", "[policy]\ndefault = allow",
	 "exit_group", ACTION_ALLOW, 0},
};

static void test_answers(void **state)
{
	static const uint64_t args[6];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		const struct answer *a = &answers[i];
		cleanup_free char *inner =
			xasprintf("[policy]\n%s\n", a->inner);
		uint32_t call = syscall_by_name(a->call);
		struct policy *policy;
		struct verdict verdict;

		write_text("inner.ini", inner);
		write_text("outer.ini", a->outer);
		policy = must_load(NULL, NULL, NAMES("inner.ini", "outer.ini"));
		verdict = decide(policy, abis[MACHINE].audit_arch,
				 (uint32_t)syscall_number(call, MACHINE),
				 args);
		if (verdict.action != a->action || verdict.err != a->err) {
			fprintf(stderr, "row %zu: action %d, errno %d\n", i,
				verdict.action, verdict.err);
			fail();
		}
		policy_free(policy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_scratch(test_answers),
		in_scratch(test_random_stacks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
