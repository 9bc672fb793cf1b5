/* From files and options to one policy: includes, their order, the search
 * path, and the lists of --allow and --deny. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>

#include "load_fixture.h"

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
			"file of that name here, or set SANDBOX_POLICY_PATH)\n");
	assert_contains(got, "nosuch.ini: No such file or directory (without .ini");
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
	assert_text(got, "p.ini: larger than 4 MiB\n");
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

int main(void)
{
	const struct CMUnitTest tests[] = {
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
