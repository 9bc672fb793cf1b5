/* What the sections of a policy file say, and every mistake in them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "load_fixture.h"

static void settings(void **state)
{
	static const struct {
		const char *line;
		enum setting_id id;
		int value;
	} rows[] = {
		{"default = deny", SET_DEFAULT, ACTION_DENY},
		{"errno = EACCES", SET_ERRNO, EACCES},
		{"errno = 38", SET_ERRNO, ENOSYS},
		{"kernel = 6.11", SET_KERNEL, KERNEL(6, 11)},
		{"foreign = deny", SET_FOREIGN, ACTION_DENY},
		{"foreign = kill", SET_FOREIGN, ACTION_KILL},
		{"architectures = native", SET_ARCHITECTURES, 1 << MACHINE},
		{"architectures = native\n  x86", SET_ARCHITECTURES,
		 1 << MACHINE | 1 << ABI_X86},
		{"architectures = x86_64 aarch64", SET_ARCHITECTURES,
		 1 << ABI_X86_64 | 1 << ABI_AARCH64},
		{"privileges = keep", SET_PRIVILEGES, 1},
		{"privileges = drop", SET_PRIVILEGES, 0},
		{"speculation = allow", SET_SPECULATION, 1},
		{"speculation = default", SET_SPECULATION, 0},
		{"final = yes", SET_FINAL, 1},
		{"final = no", SET_FINAL, 0},
		{"final = all", SET_FINAL, 2},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char text[200];
		struct policy *policy;
		const struct setting *set;

		snprintf(text, sizeof(text), "[policy]\n%s\n%s\n[policy]\n"
			 "description = its own words\n", rows[i].line,
			 rows[i].id == SET_DEFAULT ? "" : "default = allow");
		policy = load_text(text);
		set = &policy->layers[0]->settings[rows[i].id];
		assert_string_equal(set->at.file, "p.ini");
		assert_int_equal(set->at.line, 2);
		assert_int_equal(set->value, rows[i].value);
		assert_string_equal(policy->layers[0]->description,
				    "its own words");
		policy_free(policy);
	}
}

static void rules(void **state)
{
	struct policy *policy = load_text("[policy]\n"
					  "default = deny\n"
					  "[allow]\n"
					  "syscalls = read write, read\n"
					  "  close @timer\n"
					  "  dup\n"
					  "dup2 = always\n"
					  "syscalls = exit\n"
					  "[deny]\n"
					  "syscalls = openat\n"
					  "clone3 = ENOSYS\n"
					  "fsync = 0\n"
					  "@mount = 13\n"
					  "[kill]\n"
					  "kexec_load = always\n"
					  "462 = always\n"
					  "syscalls = 999 998\n"
					  "[log]\n"
					  "syscalls = 39\n");

	(void)state;
	assert_verdict(policy, "read", ACTION_ALLOW, 4);
	assert_verdict(policy, "write", ACTION_ALLOW, 4);
	assert_verdict(policy, "close", ACTION_ALLOW, 5);
	assert_verdict(policy, "timer_create", ACTION_ALLOW, 5);
	assert_verdict(policy, "dup", ACTION_ALLOW, 6);
	assert_verdict(policy, "dup2", ACTION_ALLOW, 7);
	assert_verdict(policy, "openat", ACTION_DENY, 10);
	assert_verdict(policy, "clone3", ACTION_DENY, 11);
	assert_verdict(policy, "mount", ACTION_DENY, 13);
	assert_verdict(policy, "kexec_load", ACTION_KILL, 15);
	assert_verdict(policy, "getpid", ACTION_LOG, 19);
	assert_verdict(policy, "socket", ACTION_DENY, 2);
	assert_string_equal(rule_of(policy, "timer_create")->group, "@timer");
	assert_null(rule_of(policy, "close")->group);
	assert_string_equal(rule_of(policy, "mount")->group, "@mount");
	assert_int_equal(rule_of(policy, "mount")->err, EACCES);
	assert_int_equal(rule_of(policy, "clone3")->err, ENOSYS);
	assert_int_equal(rule_of(policy, "fsync")->err, 0);
	assert_int_equal(rule_of(policy, "openat")->err, ERRNO_UNSET);
	assert_true(rule_of(policy, "dup2")->alone);
	assert_true(rule_of(policy, "openat")->alone);
	assert_true(rule_of(policy, "exit")->alone);
	assert_false(rule_of(policy, "read")->alone);
	assert_false(rule_of(policy, "dup")->alone);
	assert_false(rule_of(policy, "mount")->alone);
	/* a number that has a name is that call, others stay numbers */
	assert_non_null(layer_entries(
		policy->layers[0], syscall_by_number(MACHINE, 462)));
	assert_non_null(layer_entries(policy->layers[0], CALL_RAW | 999));
	assert_non_null(layer_entries(policy->layers[0], CALL_RAW | 998));
	policy_free(policy);
}

