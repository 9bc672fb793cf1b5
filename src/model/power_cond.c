#include "model/power_cond.h"

struct cond use_cond(const struct use_test *test)
{
	return (struct cond){
		.kind = COND_TEST,
		.arg = test->arg,
		.bits = test->bits,
		.op = test->equal ? OP_EQ : OP_NE,
		.mask = test->mask,
		.value = test->value,
	};
}

static const struct cond *cond_of(struct arena *arena,
				  const struct use *use)
{
	const struct cond *all = use->never ? &cond_never : NULL;

	for (int i = 0; i < use->n; i++)
		all = cond_and(arena, cond_test(arena, use_cond(&use->tests[i])),
			       all);
	return all;
}

/* Two values of one argument: what excludes the one need not be said of the
 * other. */
static bool exclude(const struct use *a, const struct use *b)
{
	for (int i = 0; i < a->n; i++)
		for (int j = 0; j < b->n; j++) {
			const struct use_test *x = &a->tests[i];
			const struct use_test *y = &b->tests[j];

			if (x->arg == y->arg && x->mask == y->mask &&
			    x->equal && y->equal && x->value != y->value)
				return true;
		}
	return false;
}

/* What a use of some arguments is good for. */
enum kind { HARMLESS, GOOD, BAD };

struct question {
	uint32_t call;
	powers allowed;
	bool rest_bad; /* what no use names carries what is not allowed */
};

/* False: it says nothing of the arguments. */
static bool kind_of(const struct question *q, const struct power_use *use,
		    enum kind *kind)
{
	if (!use->use.n)
		return false;
	*kind = !use->carries		       ? HARMLESS
		: use->carries & ~q->allowed ? BAD
					       : GOOD;
	return true;
}

/* Is the use apart from all others of this kind? */
static bool is_apart(const struct question *q, const struct use *use,
		     enum kind from)
{
	const struct power_use *other;
	enum kind kind;

	for (size_t i = 0; (other = power_use_at(q->call, i)); i++)
		if (kind_of(q, other, &kind) && kind == from &&
		    !exclude(use, &other->use))
			return false;
	return true;
}

/* Does the condition have to speak of it? */
static bool matters(const struct question *q, const struct use *use,
		    enum kind kind)
{
	switch (kind) {
	case HARMLESS:
		return q->rest_bad || !is_apart(q, use, BAD);
	case GOOD:
		return q->rest_bad;
	case BAD:
		return !q->rest_bad || !is_apart(q, use, GOOD);
	}
	return true;
}

/* Any of the uses of a kind that matter. */
static const struct cond *any_of(const struct question *q,
				 struct arena *arena, enum kind wanted)
{
	const struct cond *any = &cond_never;
	const struct power_use *use;
	enum kind kind;

	for (size_t i = 0; (use = power_use_at(q->call, i)); i++)
		if (kind_of(q, use, &kind) && kind == wanted &&
		    matters(q, &use->use, kind))
			any = cond_or(arena, cond_of(arena, &use->use), any);
	return any;
}

const struct cond *power_cond(struct arena *arena, uint32_t call,
			      powers allowed)
{
	struct question q = {.call = call, .allowed = allowed};
	const struct cond *good = NULL;
	const struct power_use *use;

	if (powers_always(call) & ~allowed)
		return &cond_never;
	for (size_t i = 0; (use = power_use_at(call, i)); i++)
		q.rest_bad |= use->use.rest && use->carries & ~allowed;
	if (q.rest_bad)
		good = any_of(&q, arena, GOOD);
	good = cond_and(arena, good, cond_not(arena, any_of(&q, arena, BAD)));
	return cond_or(arena, any_of(&q, arena, HARMLESS), good);
}
