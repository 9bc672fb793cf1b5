/* The meaning of a policy: a table of small policies with what they decide,
 * and the numbers that no layer is asked about. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "scenario.h"

static const struct scenario scenarios[] = {
	{"default", DENY, .lines = {{0, ALLOW, "read"}},
	 .probes = {{"read", 0, ALLOW, 0, BY_RULE, 1},
		    {"write", 0, DENY, EPERM, BY_DEFAULT, 100}}},
	{"default log", LOG, .probes = {{"read", 0, LOG, 0, BY_DEFAULT, 100}}},
	{"default kill", KILL,
	 .probes = {{"read", 0, KILL, 0, BY_DEFAULT, 100}}},

	/* levels and layers */
	{"a named call before a group", DENY,
	 .lines = {{0, DENY, "read", .group = "@g"}, {0, ALLOW, "read"}},
	 .probes = {{"read", 0, ALLOW, 0, BY_RULE, 2}}},
	{"a named call before a group, in conditions", ALLOW,
	 .lines = {{0, KILL, "read", .group = "@g"}, {0, ALLOW, "read", IS1}},
	 .probes = {{"read", 1, ALLOW, 0, BY_RULE, 2},
		    {"read", 0, KILL, 0, BY_GROUP, 1}}},
	{"an outer group before an inner name", DENY,
	 .lines = {{0, KILL, "read"}, {1, ALLOW, "read", .group = "@g"}},
	 .probes = {{"read", 0, ALLOW, 0, BY_GROUP, 2}}},
	{"an inner layer where the outer one is silent", DENY,
	 .lines = {{0, ALLOW, "read"}, {1, DENY, "read", IS1}},
	 .probes = {{"read", 1, DENY, EPERM, BY_RULE, 2},
		    {"read", 2, ALLOW, 0, BY_RULE, 1}}},
	{"kill, deny, log, allow", DENY,
	 .lines = {{0, ALLOW, "read"}, {0, LOG, "read", ODD},
		   {0, DENY, "read", IS1}, {0, KILL, "write", IS1},
		   {0, DENY, "write", ODD}},
	 .probes = {{"read", 0, ALLOW, 0, BY_RULE, 1},
		    {"read", 3, LOG, 0, BY_RULE, 2},
		    {"read", 1, DENY, EPERM, BY_RULE, 3},
		    {"write", 1, KILL, 0, BY_RULE, 4},
		    {"write", 3, DENY, EPERM, BY_RULE, 5}}},
	{"an outright log before an allow", DENY,
	 .lines = {{0, ALLOW, "read"}, {0, LOG, "read"}},
	 .probes = {{"read", 0, LOG, 0, BY_RULE, 2}}},

	/* if and only if */
	{"if adds", DENY,
	 .lines = {{0, ALLOW, "read", IS1}, {1, ALLOW, "read", IS2}},
	 .probes = {{"read", 1, ALLOW, 0, BY_RULE, 1},
		    {"read", 2, ALLOW, 0, BY_RULE, 2},
		    {"read", 3, DENY, EPERM, BY_DEFAULT, 100}}},
	{"only if closes", ALLOW, .layer_errno = {0, EACCES},
	 .lines = {{0, ALLOW, "read"},
		   {1, ALLOW, "read", IS1, .only = true},
		   {1, ALLOW, "read", IS2}},
	 .probes = {{"read", 1, ALLOW, 0, BY_RULE, 2},
		    {"read", 2, ALLOW, 0, BY_RULE, 3},
		    {"read", 3, DENY, EACCES, BY_RULE, 2}}},
	{"only if that never holds still closes", ALLOW,
	 .lines = {{0, ALLOW, "read", NEVER, .only = true}},
	 .probes = {{"read", 1, DENY, EPERM, BY_RULE, 1}}},
	{"only if of a group does not reach the name", DENY,
	 .lines = {{0, ALLOW, "read", IS1, .group = "@g", .only = true},
		   {0, ALLOW, "read", IS2}},
	 .probes = {{"read", 1, ALLOW, 0, BY_GROUP, 1},
		    {"read", 2, ALLOW, 0, BY_RULE, 2},
		    {"read", 3, DENY, EPERM, BY_GROUP, 1}}},

	/* errno */
	{"errno of the rule, the layer, the policy", ALLOW,
	 .layer_errno = {EACCES, 0, EBUSY},
	 .lines = {{0, DENY, "read"}, {0, DENY, "write", NONE, ERR(EROFS)},
		   {1, DENY, "open"}, {0, DENY, "fsync", NONE, ERR(0)}},
	 .probes = {{"read", 0, DENY, EACCES, BY_RULE, 1},
		    {"write", 0, DENY, EROFS, BY_RULE, 2},
		    {"open", 0, DENY, EBUSY, BY_RULE, 3},
		    {"fsync", 0, DENY, 0, BY_RULE, 4}}},
	{"the default answers the policy's errno", DENY,
	 .layer_errno = {EACCES, EBUSY},
	 .probes = {{"read", 0, DENY, EBUSY, BY_DEFAULT, 100}}},
	{"denies: own errno first, then conditions", ALLOW,
	 .lines = {{0, DENY, "read"}, {0, DENY, "read", IS1},
		   {0, DENY, "read", ODD, ERR(EROFS)},
		   {0, DENY, "write", NONE, ERR(EACCES)},
		   {0, DENY, "write", IS1, ERR(EROFS)},
		   {0, DENY, "write", IS2}},
	 .probes = {{"read", 1, DENY, EROFS, BY_RULE, 3},
		    {"read", 2, DENY, EPERM, BY_RULE, 1},
		    {"write", 1, DENY, EROFS, BY_RULE, 5},
		    {"write", 2, DENY, EACCES, BY_RULE, 4}}},

	/* what cannot be asked or never holds */
	{"an unaskable allow is ENOSYS", ALLOW,
	 .lines = {{0, ALLOW, "read", UNASKABLE}, {0, LOG, "write", UNASKABLE},
		   {0, ALLOW, "open", UNASKABLE, .group = "@g"},
		   {0, ALLOW, "open", IS1}},
	 .probes = {{"read", 0, DENY, ENOSYS, BY_RULE, 1},
		    {"write", 0, DENY, ENOSYS, BY_RULE, 2},
		    {"open", 1, ALLOW, 0, BY_RULE, 4},
		    {"open", 2, DENY, ENOSYS, BY_GROUP, 3}}},
	{"an unaskable allow leaves its askable brothers", DENY,
	 .lines = {{0, ALLOW, "read", UNASKABLE}, {0, ALLOW, "read", IS1}},
	 .probes = {{"read", 1, ALLOW, 0, BY_RULE, 2},
		    {"read", 2, DENY, ENOSYS, BY_RULE, 1}}},
	{"an unaskable denial is outright", ALLOW,
	 .lines = {{0, DENY, "read", UNASKABLE}, {0, KILL, "write", UNASKABLE},
		   {0, DENY, "open", UNASKABLE, ERR(EROFS)},
		   {0, ALLOW, "read", IS1}},
	 .probes = {{"read", 1, DENY, EPERM, BY_RULE, 1},
		    {"write", 0, KILL, 0, BY_RULE, 2},
		    {"open", 0, DENY, EROFS, BY_RULE, 3}}},
	{"never", ALLOW, .lines = {{0, KILL, "read", NEVER}},
	 .probes = {{"read", 0, ALLOW, 0, BY_DEFAULT, 100}}},

	/* final */
	{"final: a denial beats an outer allow", DENY, .final = 1,
	 .lines = {{0, DENY, "read"}, {1, ALLOW, "read"},
		   {0, KILL, "write", IS1}, {1, ALLOW, "write"},
		   {0, ALLOW, "open"}, {1, DENY, "open"}},
	 .probes = {{"read", 0, DENY, EPERM, BY_RULE, 1},
		    {"write", 1, KILL, 0, BY_RULE, 3},
		    {"write", 2, ALLOW, 0, BY_RULE, 4},
		    {"open", 0, DENY, EPERM, BY_RULE, 6}}},
	{"final: only if", ALLOW, .final = 1,
	 .lines = {{0, ALLOW, "read", IS1, .only = true},
		   {0, ALLOW, "read", IS2}, {1, ALLOW, "read"}},
	 .probes = {{"read", 1, ALLOW, 0, BY_RULE, 3},
		    {"read", 2, ALLOW, 0, BY_RULE, 3},
		    {"read", 3, DENY, EPERM, BY_RULE, 1}}},
	{"final: its own names still come before its groups", DENY, .final = 1,
	 .lines = {{0, KILL, "read", .group = "@g"}, {0, ALLOW, "read", IS1},
		   {0, KILL, "write", .group = "@g"}, {0, ALLOW, "write"},
		   {1, DENY, "read", IS2}},
	 .probes = {{"read", 1, ALLOW, 0, BY_RULE, 2},
		    {"read", 2, KILL, 0, BY_GROUP, 1},
		    {"write", 0, ALLOW, 0, BY_RULE, 4}}},
	{"final: the outermost first", ALLOW, .final = 3,
	 .lines = {{0, DENY, "read", ODD, ERR(EROFS)},
		   {1, DENY, "read", IS1, ERR(EACCES)}, {2, ALLOW, "read"}},
	 .probes = {{"read", 1, DENY, EACCES, BY_RULE, 2},
		    {"read", 3, DENY, EROFS, BY_RULE, 1},
		    {"read", 2, ALLOW, 0, BY_RULE, 3}}},
	{"final: a log lets run too", DENY, .final = 1,
	 .lines = {{0, LOG, "read", IS1},
		   {0, DENY, "read", .group = "@g"}, {1, ALLOW, "read", ODD}},
	 .probes = {{"read", 1, ALLOW, 0, BY_RULE, 3},
		    {"read", 3, DENY, EPERM, BY_GROUP, 2}}},

	/* implicit */
	{"implicit calls", KILL,
	 .lines = {{0, KILL, "exit", .group = "@g"},
		   {0, KILL, "exit_group", .listed = true},
		   {0, DENY, "rt_sigreturn", IS1},
		   {0, KILL, "restart_syscall"}},
	 .probes = {{"exit", 0, ALLOW, 0, BY_IMPLICIT, 0},
		    {"exit_group", 0, ALLOW, 0, BY_IMPLICIT, 0},
		    {"rt_sigreturn", 1, DENY, EPERM, BY_RULE, 3},
		    {"rt_sigreturn", 0, ALLOW, 0, BY_IMPLICIT, 0},
		    {"restart_syscall", 0, KILL, 0, BY_RULE, 4}}},
	{"implicit calls and final", DENY, .final = 1,
	 .lines = {{0, KILL, "exit", .group = "@g"}, {0, DENY, "exit_group"},
		   {1, ALLOW, "exit_group"}},
	 .probes = {{"exit", 0, ALLOW, 0, BY_IMPLICIT, 0},
		    {"exit_group", 0, DENY, EPERM, BY_RULE, 2}}},
	{"what the kernel does not filter", KILL,
	 .lines = {{0, KILL, "uprobe", .group = "@g"}},
	 .probes = {{"uprobe", 0, ALLOW, 0, BY_IMPLICIT, 0},
		    {"uretprobe", 0, ALLOW, 0, BY_IMPLICIT, 0}}},

	/* new calls: close_range is 436 and 5.9, openat2 437 and 5.6 */
	{"new calls by kernel, not by number", DENY,
	 .kernel = KERNEL(5, 7), .lines = {{0, ALLOW, "pidfd_getfd", IS1}},
	 .probes = {{"close_range", 0, DENY, ENOSYS, BY_NEW, 101},
		    {"openat2", 0, DENY, EPERM, BY_DEFAULT, 100},
		    {"#499", 0, DENY, ENOSYS, BY_NEW, 0},
		    {"#400", 0, DENY, EPERM, BY_DEFAULT, 100}}},
	{"new calls that a rule mentions", DENY,
	 .lines = {{0, ALLOW, "clone3", IS1},
		   {0, ALLOW, "openat2", NEVER, .group = "@g"},
		   {0, ALLOW, "#499", IS1}, {0, ALLOW, "#400"}},
	 .probes = {{"clone3", 1, ALLOW, 0, BY_RULE, 1},
		    {"clone3", 2, DENY, EPERM, BY_DEFAULT, 100},
		    {"openat2", 0, DENY, EPERM, BY_DEFAULT, 100},
		    {"#499", 1, ALLOW, 0, BY_RULE, 3},
		    {"#499", 2, DENY, EPERM, BY_DEFAULT, 100},
		    {"#400", 2, ALLOW, 0, BY_RULE, 4},
		    {"#500", 2, DENY, ENOSYS, BY_NEW, 0}}},
	{"new calls under default kill", KILL,
	 .probes = {{"clone3", 0, DENY, ENOSYS, BY_NEW, 0},
		    {"#499", 0, DENY, ENOSYS, BY_NEW, 0}}},
	{"new calls under default allow", ALLOW,
	 .probes = {{"clone3", 0, ALLOW, 0, BY_DEFAULT, 100},
		    {"#499", 0, ALLOW, 0, BY_DEFAULT, 100}}},
	{"a native raw number is another call's on i386", ALLOW, .x86 = true,
	 .lines = {{0, DENY, "#337"}, {0, DENY, "#222"}, {0, DENY, "#499"}},
	 .probes = {{"recvmmsg", 0, ALLOW, 0, BY_DEFAULT, 100},
		    {"#222", 0, ALLOW, 0, BY_DEFAULT, 100},
		    {"#499", 0, DENY, EPERM, BY_RULE, 3}}},

	/* i386's multiplexers */
	{"socketcall: default deny", DENY, .x86 = true,
	 .lines = {{0, ALLOW, "socket"}, {0, ALLOW, "bind", IS1},
		   {0, DENY, "send", NONE, ERR(EACCES)},
		   {0, KILL, "recv", .group = "@g"}, {0, LOG, "accept"}},
	 .probes = {{"socketcall", 1, ALLOW, 0, BY_RULE, 1},
		    {"socketcall", 2, DENY, ENOSYS, BY_RULE, 2},
		    {"socketcall", 9, DENY, EACCES, BY_RULE, 3},
		    {"socketcall", 10, KILL, 0, BY_GROUP, 4},
		    {"socketcall", 5, LOG, 0, BY_RULE, 5},
		    {"socketcall", 3, DENY, EPERM, BY_DEFAULT, 100},
		    {"socketcall", 0x700000001, ALLOW, 0, BY_RULE, 1},
		    {"socketcall", 0x10001, DENY, EPERM, BY_DEFAULT, 100}}},
	{"socketcall: default allow", ALLOW, .x86 = true,
	 .lines = {{0, DENY, "socket", IS1}, {0, DENY, "connect"},
		   {0, ALLOW, "listen", NEVER}},
	 .probes = {{"socketcall", 1, DENY, ENOSYS, BY_RULE, 1},
		    {"socketcall", 3, DENY, EPERM, BY_RULE, 2},
		    {"socketcall", 4, ALLOW, 0, BY_DEFAULT, 100},
		    {"socketcall", 2, ALLOW, 0, BY_DEFAULT, 100}}},
	{"socketcall: a condition that changes nothing", ALLOW, .x86 = true,
	 .lines = {{0, DENY, "listen", IS1}, {0, DENY, "listen"}},
	 .probes = {{"socketcall", 4, DENY, EPERM, BY_RULE, 1}}},
	{"socketcall: denied itself", ALLOW, .x86 = true,
	 .lines = {{0, ALLOW, "socket"},
		   {0, DENY, "socketcall", NONE, ERR(ENOSYS)}},
	 .probes = {{"socketcall", 1, DENY, ENOSYS, BY_RULE, 2}}},
	{"socketcall: denied itself in part", ALLOW, .x86 = true,
	 .lines = {{0, ALLOW, "socket"}, {0, ALLOW, "bind"},
		   {0, DENY, "socketcall", IS1}},
	 .probes = {{"socketcall", 1, DENY, EPERM, BY_RULE, 3},
		    {"socketcall", 2, ALLOW, 0, BY_RULE, 2},
		    {"socketcall", 3, ALLOW, 0, BY_DEFAULT, 100}}},
	{"socketcall: allowed itself", DENY, .x86 = true,
	 .lines = {{0, DENY, "socket"}, {0, ALLOW, "socketcall"}},
	 .probes = {{"socketcall", 1, DENY, EPERM, BY_RULE, 1},
		    {"socketcall", 2, ALLOW, 0, BY_RULE, 2}}},
	{"102 is no multiplexer on x86-64", DENY,
	 .lines = {{0, ALLOW, "socket"}},
	 .probes = {{"getuid", 1, DENY, EPERM, BY_DEFAULT, 100}}},
	{"ipc looks at 16 bits", DENY, .x86 = true,
	 .lines = {{0, ALLOW, "semop"}, {0, ALLOW, "shmat", IS1},
		   {0, ALLOW, "shmctl"}},
	 .probes = {{"ipc", 1, ALLOW, 0, BY_RULE, 1},
		    {"ipc", 0x10001, ALLOW, 0, BY_RULE, 1},
		    {"ipc", 21, DENY, ENOSYS, BY_RULE, 2},
		    {"ipc", 24, ALLOW, 0, BY_RULE, 3},
		    {"ipc", 2, DENY, EPERM, BY_DEFAULT, 100}}},
};