static struct verdict ask_with(const struct policy *policy, const char *call,
			       uint64_t arg0)
{
	uint64_t args[6] = {arg0};
	int64_t nr = syscall_number(syscall_by_name(call), MACHINE);

	return decide(policy, abis[MACHINE].audit_arch, (uint32_t)nr, args);
}

static void conditions(void **state)
{
	struct policy *policy = load_text(HEAD "[allow]\n"
					  "socket = if family == 1 or\n"
					  "  family == 2\n"
					  "dup = only if(fildes == 3)\n"
					  "[deny]\n"
					  "socket = EAFNOSUPPORT if family == 9"
					  "\n"
					  "@two = ENOSYS if fd == 7\n"
					  "[groups]\n"
					  "@two = close shutdown\n");
	struct verdict verdict;

	(void)state;
	verdict = ask_with(policy, "socket", 2);
	assert_int_equal(verdict.action, ACTION_ALLOW);
	assert_int_equal(verdict.at.line, 4);
	assert_true(verdict.rule->alone);
	assert_false(verdict.rule->only);
	verdict = ask_with(policy, "socket", 9);
	assert_int_equal(verdict.err, EAFNOSUPPORT);
	assert_int_equal(verdict.at.line, 8);
	assert_int_equal(ask_with(policy, "socket", 3).at.line, 2);
	verdict = ask_with(policy, "dup", 3);
	assert_int_equal(verdict.action, ACTION_ALLOW);
	assert_true(verdict.rule->only);
	assert_int_equal(ask_with(policy, "dup", 4).at.line, 6);
	verdict = ask_with(policy, "shutdown", 7);
	assert_int_equal(verdict.err, ENOSYS);
	assert_string_equal(verdict.rule->group, "@two");
	assert_int_equal(ask_with(policy, "shutdown", 8).at.line, 2);
	policy_free(policy);
}

/* Real only on another ABI: known, and no mistake. */
static void other_abi(void **state)
{
	struct policy *policy = load_text("[policy]\ndefault = allow\n"
					  "[deny]\nsyscalls = socketcall "
					  "mmap2 fstatat64 write\n");

	(void)state;
	assert_verdict(policy, "write", ACTION_DENY, 4);
	policy_free(policy);
}

static void own_groups(void **state)
{
	struct policy *policy = load_text("[policy]\ndefault = deny\n"
					  "[groups]\n"
					  "@all = @few mkdir\n"
					  "  @timer 999\n"
					  "@few = read write\n"
					  "[allow]\n"
					  "syscalls = @all\n");

	(void)state;
	assert_verdict(policy, "read", ACTION_ALLOW, 8);
	assert_verdict(policy, "mkdir", ACTION_ALLOW, 8);
	assert_verdict(policy, "timer_create", ACTION_ALLOW, 8);
	assert_non_null(layer_entries(policy->layers[0], CALL_RAW | 999));
	assert_verdict(policy, "close", ACTION_DENY, 2);
	assert_string_equal(rule_of(policy, "read")->group, "@all");
	policy_free(policy);
}

static void ten_thousand_lines(void **state)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	struct policy *policy;
	const struct layer *layer;
	size_t n = 0;

	(void)state;
	fputs("[policy]\ndefault = deny\n[allow]\n", f);
	for (int i = 0; i < 5000; i++)
		fprintf(f, "syscalls = read %d\n", 10000 + i);
	fputs("syscalls = write\n", f);
	for (int i = 0; i < 5000; i++)
		fprintf(f, "  close %d\n", 20000 + i);
	fclose(f);
	policy = load_text(text);
	layer = policy->layers[0];
	assert_int_equal(layer->n_rules, 10001);
	for (size_t i = 0; i < layer->n_rules; i++)
		assert_int_equal(layer->rules[i]->at.line, 4 + i);
	for (uint32_t i = 0; i < 5000; i++) {
		const struct entry *first =
			layer_entries(layer, CALL_RAW | (10000 + i));
		const struct entry *second =
			layer_entries(layer, CALL_RAW | (20000 + i));

		assert_int_equal(first->rule->at.line, 4 + i);
		assert_int_equal(second->rule->at.line, 5005 + i);
	}
	for (const struct entry *e =
		     layer_entries(layer, syscall_by_name("close"));
	     e; e = e->next)
		n++;
	assert_int_equal(n, 5000);
	policy_free(policy);
	free(text);
}

