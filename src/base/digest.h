/* A 128-bit digest of what is added to it: SipHash-2-4 with a fixed, public
 * key (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012).
 *
 * It tells inputs apart that nobody chose to collide.  Who wants to can find
 * collisions, since the key is no secret: use it where that does no harm. */
#ifndef SANDBOX_DIGEST_H
#define SANDBOX_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define DIGEST_SIZE 16

struct digest {
	uint64_t v[4];
	uint64_t tail; /* the last n % 8 bytes */
	size_t n;      /* bytes so far */
};

void digest_start(struct digest *digest);
void digest_add(struct digest *digest, const void *bytes, size_t n);
/* Its eight bytes, the lowest first. */
void digest_add_u64(struct digest *digest, uint64_t value);
/* With the NUL at its end, so that no two texts can be cut differently. */
void digest_add_text(struct digest *digest, const char *text);
void digest_end(struct digest *digest, unsigned char out[static DIGEST_SIZE]);

#endif
