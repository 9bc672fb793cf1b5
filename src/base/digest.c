#include "base/digest.h"

#include <string.h>

/* Bytes 0 to 15, as in the authors' test vectors. */
static const uint64_t key[2] = {0x0706050403020100, 0x0f0e0d0c0b0a0908};

static uint64_t rotate(uint64_t x, unsigned by)
{
	return x << by | x >> (64 - by);
}

static inline void turn(uint64_t v[static 4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] = rotate(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] = rotate(v[2], 32);
}

static void compress(struct digest *digest, uint64_t word)
{
	digest->v[3] ^= word;
	turn(digest->v);
	turn(digest->v);
	digest->v[0] ^= word;
}

void digest_start(struct digest *digest)
{
	static const char initial[] = "somepseudorandomlygeneratedbytes";

	*digest = (struct digest){0};
	for (int i = 0; i < 4; i++) {
		for (int j = 0; j < 8; j++)
			digest->v[i] = digest->v[i] << 8 |
				       (unsigned char)initial[8 * i + j];
		digest->v[i] ^= key[i % 2];
	}
	digest->v[1] ^= 0xee;
}

static void add_byte(struct digest *digest, unsigned char byte)
{
	digest->tail |= (uint64_t)byte << digest->n % 8 * 8;
	if (++digest->n % 8)
		return;
	compress(digest, digest->tail);
	digest->tail = 0;
}

void digest_add(struct digest *digest, const void *bytes, size_t n)
{
	const unsigned char *byte = bytes;

	while (n--)
		add_byte(digest, *byte++);
}

void digest_add_u64(struct digest *digest, uint64_t value)
{
	unsigned held = digest->n % 8 * 8;

	digest->n += 8;
	compress(digest, digest->tail | value << held);
	digest->tail = held ? value >> (64 - held) : 0;
}

void digest_add_text(struct digest *digest, const char *text)
{
	digest_add(digest, text, strlen(text) + 1);
}

void digest_end(struct digest *digest, unsigned char out[static DIGEST_SIZE])
{
	uint64_t *v = digest->v;

	compress(digest, digest->tail | (uint64_t)digest->n << 56);
	v[2] ^= 0xee;
	for (int half = 0; half < 2; half++) {
		for (int i = 0; i < 4; i++)
			turn(v);
		for (int i = 0; i < 8; i++)
			out[8 * half + i] = (unsigned char)(
				(v[0] ^ v[1] ^ v[2] ^ v[3]) >> 8 * i);
		v[1] ^= 0xdd;
	}
}
