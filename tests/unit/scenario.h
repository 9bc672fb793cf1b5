/* Small policies as tables, for the tests of what a policy means. */
#ifndef TEST_SCENARIO_H
#define TEST_SCENARIO_H

#include <stdlib.h>

#include "model/decide.h"

#define X64 (abis[ABI_X86_64].audit_arch)
#define X86 (abis[ABI_X86].audit_arch)

/* Conditions of the test policies: of argument 0, on every ABI; ODD: the low
 * bit is set. */
enum asks { NONE, IS1, IS2, ODD, UNASKABLE, NEVER };

/* ERR(n): the line has an errno of its own, n */
#define ERR(n) ((n) + 1)

/* One line of a policy; its number is its place in the scenario, from 1. */
struct line {
	int layer; /* 0: the innermost */
	enum action action;
	const char *call; /* "#500": a raw number */
	enum asks asks;
	int err;
	const char *group;
	bool only, listed; /* listed: not alone */
};

struct probe {
	const char *call;
	uint64_t arg0;
	enum action action;
	int err;
	enum verdict_kind kind;
	int line;
};

struct scenario {
	const char *name;
	enum action by_default;
	unsigned final;     /* bit mask of layers */
	int layer_errno[3]; /* 0: none */
	int kernel;         /* 0: none */
	bool x86;           /* admitted, and what is probed */
	struct line lines[8];
	struct probe probes[8];
};

#define ALLOW ACTION_ALLOW
#define LOG ACTION_LOG
#define DENY ACTION_DENY
#define KILL ACTION_KILL

/* "#500" is a raw number. */
static inline uint32_t call_of(const char *name)
{
	uint32_t call;

	if (*name == '#')
		return CALL_RAW | (uint32_t)strtoul(name + 1, NULL, 10);
	call = syscall_by_name(name);
	assert_int_not_equal(call, CALL_NONE);
	return call;
}

static inline const struct cond *make_cond(struct arena *pool,
					   enum asks asks)
{
	struct cond test = {.bits = 32, .op = OP_EQ, .mask = UINT32_MAX};

	if (asks == UNASKABLE)
		return &cond_unaskable;
	if (asks == NEVER)
		return &cond_never;
	if (asks == NONE)
		return NULL;
	test.value = asks == IS2 ? 2 : 1;
	if (asks == ODD)
		test.mask = 1;
	return cond_test(pool, test);
}

static inline void add_line(struct policy *policy, const struct line *line,
			    int number)
{
	struct layer *layer = policy->layers[line->layer];
	struct rule *rule = policy_add_rule(layer, (struct rule){
		.action = line->action,
		.err = line->err ? line->err - 1 : ERRNO_UNSET,
		.only = line->only,
		.alone = !line->group && !line->listed,
		.group = line->group,
		.at = {layer->file, number}});
	const struct cond *cond = make_cond(&policy->conds, line->asks);
	const struct cond *conds[ABI_COUNT] = {cond, cond, cond};

	rule_add_call(rule, call_of(line->call), conds);
}

static inline struct policy *build(const struct scenario *s)
{
	struct policy *policy = policy_new(ABI_X86_64);
	struct diags diags = DIAGS_INIT;

	for (int i = 0; i < 3; i++) {
		struct layer *layer = policy_add_layer(policy, "f.ini");
		struct setting *set = layer->settings;

		if (s->layer_errno[i])
			set[SET_ERRNO] = (struct setting){s->layer_errno[i],
							  {layer->file, 102}};
		set[SET_FINAL] = (struct setting){s->final >> i & 1,
						  {layer->file, 103}};
		set[SET_DEFAULT] = (struct setting){(int)s->by_default,
						    {layer->file, 100}};
		if (s->kernel)
			set[SET_KERNEL] = (struct setting){s->kernel,
							   {layer->file, 101}};
		if (s->x86)
			set[SET_ARCHITECTURES] = (struct setting){
				1 << ABI_X86_64 | 1 << ABI_X86,
				{layer->file, 104}};
	}
	for (size_t i = 0; i < ARRAY_SIZE(s->lines) && s->lines[i].call; i++)
		add_line(policy, &s->lines[i], (int)i + 1);
	/* some of the random ones contradict themselves: they have a meaning
	 * all the same */
	policy_check(policy, &diags);
	diags_free(&diags);
	return policy;
}

/* What everybody who reads a list relies on. */
static inline void check_list(const struct decision *list)
{
	assert_true(list->n > 0);
	for (size_t i = 0; i < list->n; i++) {
		const struct clause *c = &list->clauses[i];

		assert_int_equal(!c->cond, i == list->n - 1);
		assert_ptr_not_equal(c->cond, &cond_never);
		assert_ptr_not_equal(c->cond, &cond_unaskable);
		if (c->verdict.action != ACTION_DENY)
			assert_int_equal(c->verdict.err, 0);
		assert_int_equal(c->verdict.rule != NULL,
				 c->verdict.kind <= BY_GROUP);
	}
}

static const uint64_t zero[6];

static inline void expect(const struct policy *policy, uint32_t arch, uint32_t nr,
		   const uint64_t *args, struct verdict want)
{
	struct verdict v = decide(policy, arch, nr, args);

	assert_int_equal(v.action, want.action);
	assert_int_equal(v.err, want.err);
	assert_int_equal(v.kind, want.kind);
	assert_int_equal(v.at.line, want.at.line);
}

#endif