static void check_probe(const struct scenario *s, const struct policy *policy,
			const struct probe *p)
{
	enum abi_id abi = s->x86 ? ABI_X86 : ABI_X86_64;
	uint32_t call = call_of(p->call);
	/* raw numbers below 424 have no number on i386: take them as such */
	uint32_t nr = call & CALL_RAW ? call & ~CALL_RAW
				      : (uint32_t)syscall_number(call, abi);
	const uint64_t args[6] = {p->arg0};
	struct decision list = {0};
	struct verdict v;

	v = decide(policy, abis[abi].audit_arch, nr, args);
	if (v.action != p->action || v.err != p->err || v.kind != p->kind ||
	    v.at.line != p->line)
		fail_msg("%s: %s(%#lx): %s %d by %s of line %d", s->name,
			 p->call, (unsigned long)p->arg0,
			 action_names[v.action], v.err,
			 verdict_kind_names[v.kind], v.at.line);
	decide_call(policy, abis[abi].audit_arch, nr, &list);
	check_list(&list);
	decision_free(&list);
}

static void test_scenarios(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++) {
		const struct scenario *s = &scenarios[i];
		struct policy *policy = build(s);

		for (size_t j = 0; j < ARRAY_SIZE(s->probes); j++)
			if (s->probes[j].call)
				check_probe(s, policy, &s->probes[j]);
		policy_free(policy);
	}
}

