#include "filter/argtest.h"

#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/util.h"

/* One comparison, or (of a leaf) one RET. */
struct block {
	diagram node;
	struct diagram_node top; /* blocks are laid out by the first bit asked */
	uint32_t mask, k;
	diagram greater, equal, less; /* DIAGRAM_NONE: cannot happen */
	size_t at;                    /* its first instruction */
};

struct layout {
	const struct diagram_store *store;
	struct block *blocks;
	size_t n, cap;
	struct program *program;
	size_t start; /* of the first block */
	bool is_far;  /* far jumps go through JA, two a comparison */
};

/* Of the argument words; of a leaf one that there is not. */
static uint32_t word_of(struct diagram_node node)
{
	return node.bit / 32;
}

/* Goes down one bit of the run: along the child for this value of the bit, with
 * the other one as an exit.  False if another bit has that exit already. */
static bool follow(struct block *block, struct diagram_node node, bool one)
{
	diagram *exit = one ? &block->less : &block->greater;
	diagram other = one ? node.lo : node.hi;
	uint32_t bit = 1u << (31 - node.bit % 32);

	if (*exit && *exit != other)
		return false;
	*exit = other;
	block->mask |= bit;
	if (one)
		block->k |= bit;
	block->equal = one ? node.hi : node.lo;
	return true;
}

static bool extend(const struct diagram_store *store, struct block *block)
{
	struct diagram_node node = diagram_node(store, block->equal);
	uint32_t word = word_of(block->top);
	bool one;

	if (node.bit == DIAGRAM_LEAF || word_of(node) != word)
		return false;
	one = word_of(diagram_node(store, node.hi)) == word ||
	      word_of(diagram_node(store, node.lo)) != word;
	return follow(block, node, one) || follow(block, node, !one);
}

static const struct block *block_of(const struct layout *layout, diagram node)
{
	for (size_t i = 0; i < layout->n; i++)
		if (layout->blocks[i].node == node)
			return &layout->blocks[i];
	return NULL;
}

static void want(struct layout *layout, diagram node)
{
	struct block block = {.node = node, .equal = node};

	if (!node || block_of(layout, node))
		return;
	block.top = diagram_node(layout->store, node);
	while (extend(layout->store, &block))
		;
	push(layout->blocks, layout->n, layout->cap) = block;
}

static int by_bit(const void *a, const void *b)
{
	const struct block *x = a, *y = b;

	if (x->top.bit != y->top.bit)
		return x->top.bit < y->top.bit ? -1 : 1;
	return x->node < y->node ? -1 : x->node > y->node;
}

static bool is_three_way(const struct block *block)
{
	return block->greater && block->less && block->greater != block->less;
}

/* Where each block starts, and where the last one ends. */
static size_t place(struct layout *layout)
{
	size_t at = 0;

	for (size_t i = 0; i < layout->n; i++) {
		struct block *block = &layout->blocks[i];
		size_t tests = 1 + is_three_way(block);

		block->at = at++;
		if (block->top.bit != DIAGRAM_LEAF)
			at += (block->mask != UINT32_MAX) + tests +
			      (layout->is_far ? tests + 1 : 0);
	}
	return at;
}

/* From the instruction that comes next. */
static uint32_t distance(const struct layout *layout, diagram to)
{
	return (uint32_t)(layout->start + block_of(layout, to)->at -
			  layout->program->n - 1);
}

/* If the comparison is true to yes, else to no (NONE: falls through). */
static void put_test(struct layout *layout, uint16_t code, uint32_t k,
		     diagram yes, diagram no)
{
	struct program *to = layout->program;

	if (!layout->is_far) {
		program_put(to, code, k, (uint8_t)distance(layout, yes),
			    no ? (uint8_t)distance(layout, no) : 0);
		return;
	}
	program_put(to, code, k, 0, 1);
	program_put(to, BPF_JMP | BPF_JA, distance(layout, yes), 0, 0);
	if (no)
		program_put(to, BPF_JMP | BPF_JA, distance(layout, no), 0, 0);
}

/* seccomp_data.args, little endian: the diagram's words come high half first. */
static uint32_t offset_of(uint32_t word)
{
	return (uint32_t)offsetof(struct seccomp_data, args) + 4 * (word ^ 1);
}

static void put_block(struct layout *layout, const struct block *block)
{
	struct program *to = layout->program;

	if (block->top.bit == DIAGRAM_LEAF) {
		program_put(to, BPF_RET | BPF_K, block->top.lo, 0, 0);
		return;
	}
	program_put(to, BPF_LD | BPF_W | BPF_ABS,
		    offset_of(word_of(block->top)), 0, 0);
	if (block->mask != UINT32_MAX)
		program_put(to, BPF_ALU | BPF_AND | BPF_K, block->mask, 0, 0);
	if (is_three_way(block))
		put_test(layout, BPF_JMP | BPF_JGT | BPF_K, block->k,
			 block->greater, DIAGRAM_NONE);
	put_test(layout, BPF_JMP | BPF_JEQ | BPF_K, block->k, block->equal,
		 block->less ? block->less : block->greater);
}

int argtest_append(struct program *program, const struct diagram_store *store,
		   diagram answer)
{
	struct layout layout = {
		.store = store, .program = program, .start = program->n};
	size_t size;

	want(&layout, answer);
	for (size_t i = 0; i < layout.n && layout.n <= PROGRAM_MAX; i++) {
		struct block block = layout.blocks[i]; /* the array may move */

		want(&layout, block.greater);
		want(&layout, block.less);
		want(&layout, block.equal);
	}
	/* Every block leads to later bits or to a RET: jumps go forward. */
	qsort(layout.blocks, layout.n, sizeof(*layout.blocks), by_bit);
	layout.is_far = place(&layout) > UINT8_MAX;
	size = place(&layout);
	for (size_t i = 0; i < layout.n && size <= PROGRAM_MAX; i++)
		put_block(&layout, &layout.blocks[i]);
	free(layout.blocks);
	return size <= PROGRAM_MAX ? 0 : -1;
}
