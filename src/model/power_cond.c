#include "model/power_cond.h"

#include "base/util.h"

const struct cond *use_cond(struct arena *arena, const struct use *use)
{
	const struct cond *all = use->never ? &cond_never : NULL;

	for (int i = 0; i < use->n; i++) {
		const struct use_test *test = &use->tests[i];
		struct cond cond = {
			.arg = test->arg,
			.bits = test->bits,
			.op = test->equal ? OP_EQ : OP_NE,
			.mask = test->mask,
			.value = test->value,
		};

		all = cond_and(arena, cond_test(arena, cond), all);
	}
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

const struct cond *use_cond_alone(struct arena *arena, const struct use *use)
{
	const struct cond *all = use_cond(arena, use);

	for (const struct power_use *other = power_uses(use->call); other;
	     other = other->next)
		if (other->use.n && !other->carries &&
		    !streq(other->use.label, use->label) &&
		    !exclude(use, &other->use))
			all = cond_and(arena, all, cond_not(
				arena, use_cond(arena, &other->use)));
	return all;
}

/* What a use is good for; OF_ALL: it says nothing of the arguments. */
enum kind { OF_ALL, HARMLESS, GOOD, BAD };

struct question {
	uint32_t call;
	powers allowed;
	bool rest_bad; /* what no use names carries what is not allowed */
};

static enum kind kind_of(const struct question *q, const struct power_use *use)
{
	if (!use->use.n)
		return OF_ALL;
	if (!use->carries)
		return HARMLESS;
	return use->carries & ~q->allowed ? BAD : GOOD;
}

/* Is the use apart from all others of this kind? */
static bool is_apart(const struct question *q, const struct use *use,
		     enum kind from)
{
	for (const struct power_use *other = power_uses(q->call); other;
	     other = other->next)
		if (kind_of(q, other) == from && !exclude(use, &other->use))
			return false;
	return true;
}

/* Does the condition have to speak of it? */
static bool matters(const struct question *q, const struct use *use,
		    enum kind kind)
{
	if (kind == GOOD)
		return q->rest_bad;
	if (kind == HARMLESS)
		return q->rest_bad || !is_apart(q, use, BAD);
	return !q->rest_bad || !is_apart(q, use, GOOD);
}

/* Any of the uses of a kind that matter. */
static const struct cond *any_of(const struct question *q,
				 struct arena *arena, enum kind wanted)
{
	const struct cond *any = &cond_never;

	for (const struct power_use *use = power_uses(q->call); use;
	     use = use->next)
		if (kind_of(q, use) == wanted && matters(q, &use->use, wanted))
			any = cond_or(arena, use_cond(arena, &use->use), any);
	return any;
}

const struct cond *power_cond(struct arena *arena, uint32_t call,
			      powers allowed)
{
	struct question q = {.call = call, .allowed = allowed};
	const struct cond *good;

	if (powers_always(call) & ~allowed)
		return &cond_never;
	for (const struct power_use *use = power_uses(call); use;
	     use = use->next)
		q.rest_bad |= use->use.rest && use->carries & ~allowed;
	good = q.rest_bad ? any_of(&q, arena, GOOD) : NULL;
	good = cond_and(arena, good, cond_not(arena, any_of(&q, arena, BAD)));
	return cond_or(arena, any_of(&q, arena, HARMLESS), good);
}
