/* What the fuzz targets share.  A target is one function; libFuzzer calls it
 * with what it makes up (make fuzz), replay.c with the files of the corpus
 * (make check).  A finding is a crash, a sanitizer's report or abort(). */
#ifndef FUZZ_H
#define FUZZ_H

#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "filter/gate.h"
#include "filter/program.h"
#include "model/policy.h"
#include "../unit/random.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In place of assert(), which NDEBUG takes away. */
#define MUST(condition)                                                        \
	do {                                                                   \
		if (!(condition)) {                                            \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__,       \
				__LINE__, #condition);                         \
			abort();                                               \
		}                                                              \
	} while (0)

/* The rest of what a target needs follows from its input, so that a finding
 * can be had again. */
struct rng fuzz_rng(const uint8_t *data, size_t size);

/* The input as a text. */
char *fuzz_text(const uint8_t *data, size_t size);

/* A folder of this process alone, removed at its end, and the path of a file
 * in it, static. */
const char *fuzz_folder(void);
void fuzz_write(const char *path, const uint8_t *data, size_t size);

/* The policy means the same as the INI file that `convert` makes of it, if it can
 * be one. */
void fuzz_compare(const struct policy *policy);

/* One policy with conditions and a gate, and its program, compiled and armed
 * once; for those targets that take a program apart. */
struct fuzz_subject {
	struct policy *policy;
	struct gate gate;
	struct program program;
};
const struct fuzz_subject *fuzz_subject(void);

/* A call near the program's constants. */
struct seccomp_data fuzz_call(struct rng *rng, const struct program *program);

/* Proves a program against the subject's policy and holds the outcome against
 * the interpreter. */
void fuzz_prove(struct rng *rng, const struct program *program);

#endif
