/* From files and options to one policy: what they say, in which order, and
 * every mistake with its place. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>

#include "formats/load.h"
#include "model/decide.h"
#include "scratch.h"

/* Loads up to four policies, NULL at the end; *got holds the mistakes. */
static struct policy *load_all(const char *allow, const char *deny, char **got,
			       const char *const names[])
{
	const char *policies[40];
	struct policy_request request = {policies, 0, allow, deny};
	struct diags diags = DIAGS_INIT;
	struct policy *policy;

	while (names[request.n]) {
		policies[request.n] = names[request.n];
		request.n++;
	}
	policy = policy_load(&request, &diags);
	assert_int_equal(policy == NULL, diags.n > 0);
	*got = diags_text(&diags);
	diags_free(&diags);
	return policy;
}

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NO_NAMES ((const char *const[]){NULL})

static struct policy *must_load(const char *allow, const char *deny,
				const char *const names[])
{
	char *got;
	struct policy *policy = load_all(allow, deny, &got, names);

	assert_text(got, "");
	free(got);
	return policy;
}

static struct policy *load_text(const char *text)
{
	write_text("p.ini", text);
	return must_load(NULL, NULL, NAMES("p.ini"));
}

static char *refusal_of(const char *allow, const char *deny,
			const char *const names[])
{
	char *got;
	struct policy *policy = load_all(allow, deny, &got, names);

	if (policy)
		fprintf(stderr, "%s was accepted\n", names[0]);
	assert_null(policy);
	return got;
}

static void assert_refused(const char *expected, const char *const names[])
{
	char *got = refusal_of(NULL, NULL, names);

	assert_text(got, expected);
	free(got);
}

static struct verdict ask(const struct policy *policy, const char *call)
{
	static const uint64_t args[6];
	int64_t nr = syscall_number(syscall_by_name(call), ABI_NATIVE);

	assert_true(nr >= 0);
	return decide(policy, abis[ABI_NATIVE].audit_arch, (uint32_t)nr, args);
}

static void assert_verdict(const struct policy *policy, const char *call,
			   enum action action, int line)
{
	struct verdict verdict = ask(policy, call);

	if (verdict.action != action || verdict.at.line != line)
		fprintf(stderr, "%s: %s by line %d, expected %s by line %d\n",
			call, action_names[verdict.action], verdict.at.line,
			action_names[action], line);
	assert_int_equal(verdict.action, action);
	assert_int_equal(verdict.at.line, line);
}

static const struct rule *rule_of(const struct policy *policy,
				  const char *call)
{
	const struct rule *rule = ask(policy, call).rule;

	assert_non_null(rule);
	return rule;
}

#define HEAD "[policy]\ndefault = deny\n"

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
		{"architectures = native", SET_ARCHITECTURES, 1 << ABI_NATIVE},
		{"architectures = native\n  x86", SET_ARCHITECTURES,
		 1 << ABI_NATIVE | 1 << ABI_X86},
		{"architectures = x86_64 aarch64", SET_ARCHITECTURES,
		 1 << ABI_X86_64 | 1 << ABI_AARCH64},
		{"privileges = keep", SET_PRIVILEGES, 1},
		{"privileges = drop", SET_PRIVILEGES, 0},
		{"speculation = allow", SET_SPECULATION, 1},
		{"speculation = default", SET_SPECULATION, 0},
		{"final = yes", SET_FINAL, 1},
		{"final = no", SET_FINAL, 0},
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
		policy->layers[0], syscall_by_number(ABI_NATIVE, 462)));
	assert_non_null(layer_entries(policy->layers[0], CALL_RAW | 999));
	assert_non_null(layer_entries(policy->layers[0], CALL_RAW | 998));
	policy_free(policy);
}

