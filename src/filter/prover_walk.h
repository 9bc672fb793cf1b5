/* What a finished program answers, exactly: an abstract run of the kernel's
 * classic BPF machine over all architectures, numbers and arguments at once.
 *
 * The walk starts with every (arch, nr) and cuts it where the program tests
 * one of the two; so what it finds is a set of rectangles that cover all 2^64
 * pairs, each once.  From a rectangle's first test of an argument on the
 * program is a function of the arguments: a diagram.
 *
 * Understood: loads of arch, nr, argument words and constants, AND and XOR
 * with a constant, OR with X, TAX, TXA, the jumps JA, JEQ, JGT, JGE, JSET with
 * a constant, RET with a constant.  A may be an OR of up to four words (the
 * gate's comparison); then JSET and JEQ 0 are understood.  All else is "not
 * proved", and so is a program whose shape the kernel would refuse, or one
 * that takes more than a bounded number of steps. */
#pragma once

#include <stddef.h>

#include "model/diagram.h"
#include "filter/prover_machine.h"
#include "filter/program.h"

struct region {
	struct rect at;
	diagram answer; /* leaves are BPF return values */
};

struct regions {
	struct region *items;
	size_t n, cap;
};

/* 0, or -1 and *why (malloc'd) says what is not proved.  The diagrams belong
 * to the store; regions must be zeroed and is freed with regions_free() in
 * both cases. */
int prover_walk(const struct program *program, struct diagram_store *store,
		 struct regions *regions, char **why);
void regions_free(struct regions *regions);