/* One line of 100,000 bytes is one rule that has them all. */
static void long_list(void **state)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	struct policy *policy;

	(void)state;
	fputs("[policy]\ndefault = deny\n[allow]\nsyscalls =", f);
	for (int i = 0; i < 16000; i++)
		fprintf(f, " %d", 40000 + i);
	fputs("\n", f);
	fclose(f);
	policy = load_text(text);
	assert_int_equal(policy->layers[0]->n_rules, 1);
	for (uint32_t i = 0; i < 16000; i += 100)
		assert_non_null(layer_entries(policy->layers[0],
					      CALL_RAW | (40000 + i)));
	policy_free(policy);
	free(text);
}

/* Each is text and all that is said of it. */
static const struct {
	const char *text, *expected;
} mistakes[] = {
	/* sections */
	{HEAD "[alow]\nx = y\n",
	 "p.ini:3: unknown section [alow] (did you mean [allow]?)\n"},
	{HEAD "[entirely else]\n",
	 "p.ini:3: unknown section [entirely else]: there are policy, groups, "
	 "allow, deny, kill and log\n"},
	{HEAD "[]\n", "p.ini:3: unknown section []: there are policy, groups, "
		      "allow, deny, kill and log\n"},
	/* [policy] */
	{HEAD "defualt = kill\n",
	 "p.ini:3: unknown key 'defualt' in [policy] (did you mean "
	 "'default'?)\n"},
	{HEAD "something = 1\n",
	 "p.ini:3: unknown key 'something' in [policy]\n"},
	{HEAD "errno = EPERM\ndefault = allow\nerrno = 1\n",
	 "p.ini:4: 'default' is already set on line 2\n"
	 "p.ini:5: 'errno' is already set on line 3\n"},
	{HEAD "description = a\n[policy]\ndescription = b\n",
	 "p.ini:5: 'description' is already set on line 3\n"},
	{"[policy]\ndefault = denny\n",
	 "p.ini:2: 'default' is allow, deny, kill or log, not 'denny'\n"},
	{"[policy]\ndefault =\n", "p.ini:2: 'default' has no value\n"},
	{HEAD "foreign = allow\n",
	 "p.ini:3: 'foreign' is kill or deny, not 'allow'\n"},
	{HEAD "final = true\n", "p.ini:3: 'final' is yes, no or all, not 'true'\n"},
	{HEAD "privileges = yes\n",
	 "p.ini:3: 'privileges' is keep or drop, not 'yes'\n"},
	{HEAD "speculation = no\n",
	 "p.ini:3: 'speculation' is allow, mitigate or default, not 'no'\n"},
	{HEAD "errno = EPREM\n",
	 "p.ini:3: unknown errno 'EPREM' (did you mean 'EPERM'?)\n"},
	{HEAD "errno = 512\n",
	 "p.ini:3: 'errno' is an errno by name (EPERM) or number (1-511), not "
	 "'512'\n"},
	{HEAD "kernel = 5\n", "p.ini:3: 'kernel' is a Linux release, MAJOR.MINOR, "
			      "such as 5.2, not '5'\n"},
	{HEAD "kernel = 5.2.1\n", "p.ini:3: 'kernel' is a Linux release, MAJOR.MINOR, "
				  "such as 5.2, not '5.2.1'\n"},
	{HEAD "kernel = 5.300\n", "p.ini:3: 'kernel' is a Linux release, MAJOR.MINOR, "
				  "such as 5.2, not '5.300'\n"},
	{HEAD "architectures = native\n  amd64\n",
	 "p.ini:4: unknown architecture 'amd64' (known: native x86_64 x86 "
	 "aarch64)\n"},
	{HEAD "include = a.ini\n  b.ini\n",
	 "p.ini:4: 'include' takes one line, and this indented line continues "
	 "it: remove the blanks before it\n"},
	/* lists and names */
	{HEAD "[deny]\nsyscalls = read\n  opennat\n",
	 "p.ini:5: unknown system call 'opennat' (did you mean 'openat'?)\n"},
	{HEAD "[deny]\nsyscalls = timer\n",
	 "p.ini:4: unknown system call 'timer' (did you mean '@timer'?)\n"},
	{HEAD "[deny]\nsyscalls = nothing_of_the_kind_at_all\n",
	 "p.ini:4: unknown system call 'nothing_of_the_kind_at_all'\n"},
	{HEAD "[deny]\nsyscalls = @tmer\n",
	 "p.ini:4: unknown group '@tmer' (did you mean '@timer'?)\n"},
	{HEAD "[deny]\nsyscalls = @nothing-like-any-group\n",
	 "p.ini:4: unknown group '@nothing-like-any-group' ('sandbox groups' "
	 "lists them)\n"},
	/* names that do nothing here: alone, and in a list of such */
	{HEAD "[deny]\numount = EBUSY\n[kill]\nsocketcall = always\n",
	 "p.ini:4: 'umount' does nothing here: x86_64 has no such call (did "
	 "you mean 'umount2'?)\n"
	 "p.ini:6: 'socketcall' does nothing here: x86_64 has no such call; "
	 "remove it\n"},
	{HEAD "[deny]\nsyscalls = send\n  stat64\n",
	 "p.ini:4: 'send' does nothing here: x86_64 has no such call (did you "
	 "mean 'sendto'?)\n"
	 "p.ini:5: 'stat64' does nothing here: x86_64 has no such call (did "
	 "you mean 'stat'?)\n"},
	{"[policy]\ndefault = allow\narchitectures = native x86\n[deny]\n"
	 "umount = EBUSY\ncachectl = always\n",
	 "p.ini:6: 'cachectl' does nothing here: none of the admitted "
	 "architectures has such a call; remove it\n"},
	{HEAD "[deny]\nsyscalls =\n",
	 "p.ini:4: this list names no system call\n"},
	{HEAD "[deny]\nsyscalls = 0x1ce 065 65536\n",
	 "p.ini:4: '0x1ce' is neither a system call nor a decimal number\n"
	 "p.ini:4: '065' is neither a system call nor a decimal number\n"
	 "p.ini:4: no system call has the number 65536\n"},
	{"[policy]\ndefault = deny\n[allow]\n511 = always\n520 = always\n",
	 "p.ini:5: no system call has the number 520: 512 to 547 belong to x32, "
	 "which meets 'foreign'\n"},
	{HEAD "[deny]\nsyscall = read\n",
	 "p.ini:4: unknown key 'syscall' (did you mean 'syscalls'?)\n"},
	{HEAD "[deny]\nerrno = ENOSYS\n",
	 "p.ini:4: 'errno' belongs under [policy]\n"},
	/* values */
	{HEAD "[deny]\nopennat = always\n",
	 "p.ini:4: unknown system call 'opennat' (did you mean 'openat'?)\n"},
	{HEAD "[deny]\nread = EPREM\n",
	 "p.ini:4: unknown errno 'EPREM' (did you mean 'EPERM'?)\n"},
	{HEAD "[deny]\nread = 512\n",
	 "p.ini:4: errno 512 is out of range: 0-511\n"},
	{HEAD "[deny]\nread = EPERM unless\n",
	 "p.ini:4: 'read = EPERM unless': expected 'always', an errno, 'if "
	 "CONDITION' or 'ERRNO if CONDITION'\n"},
	{HEAD "[deny]\nread =\n",
	 "p.ini:4: 'read = ': expected 'always', an errno, 'if CONDITION' or "
	 "'ERRNO if CONDITION' (write 'always')\n"},
	{HEAD "[allow]\nread = EPERM\n",
	 "p.ini:4: 'read = EPERM': an errno belongs under [deny]\n"},
	{HEAD "[kill]\nread = EPERM if fd == 1\n",
	 "p.ini:4: 'read = EPERM': an errno belongs under [deny]\n"},
	{HEAD "[allow]\nread = yes\n",
	 "p.ini:4: 'read = yes': expected 'always', 'if CONDITION' or 'only if "
	 "CONDITION' (write 'always')\n"},
	{HEAD "[log]\nread = always if\n",
	 "p.ini:4: 'read = always if': expected 'always' or 'if CONDITION'\n"},
	{HEAD "[allow]\nread = if\n",
	 "p.ini:4: 'read': the condition after 'if' is missing\n"},
	{HEAD "[allow]\nread = only fd == 1\n",
	 "p.ini:4: 'read = only fd == 1': expected 'always', 'if CONDITION' or "
	 "'only if CONDITION'\n"},
	{HEAD "[deny]\nread = only if fd == 1\n",
	 "p.ini:4: 'only if' belongs under [allow]\n"},
	{HEAD "[allow]\nsocket = if famly == 1 or\n  family == x\n",
	 "p.ini:5:13: unknown symbol 'x': write its number\n"},
	{HEAD "[deny]\n@network-io = if family == 1\n",
	 "p.ini:4:18: accept has no argument 'family': it has fd, "
	 "upeer_sockaddr, upeer_addrlen\n"},
	/* [groups] */
	{HEAD "[groups]\nweb = read\n",
	 "p.ini:4: a group's name is '@' followed by letters, digits, '-' "
	 "and '_', not 'web'\n"},
	{HEAD "[groups]\n@we/b = read\n",
	 "p.ini:4: a group's name is '@' followed by letters, digits, '-' "
	 "and '_', not '@we/b'\n"},
	{HEAD "[groups]\n@web = read\n@web = write\n",
	 "p.ini:5: group '@web' is already defined in p.ini:4\n"},
	{HEAD "[groups]\n@timer = read\n",
	 "p.ini:4: group '@timer' is built in: choose another name\n"},
	{HEAD "[groups]\n@web =\n", "p.ini:4: group '@web' has no members\n"},
	{HEAD "[groups]\n@web = read\n  opennat @webb\n",
	 "p.ini:5: unknown system call 'opennat' (did you mean 'openat'?)\n"
	 "p.ini:5: unknown group '@webb' (did you mean '@web'?)\n"},
	{HEAD "[groups]\n@a = @a\n",
	 "p.ini:4: group '@a' contains itself: @a, @a\n"},
	{HEAD "[groups]\n@a = read @b\n@b = @c\n@c = write\n  @a\n",
	 "p.ini:7: group '@a' contains itself: @a, @b, @c, @a\n"},
	/* the policy as a whole is looked at as well */
	{HEAD "[deny]\nopennat = always\nread = always\n[allow]\n"
	      "syscalls = read\n",
	 "p.ini:4: unknown system call 'opennat' (did you mean 'openat'?)\n"
	 "p.ini:5: read is denied here and allowed on line 7: one file can say "
	 "only one of them, so remove a line or give the deny a condition\n"},
	/* of form and meaning at once */
	{"[policy]\ndefault = denny\njunk\n[allow]\nsyscalls = opennat\n",
	 "p.ini:2: 'default' is allow, deny, kill or log, not 'denny'\n"
	 "p.ini:3: expected 'key = value', found 'junk'\n"
	 "p.ini:5: unknown system call 'opennat' (did you mean 'openat'?)\n"},
};

