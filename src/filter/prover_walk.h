/* What a finished program answers, exactly: an abstract run of the kernel's
 * classic BPF machine over all architectures, numbers and arguments at once.
 *
 * The walk starts with every (arch, nr) and cuts it where the program tests
 * one of the two; so what it finds is a set of rectangles that cover all 2^64
 * pairs, each once.  From a rectangle's first test of an argument on the
 * program is a function of the arguments: a diagram.
 *
 * Understood is what compile() makes: loads of arch, nr and argument words, AND
 * with a constant on the latter, the jumps JA, JEQ, JGT, JGE with a constant, RET
 * with a constant; and the comparison of the cookie (gate.h) as a whole, with
 * JEQ 0 behind it.  All else is "not proved", and so is a program whose shape
 * the kernel would refuse, or one that takes more than a bounded number of
 * steps. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model/diagram.h"
#include "filter/program.h"

struct interval {
	uint32_t lo, hi; /* both within */
};

struct rect {
	struct interval arch, nr;
};

/* What the program answers in a rectangle, by BPF return values; false: no more is
 * to be found. */
typedef bool region_fn(void *ctx, const struct rect *at, diagram answer);

/* 0: found() has had them all.  -1: it did not want them, or *why (malloc'd, else
 * NULL) says what is not proved.  The diagrams belong to the store. */
int prover_walk(const struct program *program, struct diagram_store *store,
		region_fn *found, void *ctx, char **why);
