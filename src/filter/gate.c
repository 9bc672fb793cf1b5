#include "filter/gate.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stddef.h>

#include "base/util.h"
#include "model/decide.h"

#define ON(x86_64, aarch64) {[ABI_X86_64] = x86_64, [ABI_AARCH64] = aarch64}
const struct gate_call gate_calls[] = {
	{GATE_EXECVE, ON(59, 221)},
	{GATE_EXIT_GROUP, ON(231, 94)},
	{GATE_WRITE, ON(1, 64)},
	{GATE_FUTEX, ON(202, 98)},
	{GATE_CLOSE, ON(3, 57)},
};
const size_t gate_calls_n = ARRAY_SIZE(gate_calls);

unsigned gate_needed(const struct policy *policy, unsigned calls,
		     const struct answers *answers)
{
	struct decision decision = {0};
	unsigned needed = GATE_SIGN;

	for (size_t i = 0; i < gate_calls_n; i++) {
		if (!(calls & gate_calls[i].bit))
			continue;
		decide_call(policy, abis[policy->machine].audit_arch,
			    gate_calls[i].nr[policy->machine], &decision);
		if (decision.n != 1 ||
		    !action_runs(decision.clauses[0].verdict.action))
			needed |= gate_calls[i].bit;
	}
	decision_free(&decision);
	if (needed & GATE_EXECVE && answer_handed_over(answers))
		needed ^= GATE_EXECVE | GATE_HAND_OVER;
	return needed;
}

#define ARG_LOW(n) (offsetof(struct seccomp_data, args) + 8 * (n))
#define ARG_HIGH(n) (ARG_LOW(n) + 4)

/*   A = low(args[4]) ^ cookie[0]; X = A
 *   A = high(args[4]) ^ cookie[1]; A |= X; X = A
 *   A = low(args[5]) ^ cookie[2]; A |= X; X = A
 *   A = high(args[5]) ^ cookie[3]; A |= X
 *   if (A == 0) return ALLOW
 */
const struct sock_filter gate_comparison[GATE_SIZE] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARG_LOW(4)),
	BPF_STMT(BPF_ALU | BPF_XOR | BPF_K, 0),
	BPF_STMT(BPF_MISC | BPF_TAX, 0),
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARG_HIGH(4)),
	BPF_STMT(BPF_ALU | BPF_XOR | BPF_K, 0),
	BPF_STMT(BPF_ALU | BPF_OR | BPF_X, 0),
	BPF_STMT(BPF_MISC | BPF_TAX, 0),
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARG_LOW(5)),
	BPF_STMT(BPF_ALU | BPF_XOR | BPF_K, 0),
	BPF_STMT(BPF_ALU | BPF_OR | BPF_X, 0),
	BPF_STMT(BPF_MISC | BPF_TAX, 0),
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARG_HIGH(5)),
	BPF_STMT(BPF_ALU | BPF_XOR | BPF_K, 0),
	BPF_STMT(BPF_ALU | BPF_OR | BPF_X, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

/*   if (nr == execve && args[4] == LAUNCH_MARK) {
 *           if (low(args[3]) == LAUNCH_SIGN) return ERRNO(sign)
 *           return handed over            (or nothing, without GATE_HAND_OVER)
 *   }
 *   A = nr
 *
 * The mark's high half first, as in diagrams, which makes the proof shorter.
 */
enum { SIGN_AT = 7, EXEC_SIZE = 8 };
static const struct sock_filter mark_test[EXEC_SIZE] = {
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, EXEC_SIZE - 1),
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARG_HIGH(4)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, LAUNCH_MARK >> 32, 0,
		 EXEC_SIZE - 3),
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARG_LOW(4)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)LAUNCH_MARK, 0,
		 EXEC_SIZE - 5),
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARG_LOW(3)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, LAUNCH_SIGN, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO),
};

void gate_append_exec(struct program *program, enum abi_id machine,
		      unsigned gates, uint32_t handed_over)
{
	bool hands_over = gates & GATE_HAND_OVER;

	for (size_t i = 0; i < EXEC_SIZE; i++) {
		struct sock_filter insn = mark_test[i];

		if (i == 0)
			insn.k = gate_calls[0].nr[machine];
		/* the tests of the mark go past one more */
		if (hands_over && insn.jf > 1)
			insn.jf++;
		program_append(program, insn);
	}
	if (hands_over)
		program_append(program, (struct sock_filter)BPF_STMT(
						BPF_RET | BPF_K, handed_over));
	program_append(program, (struct sock_filter)BPF_STMT(
					BPF_LD | BPF_W | BPF_ABS,
					offsetof(struct seccomp_data, nr)));
}

/* XOR is used for nothing else, so its places are the cookie's. */
static bool arm_cookie(struct program *program, const struct gate *gate)
{
	bool wanted = gate->calls & GATE_COOKIES;
	size_t found = 0;

	for (size_t i = 0; i < program->n; i++)
		if (program->insns[i].code == (BPF_ALU | BPF_XOR | BPF_K)) {
			if (found == ARRAY_SIZE(gate->cookie))
				return false;
			program->insns[i].k = gate->cookie[found++];
		}
	return found == (wanted ? ARRAY_SIZE(gate->cookie) : 0);
}

static bool is_mark_test(const struct sock_filter *at)
{
	for (size_t i = 0; i < SIGN_AT; i++)
		if (at[i].code != mark_test[i].code ||
		    (i > 0 && at[i].k != mark_test[i].k))
			return false;
	return at[SIGN_AT].code == mark_test[SIGN_AT].code;
}

static bool arm_sign(struct program *program, const struct gate *gate)
{
	for (size_t i = 0; i + EXEC_SIZE <= program->n; i++)
		if (is_mark_test(&program->insns[i])) {
			program->insns[i + SIGN_AT].k =
				SECCOMP_RET_ERRNO | gate->sign;
			return true;
		}
	return false;
}

int gate_arm(struct program *program, const struct gate *gate)
{
	if (!arm_cookie(program, gate) ||
	    (gate->calls & GATE_SIGN && !arm_sign(program, gate)))
		return -1;
	return 0;
}