static struct verdict ask_with(const struct policy *policy, const char *call,
			       uint64_t arg0)
{
	uint64_t args[6] = {arg0};
	int64_t nr = syscall_number(syscall_by_name(call), ABI_NATIVE);

	return decide(policy, abis[ABI_NATIVE].audit_arch, (uint32_t)nr, args);
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
					  "@timer = ENOSYS if arg0 == 7\n");
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
	verdict = ask_with(policy, "timer_delete", 7);
	assert_int_equal(verdict.err, ENOSYS);
	assert_string_equal(verdict.rule->group, "@timer");
	assert_int_equal(ask_with(policy, "timer_delete", 8).at.line, 2);
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
	{HEAD "final = true\n", "p.ini:3: 'final' is yes or no, not 'true'\n"},
	{HEAD "privileges = yes\n",
	 "p.ini:3: 'privileges' is keep or drop, not 'yes'\n"},
	{HEAD "speculation = no\n",
	 "p.ini:3: 'speculation' is allow or default, not 'no'\n"},
	{HEAD "errno = EPREM\n",
	 "p.ini:3: unknown errno 'EPREM' (did you mean 'EPERM'?)\n"},
	{HEAD "errno = 512\n",
	 "p.ini:3: 'errno' is an errno by name (EPERM) or number (1-511), not "
	 "'512'\n"},
	{HEAD "kernel = 5\n", "p.ini:3: 'kernel' is MAJOR.MINOR of a Linux "
			      "release, as 5.2, not '5'\n"},
	{HEAD "kernel = 5.2.1\n", "p.ini:3: 'kernel' is MAJOR.MINOR of a Linux "
				  "release, as 5.2, not '5.2.1'\n"},
	{HEAD "kernel = 5.300\n", "p.ini:3: 'kernel' is MAJOR.MINOR of a Linux "
				  "release, as 5.2, not '5.300'\n"},
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
	{HEAD "[deny]\nsyscalls =\n",
	 "p.ini:4: this list names no system call\n"},
	{HEAD "[deny]\nsyscalls = 0x1ce 065 65536\n",
	 "p.ini:4: '0x1ce' is neither a system call nor a decimal number\n"
	 "p.ini:4: '065' is neither a system call nor a decimal number\n"
	 "p.ini:4: no system call has the number 65536\n"},
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
	 "'ERRNO if CONDITION'\n"},
	{HEAD "[allow]\nread = EPERM\n",
	 "p.ini:4: 'read = EPERM': an errno belongs under [deny]\n"},
	{HEAD "[kill]\nread = EPERM if fd == 1\n",
	 "p.ini:4: 'read = EPERM': an errno belongs under [deny]\n"},
	{HEAD "[allow]\nread = yes\n",
	 "p.ini:4: 'read = yes': expected 'always', 'if CONDITION' or 'only if "
	 "CONDITION'\n"},
	{HEAD "[log]\nread = always if\n",
	 "p.ini:4: 'read = always if': expected 'always' or 'if CONDITION'\n"},
	{HEAD "[allow]\nread = if\n",
	 "p.ini:4: 'read': the condition behind 'if' is missing\n"},
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
	 "p.ini:4: a group's name is '@' with letters, digits, '-' and '_' "
	 "behind it, not 'web'\n"},
	{HEAD "[groups]\n@we/b = read\n",
	 "p.ini:4: a group's name is '@' with letters, digits, '-' and '_' "
	 "behind it, not '@we/b'\n"},
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

static void assert_layers(const struct policy *policy,
			  const char *const names[])
{
	size_t n = 0;

	while (names[n])
		n++;
	for (size_t i = 0; i < policy->n_layers; i++)
		if (i >= n || strcmp(policy->layers[i]->file, names[i]) != 0)
			fprintf(stderr, "layer %zu: %s\n", i,
				policy->layers[i]->file);
	assert_int_equal(policy->n_layers, n);
	for (size_t i = 0; i < n; i++)
		assert_string_equal(policy->layers[i]->file, names[i]);
}

