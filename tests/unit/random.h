/* Random numbers for tests that try many things: the same ones every time, so
 * that a failure can be found again. */
#ifndef TEST_RANDOM_H
#define TEST_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct rng {
	uint64_t state; /* anything but 0 */
};

/* xorshift64* */
static inline uint64_t rng_next(struct rng *rng)
{
	rng->state ^= rng->state >> 12;
	rng->state ^= rng->state << 25;
	rng->state ^= rng->state >> 27;
	return rng->state * 0x2545f4914f6cdd1dull;
}

/* 0 to n - 1 */
static inline uint32_t rng_below(struct rng *rng, uint32_t n)
{
	return (uint32_t)((rng_next(rng) >> 32) * n >> 32);
}

/* A number of the kind that boundaries are made of: small, one bit, a run of
 * bits, a neighbour of one of these, or anything. */
static inline uint64_t rng_edge(struct rng *rng)
{
	uint64_t bit = 1ull << rng_below(rng, 64);

	switch (rng_below(rng, 6)) {
	case 0:
		return rng_below(rng, 8);
	case 1:
		return bit;
	case 2:
		return bit - 1;
	case 3:
		return ~(bit - 1);
	case 4:
		return 0x80000000ull + rng_below(rng, 3) - 1;
	default:
		return rng_next(rng);
	}
}

#endif
