#include "model/diagram.h"

#include <stdlib.h>

#include "base/util.h"

struct ite_result {
	diagram test, yes, no, result;
};

/* Tables start small because a fresh page costs more than all the work of an
 * ordinary policy; the launch gate alone takes some 300 nodes. */
#define FIRST_CAP (1u << 9)
#define FIRST_RESULTS (1u << 7)

/* Steps of ite_of_halves() that are worth taking, per node of the budget: the
 * memory of results is lossy, so nodes alone do not bound the work. */
#define STEPS_PER_NODE 32

struct diagram_store {
	struct diagram_node *nodes;
	uint32_t n, cap, budget;
	diagram *slots; /* open-addressed index of nodes, 2 * cap; 0: free */
	struct ite_result *results; /* what was known last is kept */
	uint32_t n_results;
	uint64_t steps;
	diagram leaf; /* the last that was asked for, or DIAGRAM_NONE */
};

static uint32_t mix(uint32_t a, uint32_t b, uint32_t c)
{
	uint64_t h = a * 0x9e3779b97f4a7c15ull ^ b * 0xd6e8feb86659fd93ull ^
		     c * 0xa0761d6478bd642full;

	return (uint32_t)(h >> 32) ^ (uint32_t)(h >> 15);
}

struct diagram_store *diagram_store_new(uint32_t budget)
{
	struct diagram_store *store = xcalloc(1, sizeof(*store));

	store->budget = budget;
	store->cap = FIRST_CAP;
	store->nodes = xmalloc(store->cap * sizeof(*store->nodes));
	store->slots = xmalloc(2 * store->cap * sizeof(*store->slots));
	store->n_results = FIRST_RESULTS;
	store->results = xmalloc(store->n_results * sizeof(*store->results));
	diagram_store_reset(store);
	return store;
}

void diagram_store_free(struct diagram_store *store)
{
	if (!store)
		return;
	free(store->nodes);
	free(store->slots);
	free(store->results);
	free(store);
}

void diagram_store_reset(struct diagram_store *store)
{
	memset(store->slots, 0, 2 * store->cap * sizeof(*store->slots));
	memset(store->results, 0, store->n_results * sizeof(*store->results));
	store->steps = 0;
	store->nodes[DIAGRAM_NONE] = (struct diagram_node){DIAGRAM_LEAF, 0, 0};
	store->n = DIAGRAM_NONE + 1;
	store->leaf = DIAGRAM_NONE;
	diagram_leaf(store, 0); /* DIAGRAM_FALSE */
	diagram_leaf(store, 1); /* DIAGRAM_TRUE */
}

uint32_t diagram_store_size(const struct diagram_store *store)
{
	return store->n;
}

/* The slot that holds this node, or the free one where it belongs. */
static inline diagram *find_slot(struct diagram_store *store, struct diagram_node node)
{
	uint32_t mask = 2 * store->cap - 1;
	uint32_t i = mix(node.bit, node.lo, node.hi) & mask;

	for (;; i = (i + 1) & mask) {
		const struct diagram_node *at = &store->nodes[store->slots[i]];

		if (!store->slots[i] ||
		    (at->bit == node.bit && at->lo == node.lo &&
		     at->hi == node.hi))
			return &store->slots[i];
	}
}

static bool grow_store(struct diagram_store *store)
{
	if (store->cap * 2 > store->budget)
		return false;
	store->cap *= 2;
	store->nodes =
		xreallocarray(store->nodes, store->cap, sizeof(*store->nodes));
	free(store->slots);
	store->slots = xcalloc(2 * store->cap, sizeof(*store->slots));
	for (diagram d = DIAGRAM_FALSE; d < store->n; d++)
		*find_slot(store, store->nodes[d]) = d;
	free(store->results);
	store->n_results = store->cap;
	store->results = xcalloc(store->n_results, sizeof(*store->results));
	return true;
}

