#include "filter/argtest.h"

#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/util.h"

/* One comparison, or (leaf) one RET. */
struct block {
	diagram node;
	uint32_t var; /* the first bit asked: blocks are laid out by it */
	bool is_leaf;
	uint32_t leaf;
	uint32_t word, mask, k;
	diagram greater, equal, less; /* DIAGRAM_NONE: cannot happen */
	size_t at;                    /* its first instruction */
};

struct layout {
	const struct diagram_store *store;
	struct block *blocks;
	size_t n, cap;
};

static bool in_word(const struct diagram_store *store, diagram d, uint32_t word)
{
	uint32_t var;
	diagram lo, hi;

	return diagram_branch(store, d, &var, &lo, &hi) && var / 32 == word;
}

/* Goes down one bit of the run: along `onward` for this value of the bit, with
 * the other child as an exit.  False if another bit has that exit already. */
static bool follow(struct block *block, uint32_t bit, bool one, diagram onward,
		   diagram other)
{
	diagram *exit = one ? &block->less : &block->greater;

	if (*exit && *exit != other)
		return false;
	*exit = other;
	block->mask |= bit;
	if (one)
		block->k |= bit;
	block->equal = onward;
	return true;
}

static bool extend(const struct diagram_store *store, struct block *block)
{
	uint32_t var, bit;
	diagram lo, hi;
	bool prefer_one;

	if (!diagram_branch(store, block->equal, &var, &lo, &hi) ||
	    var / 32 != block->word)
		return false;
	bit = 1u << (31 - var % 32);
	prefer_one = in_word(store, hi, block->word) ||
		     !in_word(store, lo, block->word);
	if (prefer_one)
		return follow(block, bit, true, hi, lo) ||
		       follow(block, bit, false, lo, hi);
	return follow(block, bit, false, lo, hi) ||
	       follow(block, bit, true, hi, lo);
}

static void make_block(const struct diagram_store *store, struct block *block)
{
	uint32_t var;
	diagram lo, hi;

	if (!diagram_branch(store, block->node, &var, &lo, &hi)) {
		block->is_leaf = true;
		block->leaf = diagram_leaf_value(store, block->node);
		block->var = UINT32_MAX;
		return;
	}
	block->var = var;
	block->word = var / 32;
	block->equal = block->node;
	while (extend(store, block))
		;
}

static void want(struct layout *layout, diagram node)
{
	if (!node)
		return;
	for (size_t i = 0; i < layout->n; i++)
		if (layout->blocks[i].node == node)
			return;
	layout->blocks = grow(layout->blocks, layout->n, &layout->cap,
			      sizeof(*layout->blocks));
	layout->blocks[layout->n] = (struct block){.node = node};
	make_block(layout->store, &layout->blocks[layout->n++]);
}

static int by_var(const void *a, const void *b)
{
	const struct block *x = a, *y = b;

	if (x->var != y->var)
		return x->var < y->var ? -1 : 1;
	return x->node < y->node ? -1 : x->node > y->node;
}

static const struct block *block_of(const struct layout *layout, diagram node)
{
	for (size_t i = 0; i < layout->n; i++)
		if (layout->blocks[i].node == node)
			return &layout->blocks[i];
	return NULL;
}

static bool is_three_way(const struct block *block)
{
	return block->greater && block->less && block->greater != block->less;
}

/* Where each block starts. Far jumps go through JA, two a comparison. */
static size_t place(struct layout *layout, bool is_far)
{
	size_t at = 0;

	for (size_t i = 0; i < layout->n; i++) {
		struct block *block = &layout->blocks[i];

		block->at = at;
		if (block->is_leaf)
			at += 1;
		else
			at += 1 + (block->mask != UINT32_MAX) + 1 +
			      is_three_way(block) +
			      (is_far ? 2 + is_three_way(block) : 0);
	}
	return at;
}

static struct sock_filter jump(const struct layout *layout, size_t from,
			       diagram to)
{
	return (struct sock_filter)BPF_STMT(
		BPF_JMP | BPF_JA,
		(uint32_t)(block_of(layout, to)->at - from - 1));
}

static void append_near(struct program *program, const struct layout *layout,
			const struct block *block, size_t at, diagram otherwise)
{
	if (is_three_way(block)) {
		program_append(program, (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JGT | BPF_K, block->k,
			jump(layout, at, block->greater).k & 0xff, 0));
		at++;
	}
	program_append(program, (struct sock_filter)BPF_JUMP(
		BPF_JMP | BPF_JEQ | BPF_K, block->k,
		jump(layout, at, block->equal).k & 0xff,
		jump(layout, at, otherwise).k & 0xff));
}

static void append_far(struct program *program, const struct layout *layout,
		       const struct block *block, size_t at, diagram otherwise)
{
	if (is_three_way(block)) {
		program_append(program, (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JGT | BPF_K, block->k, 0, 1));
		program_append(program, jump(layout, at + 1, block->greater));
		at += 2;
	}
	program_append(program, (struct sock_filter)BPF_JUMP(
		BPF_JMP | BPF_JEQ | BPF_K, block->k, 0, 1));
	program_append(program, jump(layout, at + 1, block->equal));
	program_append(program, jump(layout, at + 2, otherwise));
}

/* seccomp_data.args, little endian: the diagram's words come high half first. */
static uint32_t offset_of(uint32_t word)
{
	return (uint32_t)offsetof(struct seccomp_data, args) + 4 * (word ^ 1);
}

static void append_block(struct program *program, const struct layout *layout,
			 const struct block *block, bool is_far)
{
	size_t at = block->at;

	if (block->is_leaf) {
		program_append(program, (struct sock_filter)BPF_STMT(
			BPF_RET | BPF_K, block->leaf));
		return;
	}
	program_append(program, (struct sock_filter)BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, offset_of(block->word)));
	at++;
	if (block->mask != UINT32_MAX) {
		program_append(program, (struct sock_filter)BPF_STMT(
			BPF_ALU | BPF_AND | BPF_K, block->mask));
		at++;
	}
	(is_far ? append_far : append_near)(
		program, layout, block, at,
		block->less ? block->less : block->greater);
}

int argtest_append(struct program *program, const struct diagram_store *store,
		   diagram answer)
{
	struct layout layout = {.store = store};
	bool is_far;

	want(&layout, answer);
	for (size_t i = 0; i < layout.n && layout.n <= PROGRAM_MAX; i++) {
		struct block block = layout.blocks[i]; /* the array may move */

		want(&layout, block.greater);
		want(&layout, block.less);
		if (!block.is_leaf)
			want(&layout, block.equal);
	}
	/* Every block leads to later bits or to a RET: jumps go forward. */
	qsort(layout.blocks, layout.n, sizeof(*layout.blocks), by_var);
	is_far = place(&layout, false) > UINT8_MAX;
	if (place(&layout, is_far) > PROGRAM_MAX) {
		free(layout.blocks);
		return -1;
	}
	for (size_t i = 0; i < layout.n; i++)
		append_block(program, &layout, &layout.blocks[i], is_far);
	free(layout.blocks);
	return 0;
}