static void include_order(void **state)
{
	struct policy *policy;

	(void)state;
	assert_int_equal(mkdir("sub", 0755), 0);
	write_text("base.ini", HEAD "[allow]\nsyscalls = write\n");
	write_text("sub/one.ini", "[policy]\ninclude = ../base.ini\n");
	write_text("sub/two.ini", "[deny]\nsyscalls = write\n");
	write_text("top.ini", "[policy]\n"
			      "include = sub/one.ini\n"
			      "include = sub/two.ini\n"
			      "errno = EACCES\n");
	write_text("last.ini", "[log]\nsyscalls = write\n");
	policy = must_load(NULL, NULL, NAMES("top.ini"));
	assert_layers(policy, NAMES("sub/../base.ini", "sub/one.ini",
				    "sub/two.ini", "top.ini"));
	assert_verdict(policy, "write", ACTION_DENY, 2);
	assert_int_equal(ask(policy, "write").err, EACCES);
	policy_free(policy);
	policy = must_load(NULL, NULL, NAMES("top.ini", "last.ini"));
	assert_layers(policy, NAMES("sub/../base.ini", "sub/one.ini",
				    "sub/two.ini", "top.ini", "last.ini"));
	assert_verdict(policy, "write", ACTION_LOG, 2);
	policy_free(policy);
	policy = must_load(NULL, NULL, NAMES("last.ini", "top.ini"));
	assert_layers(policy, NAMES("last.ini", "sub/../base.ini",
				    "sub/one.ini", "sub/two.ini", "top.ini"));
	policy_free(policy);
}

/* d is inside b and c: its place is the outer one of the two, so that c with
 * all it includes lies outside b. */
static void diamond(void **state)
{
	struct policy *policy;

	(void)state;
	write_text("d.ini", HEAD "[deny]\nsyscalls = write\n");
	write_text("b.ini", "[policy]\ninclude = d.ini\n"
			    "[allow]\nsyscalls = write\n");
	write_text("c.ini", "[policy]\ninclude = d.ini\n");
	write_text("a.ini", "[policy]\ninclude = b.ini\ninclude = c.ini\n");
	policy = must_load(NULL, NULL, NAMES("a.ini"));
	assert_layers(policy, NAMES("b.ini", "d.ini", "c.ini", "a.ini"));
	assert_verdict(policy, "write", ACTION_DENY, 4);
	policy_free(policy);
	/* two -p that share it, and it alone as the last word */
	policy = must_load(NULL, NULL, NAMES("c.ini", "b.ini"));
	assert_layers(policy, NAMES("c.ini", "d.ini", "b.ini"));
	assert_verdict(policy, "write", ACTION_ALLOW, 4);
	policy_free(policy);
	policy = must_load(NULL, NULL, NAMES("b.ini", "d.ini"));
	assert_layers(policy, NAMES("b.ini", "d.ini"));
	assert_verdict(policy, "write", ACTION_DENY, 4);
	policy_free(policy);
}

static void deep_diamonds(void **state)
{
	struct policy *policy;

	(void)state;
	write_text("0.ini", HEAD);
	for (int i = 1; i < 32; i++) {
		char name[16], text[80];

		snprintf(name, sizeof(name), "%d.ini", i);
		snprintf(text, sizeof(text), "[policy]\ninclude = %d.ini\n"
			 "include = ./%d.ini\n", i - 1, i - 1);
		write_text(name, text);
	}
	policy = must_load(NULL, NULL, NAMES("31.ini"));
	assert_int_equal(policy->n_layers, 32);
	policy_free(policy);
}