static diagram intern(struct diagram_store *store, struct diagram_node node)
{
	diagram *slot = find_slot(store, node);

	if (*slot)
		return *slot;
	if (store->n == store->cap) {
		if (!grow_store(store))
			return DIAGRAM_NONE;
		slot = find_slot(store, node);
	}
	store->nodes[store->n] = node;
	return *slot = store->n++;
}

/* Numbers in a row mostly have the same. */
diagram diagram_leaf(struct diagram_store *store, uint32_t value)
{
	if (!store->leaf || store->nodes[store->leaf].lo != value)
		store->leaf = intern(store, (struct diagram_node){
						    DIAGRAM_LEAF, value, 0});
	return store->leaf;
}

static diagram make(struct diagram_store *store, uint32_t var, diagram lo,
		    diagram hi)
{
	if (!lo || !hi)
		return DIAGRAM_NONE;
	return lo == hi ? lo : intern(store, (struct diagram_node){var, lo, hi});
}

/* The two halves of d on both sides of var. */
static struct diagram_node halves(const struct diagram_store *store, diagram d,
			  uint32_t var)
{
	struct diagram_node node = store->nodes[d];

	return node.bit == var ? node : (struct diagram_node){var, d, d};
}

static uint32_t top_var(const struct diagram_store *store, diagram a, diagram b)
{
	uint32_t va = store->nodes[a].bit, vb = store->nodes[b].bit;

	return va < vb ? va : vb;
}

static diagram ite_of_halves(struct diagram_store *store, diagram test,
			     diagram yes, diagram no)
{
	uint32_t hash = mix(test, yes, no), var;
	const struct ite_result *known =
		&store->results[hash & (store->n_results - 1)];
	struct diagram_node t, y, n;
	diagram lo, hi, result;

	if (known->test == test && known->yes == yes && known->no == no)
		return known->result;
	if (store->steps++ > (uint64_t)store->budget * STEPS_PER_NODE)
		return DIAGRAM_NONE;
	var = top_var(store, test, yes);
	var = var < store->nodes[no].bit ? var : store->nodes[no].bit;
	t = halves(store, test, var);
	y = halves(store, yes, var);
	n = halves(store, no, var);
	lo = diagram_ite(store, t.lo, y.lo, n.lo);
	hi = diagram_ite(store, t.hi, y.hi, n.hi);
	result = make(store, var, lo, hi);
	/* not through `known`: the table may have moved */
	store->results[hash & (store->n_results - 1)] =
		(struct ite_result){test, yes, no, result};
	return result;
}

diagram diagram_ite(struct diagram_store *store, diagram test, diagram yes,
		    diagram no)
{
	if (!test || !yes || !no)
		return DIAGRAM_NONE;
	if (yes == no || test == DIAGRAM_TRUE)
		return yes;
	if (test == DIAGRAM_FALSE)
		return no;
	if (yes == DIAGRAM_TRUE && no == DIAGRAM_FALSE)
		return test;
	return ite_of_halves(store, test, yes, no);
}

diagram diagram_and(struct diagram_store *store, diagram a, diagram b)
{
	return diagram_ite(store, a, b, DIAGRAM_FALSE);
}

diagram diagram_or(struct diagram_store *store, diagram a, diagram b)
{
	return diagram_ite(store, a, DIAGRAM_TRUE, b);
}

diagram diagram_not(struct diagram_store *store, diagram a)
{
	return diagram_ite(store, a, DIAGRAM_FALSE, DIAGRAM_TRUE);
}

/* What a bit says, if the bits below it say `rest`. */
static diagram compare_bit(enum compare op, bool bit, bool k, diagram rest)
{
	if (bit == k)
		return rest;
	return op != COMPARE_EQ && bit ? DIAGRAM_TRUE : DIAGRAM_FALSE;
}

diagram diagram_compare(struct diagram_store *store, enum compare op,
			struct field field, uint64_t k)
{
	uint32_t bottom = field.arg * 64u + 63 - field.shift;
	diagram result = op == COMPARE_EQ || op == COMPARE_GE ? DIAGRAM_TRUE
							      : DIAGRAM_FALSE;