static void test_foreign(void **state)
{
	const struct verdict kill = {.action = KILL, .kind = BY_FOREIGN};
	const struct verdict skipped = {.action = ALLOW, .kind = BY_IMPLICIT};
	const struct verdict by_default = {
		.action = ALLOW, .kind = BY_DEFAULT, .at = {NULL, 100}};
	struct policy *policy = build(&(struct scenario){
		.by_default = ALLOW});
	struct setting *set = policy->effective;

	(void)state;
	expect(policy, X64, 0, zero, by_default);
	expect(policy, X86, 3, zero, kill);
	expect(policy, 0x12345678, 3, zero, kill);
	expect(policy, X64, X32_BIT | 1, zero, kill);
	expect(policy, X64, UINT32_MAX - 1, zero, kill);
	/* x32's own entries, which old kernels run without the bit */
	expect(policy, X64, 511, zero, by_default);
	expect(policy, X64, 512, zero, kill);
	expect(policy, X64, 547, zero, kill);
	expect(policy, X64, 548, zero, by_default);
	expect(policy, X64, NR_SKIPPED, zero, skipped);
	expect(policy, X86, NR_SKIPPED, zero, skipped);
	expect(policy, 0x12345678, NR_SKIPPED, zero, skipped);

	set[SET_ARCHITECTURES].value |= 1 << ABI_X86;
	expect(policy, X86, 3, zero, by_default);
	expect(policy, X86, 520, zero, by_default);
	/* bit 30 means nothing on i386 */
	expect(policy, X86, X32_BIT | 1, zero, by_default);
	expect(policy, X64, X32_BIT | 1, zero, kill);

	set[SET_FOREIGN] = (struct setting){DENY, {"f.ini", 105}};
	set[SET_ERRNO].value = EACCES;
	expect(policy, X64, X32_BIT | 1, zero, (struct verdict){
		.action = DENY, .err = EACCES, .kind = BY_FOREIGN,
		.at = {NULL, 105}});
	policy_free(policy);
}