static void every_mistake(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(mistakes); i++) {
		write_text("p.ini", mistakes[i].text);
		assert_refused(mistakes[i].expected, NAMES("p.ini"));
	}
}

/* All in one file: all are told. */
static void many_mistakes(void **state)
{
	char *text, *got;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	(void)state;
	fputs(HEAD "[deny]\n", f);
	for (int i = 0; i < 150; i++)
		fputs("syscalls = opennat\n", f);
	fclose(f);
	write_text("p.ini", text);
	got = refusal_of(NULL, NULL, NAMES("p.ini"));
	assert_contains(got, "p.ini:4: unknown system call 'opennat'");
	assert_contains(got, "p.ini:103: unknown system call 'opennat'");
	assert_contains(got, "sandbox: and 50 more\n");
	free(got);
	free(text);
}

static void no_default(void **state)
{
	char *got;

	(void)state;
	write_text("p.ini", "");
	got = refusal_of(NULL, NULL, NAMES("p.ini"));
	assert_contains(got, "p.ini: nothing sets 'default'");
	free(got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_scratch(settings),
		in_scratch(rules),
		in_scratch(conditions),
		in_scratch(other_abi),
		in_scratch(own_groups),
		in_scratch(ten_thousand_lines),
		in_scratch(long_list),
		in_scratch(every_mistake),
		in_scratch(many_mistakes),
		in_scratch(no_default),
	};

	unsetenv("SANDBOX_POLICY_PATH");
	unsetenv("SUDO_UID");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