	for (uint32_t i = 0; i < field.bits; i++) {
		bool flip = field.flip >> i & 1, k_bit = k >> i & 1;
		diagram lo = compare_bit(op, flip, k_bit, result);
		diagram hi = compare_bit(op, !flip, k_bit, result);

		result = field.mask >> i & 1 ? make(store, bottom - i, lo, hi)
					     : lo;
	}
	return result;
}

/* How each operator of a condition is one of the comparisons, or its
 * negation. */
static const struct {
	enum compare compare;
	bool negated;
} operators[] = {
	[OP_EQ] = {COMPARE_EQ, false}, [OP_NE] = {COMPARE_EQ, true},
	[OP_LT] = {COMPARE_GE, true}, [OP_LE] = {COMPARE_GT, true},
	[OP_GT] = {COMPARE_GT, false}, [OP_GE] = {COMPARE_GE, false},
};

static diagram of_test(struct diagram_store *store, const struct cond *cond)
{
	/* With the sign bit turned round, signed order is unsigned order. */
	uint64_t sign = (uint64_t)cond->is_signed << (cond->bits - 1);
	struct field field = {.arg = cond->arg, .bits = cond->bits,
			      .mask = cond->mask, .flip = sign};
	diagram result = diagram_compare(store, operators[cond->op].compare,
					 field, cond->value ^ sign);

	return operators[cond->op].negated ? diagram_not(store, result)
					   : result;
}

/* Down along b without calling itself, and up again. */
diagram diagram_of_cond(struct diagram_store *store, const struct cond *cond)
{
	cleanup_free const struct cond **pairs = NULL;
	size_t n = 0, cap = 0;
	diagram result;

	for (; cond && (cond->kind == COND_AND || cond->kind == COND_OR);
	     cond = cond->b)
		push(pairs, n, cap) = cond;
	if (!cond)
		result = DIAGRAM_TRUE;
	else if (cond->kind == COND_TEST)
		result = of_test(store, cond);
	else
		result = diagram_not(store, diagram_of_cond(store, cond->a));
	while (n-- > 0) {
		diagram a = diagram_of_cond(store, pairs[n]->a);

		result = pairs[n]->kind == COND_AND
				 ? diagram_and(store, a, result)
				 : diagram_or(store, a, result);
	}
	return result;
}

diagram diagram_of_decision(struct diagram_store *store,
			    const struct decision *decision,
			    diagram_leaf_fn *leaf, const void *context)
{
	diagram result = DIAGRAM_NONE;

	/* From the last clause, which has no condition, to the first. */
	for (size_t i = decision->n; i-- > 0;) {
		const struct clause *clause = &decision->clauses[i];
		diagram yes =
			diagram_leaf(store, leaf(&clause->verdict, context));

		if (!clause->cond)
			result = yes;
		else if (yes != result)
			result = diagram_ite(
				store, diagram_of_cond(store, clause->cond),
				yes, result);
	}
	return result;
}

uint32_t diagram_eval(const struct diagram_store *store, diagram d,
		      const uint64_t args[static 6])
{
	const struct diagram_node *node = &store->nodes[d];

	while (node->bit != DIAGRAM_LEAF) {
		bool bit = args[node->bit / 64] >> (63 - node->bit % 64) & 1;

		node = &store->nodes[bit ? node->hi : node->lo];
	}
	return node->lo;
}

bool diagram_differ(const struct diagram_store *store, diagram a, diagram b,
		    uint64_t args[static 6])
{
	memset(args, 0, 6 * sizeof(*args));
	if (a == b)
		return false;
	for (uint32_t var; (var = top_var(store, a, b)) != DIAGRAM_LEAF;) {
		struct diagram_node x = halves(store, a, var);
		struct diagram_node y = halves(store, b, var);
		bool bit = x.lo == y.lo; /* then the other halves differ */

		args[var / 64] |= (uint64_t)bit << (63 - var % 64);
		a = bit ? x.hi : x.lo;
		b = bit ? y.hi : y.lo;
	}
	return true;
}

struct diagram_node diagram_node(const struct diagram_store *store, diagram d)
{
	return store->nodes[d];
}