/* A number with bit 31 set is no rule's: CALL_RAW | 499 is how a rule names
 * 499. */
static void test_number_with_high_bit(void **state)
{
	const struct scenario s = {
		.by_default = KILL, .x86 = true,
		.lines = {{0, ALLOW, "#499"}}};
	const struct verdict allowed = {
		.action = ALLOW, .kind = BY_RULE, .at = {NULL, 1}};
	struct policy *policy = build(&s);

	(void)state;
	expect(policy, X64, 499, zero, allowed);
	expect(policy, X86, 499, zero, allowed);
	expect(policy, X86, 0x80000000u | 499, zero, (struct verdict){
		.action = DENY, .err = ENOSYS, .kind = BY_NEW});
	/* on x86-64 everything from bit 30 up is taken for x32 */
	expect(policy, X64, 0x80000000u | 499, zero, (struct verdict){
		.action = KILL, .kind = BY_FOREIGN});
	policy_free(policy);
}

static void test_verdict_same(void **state)
{
	const struct verdict eperm = {.action = DENY, .err = EPERM};
	const struct verdict eacces = {.action = DENY, .err = EACCES};
	const struct verdict eperm_by_new = {
		.action = DENY, .err = EPERM, .kind = BY_NEW};
	const struct verdict kill = {.action = KILL, .err = EPERM};
	const struct verdict kill_too = {.action = KILL, .err = EACCES};

	(void)state;
	assert_false(verdict_same(&eperm, &eacces));
	assert_false(verdict_same(&eperm, &kill));
	assert_true(verdict_same(&eperm, &eperm_by_new));
	assert_true(verdict_same(&kill, &kill_too));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenarios),
		cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_number_with_high_bit),
		cmocka_unit_test(test_verdict_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
