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
	released_by(decision_free) struct decision decision = {0};
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
	if (needed & GATE_EXECVE && answer_handed_over(answers))
		needed ^= GATE_EXECVE | GATE_HAND_OVER;
	return needed;
}

#define ARG_LOW(n) ((uint32_t)offsetof(struct seccomp_data, args) + 8 * (n))
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
void gate_append_exec(struct program *program, enum abi_id machine,
		      unsigned gates, uint32_t handed_over)
{
	enum {
		LOAD = BPF_LD | BPF_W | BPF_ABS,
		TEST = BPF_JMP | BPF_JEQ | BPF_K,
		RET = BPF_RET | BPF_K,
	};
	const uint8_t more = gates & GATE_HAND_OVER ? 1 : 0;

	program_put(program, TEST, gate_calls[0].nr[machine], 0, 8 + more);
	program_put(program, LOAD, ARG_HIGH(4), 0, 0);
	program_put(program, TEST, LAUNCH_MARK >> 32, 0, 5 + more);
	program_put(program, LOAD, ARG_LOW(4), 0, 0);
	program_put(program, TEST, (uint32_t)LAUNCH_MARK, 0, 3 + more);
	program_put(program, LOAD, ARG_LOW(3), 0, 0);
	program_put(program, TEST, LAUNCH_SIGN, 0, 1);
	program_put(program, RET, SECCOMP_RET_ERRNO | SIGN_UNDRAWN, 0, 0);
	if (more)
		program_put(program, RET, handed_over, 0, 0);
	program_put(program, LOAD, offsetof(struct seccomp_data, nr), 0, 0);
}

void gate_arm(struct program *program, const struct gate *gate)
{
	const uint32_t undrawn = SECCOMP_RET_ERRNO | SIGN_UNDRAWN;
	size_t words = 0;

	for (size_t i = 0; i < program->n; i++) {
		struct sock_filter *insn = &program->insns[i];

		if (insn->code == (BPF_ALU | BPF_XOR | BPF_K))
			insn->k = gate->cookie[words++ % ARRAY_SIZE(gate->cookie)];
		else if (insn->code == (BPF_RET | BPF_K) && insn->k == undrawn)
			insn->k = SECCOMP_RET_ERRNO | gate->sign;
	}
}
