#include "filter/gate.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/syscall.h>

#include "base/util.h"
#include "model/decide.h"

const struct gate_call gate_calls[] = {
	{GATE_EXECVE, __NR_execve},
	{GATE_EXIT_GROUP, __NR_exit_group},
	{GATE_WRITE, __NR_write},
};
const size_t gate_calls_n = ARRAY_SIZE(gate_calls);

unsigned gate_needed(const struct policy *policy, unsigned calls)
{
	struct decision decision = {0};
	unsigned needed = 0;

	for (size_t i = 0; i < gate_calls_n; i++) {
		if (!(calls & gate_calls[i].bit))
			continue;
		decide_call(policy, abis[ABI_NATIVE].audit_arch,
			    gate_calls[i].nr, &decision);
		if (decision.n != 1 ||
		    !action_runs(decision.clauses[0].verdict.action))
			needed |= gate_calls[i].bit;
	}
	decision_free(&decision);
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
static const struct sock_filter comparison[] = {
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

void gate_append(struct program *program)
{
	for (size_t i = 0; i < ARRAY_SIZE(comparison); i++)
		program_append(program, comparison[i]);
}

/* XOR is used for nothing else, so its places are the cookie's. */
int gate_arm(struct program *program, const struct gate *gate)
{
	size_t found = 0;

	for (size_t i = 0; i < program->n; i++)
		if (program->insns[i].code == (BPF_ALU | BPF_XOR | BPF_K)) {
			if (found == ARRAY_SIZE(gate->cookie))
				return -1;
			program->insns[i].k = gate->cookie[found++];
		}
	return found == (gate->calls ? ARRAY_SIZE(gate->cookie) : 0) ? 0 : -1;
}
