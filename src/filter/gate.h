/* The launch gate: the launcher's own last calls pass whatever the policy
 * says, and nobody else's do.  All of it is for the native ABI.
 *
 * The sign.  That a filter is in force is not believed because seccomp(2) said
 * so: a filter that was there before may answer it with a pretended success.
 * So the loaded program itself answers one call, execve with LAUNCH_MARK in
 * args[4] and LAUNCH_SIGN in args[3], with an errno drawn for this launch.
 * Nobody is let through by it, so it is no secret.
 *
 * The way to CMD's exec, where the policy does not allow execve outright:
 *
 * - Handed over.  execve with the mark (and without the sign) goes to whoever
 *   watches the launch, who lets it run until CMD has started and treats it as
 *   what the policy says from then on; without -t nobody watches any more, and
 *   the kernel answers it ENOSYS, where the policy kills for execve too.  No
 *   secret either: the kernel shows the registers of an exec that waits in
 *   /proc/PID/syscall (tried).
 * - With a cookie, where nobody can watch (another listener is in force).  A
 *   gated call passes if the registers that it does not use, args[4] and
 *   args[5], hold the random cookie of this launch.  The kernel ignores
 *   surplus arguments (SYSCALL_DEFINE3) and clears the registers at the end of
 *   exec.  args[3] is not used: audit records print it.
 *
 * exit_group and, in place, write, futex and close pass with the cookie too.
 * They are made before CMD exists, by a process that nobody can look into.
 *
 * The cookie is compared in constant time, and everything only behind a test
 * of the number: the kernel's bitmap of allowed calls (5.11) emulates loads of
 * number and architecture but none of arguments, so other calls stay in it.
 * But for execve, calls that the policy allows outright get no gate. */
#pragma once

#include <stdint.h>

#include "filter/answer.h"
#include "filter/program.h"
#include "model/policy.h"

/* Calls that pass with the cookie, and what is done for execve. */
enum {
	GATE_EXECVE = 1 << 0,
	GATE_EXIT_GROUP = 1 << 1,
	GATE_WRITE = 1 << 2, /* in place: to say why the exec failed */
	GATE_FUTEX = 1 << 3, /* to wait for the monitor or the parent */
	GATE_CLOSE = 1 << 4, /* in place: the listener, which is the monitor's */
	GATE_SIGN = 1 << 5,
	GATE_HAND_OVER = 1 << 6, /* in place of GATE_EXECVE, with GATE_SIGN */
	/* no gate: a container runtime's program, which is proved for the calls
	 * alone that its libseccomp knows, and to kill what is foreign */
	GATE_RUNTIME = 1 << 7,
};

#define GATE_FORKED (GATE_EXECVE | GATE_EXIT_GROUP)
#define GATE_WAITING (GATE_FORKED | GATE_FUTEX)
#define GATE_IN_PLACE (GATE_FORKED | GATE_WRITE)
#define GATE_MONITORED (GATE_IN_PLACE | GATE_FUTEX | GATE_CLOSE)
#define GATE_COOKIES GATE_MONITORED /* all that pass with the cookie */

/* Any value that no program has in a register by chance. */
#define LAUNCH_MARK UINT64_C(0x6c61756e63682031)
#define LAUNCH_SIGN 1u /* the low word of args[3] */

/* Errnos that no call returns, above the kernel's own (512-530); and what stands
 * for one in a program, which no filter can return. */
enum { SIGN_FIRST = 600, SIGN_LAST = 4095, SIGN_UNDRAWN = 0xffff };

struct gate {
	unsigned calls; /* GATE_… */
	/* args[4] == cookie[1] << 32 | cookie[0],
	 * args[5] == cookie[3] << 32 | cookie[2] */
	uint32_t cookie[4];
	uint32_t sign; /* SIGN_FIRST to SIGN_LAST, or SIGN_UNDRAWN */
};

/* Which of these calls need a gate under this policy, how execve gets its way
 * under these answers, and the sign. */
unsigned gate_needed(const struct policy *policy, unsigned calls,
		     const struct answers *answers);

/* The numbers of the gated calls on each machine's own ABI, by bit of GATE_…;
 * n of them.  The first is execve. */
struct gate_call {
	unsigned bit;
	uint32_t nr[ABI_COUNT];
};
extern const struct gate_call gate_calls[];
extern const size_t gate_calls_n;

/* The comparison, with a zero cookie; the number has been tested.  Its first
 * GATE_SUM instructions put 0 into A if the cookie is right, and the proof takes
 * them for one (prover_walk.h).  Falls through behind its last instruction if the
 * cookie is wrong. */
enum { GATE_SUM = 14, GATE_SIZE = 16 };
extern const struct sock_filter gate_comparison[GATE_SIZE];

/* Appends the test for execve's mark on this machine, with an undrawn sign; expects
 * the number in A and leaves it there.  What is handed over returns
 * handed_over. */
void gate_append_exec(struct program *program, enum abi_id machine,
		      unsigned gates, uint32_t handed_over);

/* Writes cookie and sign into a program that the two built: XOR is used for
 * nothing else, nor is SIGN_UNDRAWN returned.  Whether they are where they should
 * be is for the proof to say. */
void gate_arm(struct program *program, const struct gate *gate);
