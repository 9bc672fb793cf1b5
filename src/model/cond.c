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

const struct cond *cond_and(struct arena *arena, const struct cond *a,
			    const struct cond *b)
{
	if (!a || b == &cond_never || a == b)
		return b;
	if (!b || a == &cond_never)
		return a;
	return add_node(arena, (struct cond){.kind = COND_AND, .a = a, .b = b});
}

const struct cond *cond_or(struct arena *arena, const struct cond *a,
			   const struct cond *b)
{
	if (!a || b == &cond_never || a == b)
		return a;
	if (!b || a == &cond_never)
		return b;
	return add_node(arena, (struct cond){.kind = COND_OR, .a = a, .b = b});
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

	switch (test->op) {
	case OP_EQ:
		return left == right;
	case OP_NE:
		return left != right;
	case OP_LT:
		return left < right;
	case OP_LE:
		return left <= right;
	case OP_GT:
		return left > right;
	case OP_GE:
		return left >= right;
	}
	return false;
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
	while (cond) {
		switch (cond->kind) {
		case COND_TEST:
			return test_holds(cond, args);
		case COND_NOT:
			return !cond_holds(cond->a, args);
		case COND_AND:
			if (!cond_holds(cond->a, args))
				return false;
			break;
		case COND_OR:
			if (cond_holds(cond->a, args))
				return true;
			break;
		}
		cond = cond->b;
	}
	return true;
}