static void include_mistakes(void **state)
{
	char *got;

	(void)state;
	write_text("a.ini", HEAD "include = b.ini\n");
	write_text("b.ini", "[policy]\n\ninclude = c.ini\n");
	write_text("c.ini", "[policy]\ninclude = a.ini\n");
	assert_refused("c.ini:2: cannot include 'a.ini': a.ini includes b.ini, "
		       "which includes c.ini, which includes a.ini\n",
		       NAMES("a.ini"));
	write_text("c.ini", "[policy]\ninclude = ./c.ini\n");
	assert_refused("c.ini:2: cannot include './c.ini': c.ini includes "
		       "c.ini\n", NAMES("a.ini"));
	write_text("c.ini", "[policy]\ninclude = ./none.ini\n"
			    "include = none.ini\ninclude = /none/x.ini\n"
			    "include = .\ninclude =\n");
	got = refusal_of(NULL, NULL, NAMES("a.ini"));
	assert_contains(got, "c.ini:2: cannot include './none.ini': ./none.ini:"
			" No such file or directory\n");
	assert_contains(got, "c.ini:3: cannot include 'none.ini': there is no "
			"none.ini beside this file nor in /etc/sandbox:");
	assert_contains(got, "c.ini:4: cannot include '/none/x.ini': "
			"/none/x.ini: No such file or directory\n");
	assert_contains(got, "c.ini:6: 'include' has no value\n");
	/* a missing file says nothing of what it might have set */
	assert_null(strstr(got, "nothing sets"));
	free(got);
	/* mistakes of each file together, in the order they were read */
	write_text("a.ini", HEAD "include = b.ini\nbad\n[x]\n");
	write_text("b.ini", "[policy]\nfoo = 1\nbad\n");
	assert_refused("a.ini:4: expected 'key = value', found 'bad'\n"
		       "a.ini:5: unknown section [x]: there are policy, groups,"
		       " allow, deny, kill and log\n"
		       "b.ini:2: unknown key 'foo' in [policy]\n"
		       "b.ini:3: expected 'key = value', found 'bad'\n",
		       NAMES("a.ini"));
}

static void include_depth(void **state)
{
	struct policy *policy;

	(void)state;
	write_text("0.ini", HEAD);
	for (int i = 1; i <= 32; i++) {
		char name[16], text[64];

		snprintf(name, sizeof(name), "%d.ini", i);
		snprintf(text, sizeof(text), "[policy]\ninclude = %d.ini\n",
			 i - 1);
		write_text(name, text);
	}
	policy = must_load(NULL, NULL, NAMES("31.ini"));
	assert_int_equal(policy->n_layers, 32);
	policy_free(policy);
	assert_refused("1.ini:2: cannot include '0.ini': files include each "
		       "other more than 32 deep\n", NAMES("32.ini"));
}

static void included_groups(void **state)
{
	struct policy *policy;

	(void)state;
	write_text("g.ini", "[groups]\n@web = read write\n");
	write_text("b.ini", "[policy]\ninclude = g.ini\n");
	write_text("a.ini", HEAD "[allow]\nsyscalls = @more\n[groups]\n"
			    "@more = @web close\n[policy]\ninclude = b.ini\n");
	policy = must_load(NULL, NULL, NAMES("a.ini"));
	assert_verdict(policy, "read", ACTION_ALLOW, 4);
	assert_verdict(policy, "close", ACTION_ALLOW, 4);
	policy_free(policy);
	/* the other way round, and beside each other, they are not seen */
	write_text("g.ini", "[groups]\n@web = read write\n"
			    "[allow]\nsyscalls = @more\n");
	write_text("c.ini", "[allow]\nsyscalls = @web\n");
	assert_refused("g.ini:4: unknown group '@more' ('sandbox groups' lists "
		       "them)\n"
		       "c.ini:2: unknown group '@web' ('sandbox groups' lists "
		       "them)\n", NAMES("a.ini", "c.ini"));
	/* a name stands for one group */
	write_text("g.ini", "[groups]\n@web = read write\n");
	write_text("c.ini", HEAD "include = g.ini\n[groups]\n@web = dup\n");
	assert_refused("c.ini:5: group '@web' is already defined in g.ini:2\n",
		       NAMES("c.ini"));
	write_text("h.ini", "[groups]\n@web = dup\n");
	write_text("c.ini", HEAD "include = g.ini\ninclude = h.ini\n");
	assert_refused("c.ini:4: group '@web' of h.ini:2 is also defined in "
		       "g.ini:2: rename one of them\n", NAMES("c.ini"));
	/* the same file twice is the same group */
	write_text("c.ini", HEAD "include = g.ini\ninclude = b.ini\n");
	policy_free(must_load(NULL, NULL, NAMES("c.ini")));
}

