/* A program for people to read, in one of two ways.
 *
 * Both know the opcodes that the proof understands (prover_walk.h); any other is
 * shown as its number. */
#ifndef SANDBOX_LISTING_H
#define SANDBOX_LISTING_H

#include <stdio.h>

#include "filter/program.h"

/* Instruction by instruction, numbered, as `tcpdump -d` does:
 *
 *     (000) ld       [4]
 *     (001) jeq      #0xc000003e      jt 2    jf 340 */
void listing_raw(FILE *out, const struct program *program);

/* Statements with labels where jumps lead, and names for what is compared:
 *
 *     A = arch
 *     if (A != x86_64) goto L340
 *     A = nr
 *     if (A == 257 openat) goto L12 else goto L40 */
void listing_pseudo(FILE *out, const struct program *program);

#endif
