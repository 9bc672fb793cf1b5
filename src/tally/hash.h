/* A chained hash table of nodes that live inside their owners' structures
 * (as the first member, so that a node is its owner).
 *
 * The table owns the buckets only.  hash_first() and hash_next() walk the nodes
 * with one hash; whether the keys are the same is for the caller to compare.
 */
#ifndef SANDBOX_HASH_H
#define SANDBOX_HASH_H

#include <stddef.h>
#include <stdint.h>

struct hash_node {
	struct hash_node *next;
	uint64_t hash;
};

struct hash {
	struct hash_node **buckets; /* NULL while empty */
	size_t n_buckets;           /* a power of two */
	size_t n;
};

#define HASH_INIT ((struct hash){0})

void hash_insert(struct hash *table, struct hash_node *node, uint64_t hash);
void hash_remove(struct hash *table, struct hash_node *node);
void hash_release(struct hash *table); /* frees the buckets, not the nodes */

/* Mixes one more word into a hash; start with any constant. */
static inline uint64_t hash_mix(uint64_t hash, uint64_t word)
{
	uint64_t x = (hash ^ word) * 0x9e3779b97f4a7c15u;

	x = (x ^ x >> 32) * 0xd6e8feb86659fd93u;
	return x ^ x >> 29;
}

static inline struct hash_node *hash_skip(struct hash_node *node,
					  uint64_t hash)
{
	while (node && node->hash != hash)
		node = node->next;
	return node;
}

static inline struct hash_node *hash_first(const struct hash *table,
					   uint64_t hash)
{
	if (!table->buckets)
		return NULL;
	return hash_skip(table->buckets[hash & (table->n_buckets - 1)], hash);
}

static inline struct hash_node *hash_next(const struct hash_node *node)
{
	return hash_skip(node->next, node->hash);
}

#endif
