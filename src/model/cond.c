#include "model/cond.h"

/* (x & 0) == 1: whoever evaluates it without knowing it gets it right. */
const struct cond cond_never = {
	.kind = COND_TEST, .bits = 64, .op = OP_EQ, .mask = 0, .value = 1,
};

static const struct cond *add_node(struct arena *arena, struct cond node)
{
	struct cond *copy = arena_alloc(arena, sizeof(*copy));

	*copy = node;
	return copy;
}

const struct cond *cond_test(struct arena *arena, struct cond test)
{
	test.kind = COND_TEST;
	test.a = test.b = NULL;
	test.mask &= width_mask(test.bits);
	test.value &= width_mask(test.bits);
	return add_node(arena, test);
}

const struct cond *cond_join(struct arena *arena, enum cond_kind kind,
			     const struct cond *a, const struct cond *b)
{
	bool is_or = kind == COND_OR;

	if (!a || b == &cond_never || a == b)
		return is_or ? a : b;
	if (!b || a == &cond_never)
		return is_or ? b : a;
	return add_node(arena, (struct cond){.kind = kind, .a = a, .b = b});
}

const struct cond *cond_not(struct arena *arena, const struct cond *a)
{
	if (!a)
		return &cond_never;
	if (a == &cond_never)
		return NULL;
	if (a->kind == COND_NOT)
		return a->a;
	return add_node(arena, (struct cond){.kind = COND_NOT, .a = a});
}

static bool test_holds(const struct cond *test, const uint64_t args[static 6])
{
	uint64_t arg = args[test->arg] & width_mask(test->bits) & test->mask;
	/* with the sign bit turned round, signed order is unsigned order */
	uint64_t sign = (uint64_t)test->is_signed << (test->bits - 1);
	uint64_t left = arg ^ sign, right = test->value ^ sign;
	const bool answers[] = {
		[OP_EQ] = left == right, [OP_NE] = left != right,
		[OP_LT] = left < right,	 [OP_LE] = left <= right,
		[OP_GT] = left > right,	 [OP_GE] = left >= right,
	};

	return answers[test->op];
}

unsigned cond_args(const struct cond *cond)
{
	unsigned args = 0;

	for (; cond && cond->kind != COND_TEST; cond = cond->b)
		args |= cond_args(cond->a);
	return cond ? args | 1u << cond->arg : args;
}

bool cond_holds(const struct cond *cond, const uint64_t args[static 6])
{
	for (; cond; cond = cond->b) {
		bool is_or = cond->kind == COND_OR;

		if (cond->kind == COND_TEST)
			return test_holds(cond, args);
		if (cond->kind == COND_NOT)
			return !cond_holds(cond->a, args);
		if (cond_holds(cond->a, args) == is_or)
			return is_or;
	}
	return true;
}