static void search_path(void **state)
{
	struct policy *policy;
	char *got;

	(void)state;
	assert_int_equal(mkdir("one", 0755), 0);
	assert_int_equal(mkdir("two", 0755), 0);
	write_text("two/web.ini", HEAD "include = part\ninclude = own.ini\n");
	write_text("one/part.ini", "[allow]\nsyscalls = read\n");
	write_text("two/own.ini", "");
	write_text("one/own.ini", "");
	write_text("web", HEAD);
	write_text("web.ini", HEAD);
	setenv("SANDBOX_POLICY_PATH", "one::two", 1);
	policy = must_load(NULL, NULL, NAMES("web"));
	/* beside the file first, then along the path */
	assert_layers(policy, NAMES("one/part.ini", "two/own.ini",
				    "two/web.ini"));
	policy_free(policy);
	/* a slash or .ini makes it a path */
	policy = must_load(NULL, NULL, NAMES("./web"));
	assert_layers(policy, NAMES("./web"));
	policy_free(policy);
	policy = must_load(NULL, NULL, NAMES("web.ini"));
	assert_layers(policy, NAMES("web.ini"));
	policy_free(policy);
	got = refusal_of(NULL, NULL, NAMES("nosuch", "nosuch.ini", ""));
	assert_contains(got, "sandbox: no policy 'nosuch': there is no "
			"nosuch.ini in one::two:/etc/sandbox:");
	assert_contains(got, "/share/sandbox/policies (write ./nosuch for a "
			"file of that name here)\n");
	assert_contains(got, "nosuch.ini: No such file or directory\n");
	assert_contains(got, "sandbox: the name of a policy is empty\n");
	free(got);
	/* what is there and is no policy is not stepped over */
	assert_int_equal(mkdir("one/web.ini", 0755), 0);
	assert_refused("one/web.ini: is a directory\n", NAMES("web"));
	unsetenv("SANDBOX_POLICY_PATH");
}

static void kinds_of_file(void **state)
{
	char *got;

	(void)state;
	assert_int_equal(mkfifo("fifo.ini", 0644), 0);
	assert_refused("fifo.ini: is a FIFO, not a regular file\n",
		       NAMES("fifo.ini"));
	assert_refused("/dev/null: is a device, not a regular file\n",
		       NAMES("/dev/null"));
	assert_refused("./: is a directory\n", NAMES("./"));
	write_text("p.ini", HEAD "include = fifo.ini\n");
	assert_refused("p.ini:3: cannot include 'fifo.ini': fifo.ini: is a "
		       "FIFO, not a regular file\n", NAMES("p.ini"));
	write_bytes("p.ini", "[policy]\n\0", 10);
	assert_refused("p.ini:2: not a text file: it holds a NUL byte\n",
		       NAMES("p.ini"));
	write_text("p.ini", "");
	assert_int_equal(truncate("p.ini", (4 << 20) + 1), 0);
	got = refusal_of(NULL, NULL, NAMES("p.ini"));
	assert_text(got, "p.ini: larger than 4 MiB, which no policy is\n");
	free(got);
}

/* Standard input and <(…). */
static void pipes(void **state)
{
	static const char text[] = HEAD "[allow]\nsyscalls = read\n";
	char name[32];
	int fds[2];
	struct policy *policy;

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(write(fds[1], text, sizeof(text) - 1),
			 sizeof(text) - 1);
	close(fds[1]);
	snprintf(name, sizeof(name), "/dev/fd/%d", fds[0]);
	policy = must_load(NULL, NULL, NAMES(name));
	close(fds[0]);
	assert_verdict(policy, "read", ACTION_ALLOW, 4);
	assert_layers(policy, NAMES(name));
	policy_free(policy);
}

