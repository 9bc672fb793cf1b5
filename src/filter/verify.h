/* The proof: does a finished program, gate included, answer exactly what the
 * policy says?
 *
 * Compared are the BPF return values for every architecture, every number and
 * every one of the 2^384 arguments, from the parsed conditions, not from what
 * the compiler made of them.  So neither the lowering nor libseccomp nor a
 * cached program need be trusted.  A program that answers otherwise is found
 * and shown by one concrete call; one that is not understood (prover_walk.h), or too
 * large to prove, is refused as well.  All 64 bits of an argument are open on
 * 32-bit ABIs too: int 0x80 in a 64-bit program fills the upper halves that
 * the filter sees and the kernel then drops (tried on Linux 6.18).
 *
 * Taken on trust: that the kernel's interpreter or JIT does what seccomp(2)
 * says; decide_call(), and that it is constant where next_number() says so; the
 * mapping from verdicts to return values (answer.h); that conditions look at
 * the bits the kernel uses (signature.h) and numbers mean the calls the tables
 * say; and that what is loaded is what was proved. */
#pragma once

#include "filter/answer.h"
#include "filter/gate.h"
#include "filter/program.h"
#include "model/policy.h"

/* gate may be NULL: none.  0: proved.  -1: not, and *why (malloc'd) is a
 * sentence without its full stop: "the program answers ERRNO(1) and the policy
 * ALLOW (web.ini:4) to openat(0xffffff9c, 0x0, 0x0, 0x0) under x86_64 (number
 * 257)". */
int verify(const struct policy *policy, const struct answers *answers,
	   const struct gate *gate, const struct program *program, char **why);

/* Compiles the program that a launch would load, with a cookie of zero, and
 * proves it.  0 and *program, or -1 with *why; the caller frees *program in
 * both cases. */
int compile_proved(const struct policy *policy, const struct answers *answers,
		   struct program *program, char **why);

/* The same as verify() for who wants the call itself. */
struct counterexample {
	uint32_t arch, nr;
	uint64_t args[6];
	uint32_t program, policy; /* what the two answer */
};

enum proof { PROVED, DIFFERENT, NOT_PROVED };

/* DIFFERENT: *example is filled; NOT_PROVED: *why is (malloc'd). */
enum proof prove(const struct policy *policy, const struct answers *answers,
		 const struct gate *gate, const struct program *program,
		 struct counterexample *example, char **why);
