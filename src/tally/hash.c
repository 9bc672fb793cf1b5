#include "tally/hash.h"

#include <stdlib.h>

#include "base/util.h"

enum { FIRST_BUCKETS = 64 };

static struct hash_node **bucket_of(const struct hash *table, uint64_t hash)
{
	return &table->buckets[hash & (table->n_buckets - 1)];
}

static void push(struct hash *table, struct hash_node *node)
{
	struct hash_node **bucket = bucket_of(table, node->hash);

	node->next = *bucket;
	*bucket = node;
}

static void widen(struct hash *table)
{
	struct hash old = *table;

	table->n_buckets = old.n_buckets ? old.n_buckets * 2 : FIRST_BUCKETS;
	table->buckets = xcalloc(table->n_buckets, sizeof(struct hash_node *));
	for (size_t i = 0; i < old.n_buckets; i++) {
		struct hash_node *next;

		for (struct hash_node *node = old.buckets[i]; node;
		     node = next) {
			next = node->next;
			push(table, node);
		}
	}
	free(old.buckets);
}

void hash_insert(struct hash *table, struct hash_node *node, uint64_t hash)
{
	if (table->n == table->n_buckets)
		widen(table);
	node->hash = hash;
	push(table, node);
	table->n++;
}

void hash_remove(struct hash *table, struct hash_node *node)
{
	struct hash_node **at = bucket_of(table, node->hash);

	while (*at != node)
		at = &(*at)->next;
	*at = node->next;
	table->n--;
}

void hash_release(struct hash *table)
{
	free(table->buckets);
	*table = HASH_INIT;
}