static int count_open(void)
{
	int n = 0;

	for (int fd = 0; fd < 100; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void descriptors(void **state)
{
	int before = count_open();

	(void)state;
	write_text("base.ini", HEAD);
	write_text("p.ini", "[policy]\ninclude = base.ini\ninclude = x.ini\n");
	free(refusal_of(NULL, NULL, NAMES("p.ini", "p.ini", "nosuch.ini",
					  "/dev/null", "./")));
	policy_free(must_load(NULL, NULL, NAMES("base.ini", "base.ini")));
	assert_int_equal(count_open(), before);
}

static void command_line(void **state)
{
	struct policy *policy;
	char *got;

	(void)state;
	policy = must_load(NULL, "write,@timer, 999", NO_NAMES);
	assert_layers(policy, NAMES("command line"));
	assert_int_equal(ask(policy, "write").action, ACTION_DENY);
	assert_int_equal(ask(policy, "timer_create").action, ACTION_DENY);
	assert_int_equal(ask(policy, "read").action, ACTION_ALLOW);
	assert_string_equal(ask(policy, "write").at.file, "command line");
	assert_int_equal(ask(policy, "write").at.line, 0);
	assert_false(rule_of(policy, "write")->alone);
	assert_string_equal(ask(policy, "read").at.file, "command line");
	policy_free(policy);

	policy = must_load("read write", NULL, NO_NAMES);
	assert_int_equal(ask(policy, "write").action, ACTION_ALLOW);
	assert_int_equal(ask(policy, "close").action, ACTION_DENY);
	policy_free(policy);

	policy = must_load("@timer", "timer_create", NO_NAMES);
	assert_int_equal(ask(policy, "timer_create").action, ACTION_DENY);
	assert_true(rule_of(policy, "timer_create")->alone);
	assert_int_equal(ask(policy, "timer_delete").action, ACTION_ALLOW);
	assert_int_equal(ask(policy, "close").action, ACTION_DENY);
	policy_free(policy);

	got = refusal_of("reed", "opennat,@tmer", NO_NAMES);
	assert_text(got,
		    "--allow: unknown system call 'reed' (did you mean "
		    "'read'?)\n"
		    "--deny: unknown system call 'opennat' (did you mean "
		    "'openat'?)\n"
		    "--deny: unknown group '@tmer' (did you mean '@timer'?)\n");
	free(got);
	got = refusal_of(NULL, " ,", NO_NAMES);
	assert_text(got, "--deny: this list names no system call\n");
	free(got);
}

static void command_line_with_files(void **state)
{
	struct policy *policy;
	char *got;

	(void)state;
	write_text("a.ini", HEAD "[groups]\n@web = read\n[allow]\n"
			    "syscalls = write read\n");
	write_text("b.ini", "[groups]\n@web = dup\n@net = dup2\n");
	policy = must_load("close", "write @web", NAMES("a.ini"));
	assert_layers(policy, NAMES("a.ini", "command line"));
	assert_int_equal(ask(policy, "write").action, ACTION_DENY);
	assert_int_equal(ask(policy, "close").action, ACTION_ALLOW);
	assert_int_equal(ask(policy, "read").action, ACTION_DENY);
	/* with -p, the lists set no default */
	assert_verdict(policy, "mkdir", ACTION_DENY, 2);
	assert_string_equal(ask(policy, "mkdir").at.file, "a.ini");
	policy_free(policy);
	policy = must_load(NULL, "@net", NAMES("a.ini", "b.ini"));
	policy_free(policy);
	got = refusal_of(NULL, "@web", NAMES("a.ini", "b.ini"));
	assert_text(got, "--deny: group '@web' is defined twice, in b.ini:2 "
		    "and in a.ini:4\n");
	free(got);
}

#define in_scratch(test)                                                       \
	cmocka_unit_test_setup_teardown(test, scratch_enter, scratch_leave)

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
		in_scratch(include_order),
		in_scratch(diamond),
		in_scratch(deep_diamonds),
		in_scratch(include_mistakes),
		in_scratch(include_depth),
		in_scratch(included_groups),
		in_scratch(search_path),
		in_scratch(kinds_of_file),
		in_scratch(pipes),
		in_scratch(descriptors),
		in_scratch(command_line),
		in_scratch(command_line_with_files),
	};

	unsetenv("SANDBOX_POLICY_PATH");
	unsetenv("SUDO_UID");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
