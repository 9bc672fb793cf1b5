/* The launch gate: the launcher's own last calls pass whatever the policy
 * says, and nobody else's do.
 *
 * A gated call passes if the registers that it does not use, args[4] and
 * args[5], hold the random cookie of this launch.  The kernel ignores surplus
 * arguments (SYSCALL_DEFINE3) and clears the registers at exec, so CMD has
 * never seen the cookie.  args[3] is not used: audit records print it.
 *
 * The words are compared in constant time, and only behind a test of the
 * number: the kernel's bitmap of allowed calls (5.11) emulates loads of number
 * and architecture but none of arguments, so other calls stay in it.  Calls
 * that the policy allows outright need no gate and get none.  Native ABI only.
 */
#ifndef SANDBOX_GATE_H
#define SANDBOX_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "filter/program.h"
#include "model/policy.h"

enum {
	GATE_EXECVE = 1 << 0,
	GATE_EXIT_GROUP = 1 << 1,
	GATE_WRITE = 1 << 2, /* in place: to say why the exec failed */
};

#define GATE_FORKED (GATE_EXECVE | GATE_EXIT_GROUP)
#define GATE_IN_PLACE (GATE_FORKED | GATE_WRITE)

struct gate {
	unsigned calls; /* GATE_… */
	/* args[4] == cookie[1] << 32 | cookie[0],
	 * args[5] == cookie[3] << 32 | cookie[2] */
	uint32_t cookie[4];
};

/* Which of these calls need a gate under this policy. */
unsigned gate_needed(const struct policy *policy, unsigned calls);

/* The native numbers of the gated calls, by bit of GATE_…; n of them. */
struct gate_call {
	unsigned bit;
	uint32_t nr;
};
extern const struct gate_call gate_calls[];
extern const size_t gate_calls_n;

/* Appends the comparison, with a zero cookie; the number has been tested.
 * Falls through behind its last instruction if the cookie is wrong. */
void gate_append(struct program *program);

/* Writes the cookie into a program that gate_append() built; -1 if there is
 * no gate in it where there should be one. */
int gate_arm(struct program *program, const struct gate *gate);

#endif
