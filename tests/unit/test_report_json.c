/* The report as JSON: members, their order, and bytes that are no text. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <sys/socket.h>

#include "report_fixture.h"

static json_t *parsed(const struct run_info *run, struct tally *tally)
{
	cleanup_free char *text = rendered("json", run, tally);
	json_error_t error;
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);

	if (!root)
		fail_msg("%s in:\n%s", error.text, text);
	return root;
}

/* The members' names in their order, separated by blanks. */
static void members(json_t *object, const char *expected)
{
	char all[512] = "";
	const char *name;
	json_t *value;

	json_object_foreach (object, name, value)
		strcat(strcat(all, *all ? " " : ""), name);
	assert_string_equal(all, expected);
}

static void string_is(json_t *object, const char *name, const char *expected)
{
	assert_string_equal(json_string_value(json_object_get(object, name)),
			    expected);
}

static void integer_is(json_t *object, const char *name, json_int_t expected)
{
	json_t *value = json_object_get(object, name);

	assert_true(json_is_integer(value));
	assert_int_equal(json_integer_value(value), expected);
}

static void json_members(void **state)
{
	struct run_info run = a_run();
	struct tally *tally = new_tally();
	json_t *root, *row, *part;
	cleanup_free char *text = NULL;

	(void)state;
	hit(tally, SYS_getppid, by_rule(&group_rule), 38);
	hit(tally, SYS_getuid, by_default, 3);
	root = parsed(&run, tally);
	members(root, "version sandbox command policies policy_digest mode tracer state "
		      "pid started duration_s exit totals denied");
	integer_is(root, "version", 1);
	string_is(root, "sandbox", VERSION);
	string_is(root, "mode", "enforce");
	string_is(root, "tracer", "ptrace");
	integer_is(root, "pid", 812);
	string_is(root, "started", "2023-11-14T22:13:20.123456Z");
	assert_int_equal(json_array_size(json_object_get(root, "command")), 2);
	integer_is(json_object_get(root, "exit"), "code", 0);
	integer_is(json_object_get(root, "totals"), "calls", 2);
	integer_is(json_object_get(root, "totals"), "hits", 41);
	row = json_array_get(json_object_get(root, "denied"), 0);
	members(row, "syscall number abi answer hits rule powers processes "
		     "first allow_with power");
	string_is(row, "syscall", "getppid");
	integer_is(row, "number", SYS_getppid);
	string_is(row, "abi", abis[ABI_NATIVE].name);
	string_is(row, "answer", "EPERM");
	integer_is(row, "hits", 38);
	string_is(row, "allow_with", "syscalls = getppid");
	part = json_object_get(row, "rule");
	members(part, "kind file line group");
	string_is(part, "kind", "group");
	string_is(part, "file", "policies/web.ini");
	integer_is(part, "line", 14);
	string_is(part, "group", "@open");
	part = json_array_get(json_object_get(row, "processes"), 0);
	members(part, "pid comm hits");
	integer_is(part, "pid", getpid());
	string_is(part, "comm", "nginx");
	integer_is(part, "hits", 38);
	part = json_object_get(row, "first");
	members(part, "pid comm at_s args ip");
	string_is(part, "ip", "0x10");
	assert_int_equal(json_array_size(json_object_get(part, "args")), 0);
	row = json_array_get(json_object_get(root, "denied"), 1);
	part = json_object_get(row, "rule");
	members(part, "kind file line");
	string_is(part, "kind", "default");
	integer_is(part, "line", 2);
	json_decref(root);
	text = rendered("json", &run, tally);
	contains(text, "\"duration_s\": 2.13,");
	tally_free(tally);
}

static void json_of_an_end_by_signal_and_of_a_run_that_goes_on(void **state)
{
	struct run_info run = a_run();
	struct tally *tally = new_tally();
	json_t *root;

	(void)state;
	run.wait_status = SIGSEGV | 0x80;
	run.earlier_filters = 3;
	root = parsed(&run, tally);
	members(json_object_get(root, "exit"), "signal");
	string_is(json_object_get(root, "exit"), "signal", "SIGSEGV");
	integer_is(root, "earlier_filters", 3);
	assert_true(json_is_array(json_object_get(root, "denied")));
	json_decref(root);
	run.ended = false;
	root = parsed(&run, tally);
	assert_null(json_object_get(root, "exit"));
	json_decref(root);
	run.gone = true;
	root = parsed(&run, tally);
	members(json_object_get(root, "exit"), "unknown");
	json_decref(root);
	tally_free(tally);
}

static void json_with_hostile_bytes(void **state)
{
	struct run_info run = a_run();
	char *const argv[] = {(char *)"\"\\\n\001", (char *)"\xff\xfe",
			      (char *)"caf\303\251", NULL};
	const char *names[] = {"\xc0.ini"};
	struct tally *tally = new_tally();
	pid_t pid = sleeper("\xe9\"}");
	struct event event = {.tid = pid,
			      .audit_arch = abis[ABI_NATIVE].audit_arch,
			      .nr = SYS_chdir,
			      .args = {(uintptr_t) "\xff\"\n"}};
	json_t *root, *list, *row;

	(void)state;
	run.command = argv;
	run.policies = names;
	tally_denied(tally, &event, &by_default, false, NULL);
	root = parsed(&run, tally);
	list = json_object_get(root, "command");
	assert_string_equal(json_string_value(json_array_get(list, 0)),
			    "\"\\\n\001");
	assert_string_equal(json_string_value(json_array_get(list, 1)),
			    "\\xff\\xfe");
	assert_string_equal(json_string_value(json_array_get(list, 2)),
			    "caf\303\251");
	list = json_object_get(root, "policies");
	assert_string_equal(json_string_value(json_array_get(list, 0)),
			    "\\xc0.ini");
	row = json_array_get(json_object_get(root, "denied"), 0);
	string_is(json_object_get(row, "first"), "comm", "\\xe9\"}");
	list = json_object_get(json_object_get(row, "first"), "args");
	assert_string_equal(json_string_value(json_array_get(list, 0)),
			    "\"\\xff\\\"\\n\"");
	json_decref(root);
	end(pid);
	tally_free(tally);
}

static void json_of_a_count(void **state)
{
	struct run_info run = a_run();
	struct tally *tally = new_tally();
	json_t *root, *row;

	(void)state;
	run.mode = RUN_COUNT;
	tally_count(tally, abis[ABI_NATIVE].audit_arch, SYS_read);
	tally_count(tally, abis[ABI_NATIVE].audit_arch, SYS_read);
	tally_count(tally, AUDIT_ARCH_X86_64, X32_BIT | 1);
	root = parsed(&run, tally);
	string_is(root, "mode", "count");
	row = json_array_get(json_object_get(root, "counts"), 0);
	members(row, "syscall number abi hits");
	string_is(row, "syscall", "read");
	integer_is(row, "hits", 2);
	row = json_array_get(json_object_get(root, "counts"), 1);
	string_is(row, "syscall", "write");
	string_is(row, "abi", "x32");
	json_decref(root);
	tally_free(tally);
}

static const char *text_at(json_t *row, const char *list, size_t i)
{
	return json_string_value(json_array_get(json_object_get(row, list), i));
}

static void json_of_what_was_learned(void **state)
{
	struct run_info run = a_run();
	struct tally *tally = new_tally();
	struct event event = {.tid = getpid(),
			      .audit_arch = abis[ABI_NATIVE].audit_arch,
			      .nr = SYS_socket,
			      .args = {AF_INET, SOCK_STREAM, 0}};
	struct uses earlier = {.powers = POWER_SET(POWER_IO_URING)};
	json_t *root, *row;

	(void)state;
	run.mode = RUN_LEARN;
	tally_learn(tally, &event);
	tally_learn(tally, &event);
	event.nr = SYS_ioctl;
	for (uint64_t cmd = 0x5413; cmd > 0x5411; cmd--) {
		event.args[1] = cmd | UINT64_C(1) << 32; /* not asked */
		tally_learn(tally, &event);
	}
	tally_learned(tally, ABI_NATIVE, SYS_io_uring_setup, 1, &earlier);
	root = parsed(&run, tally);
	string_is(root, "mode", "learn");
	row = json_array_get(json_object_get(root, "counts"), 0);
	members(row, "syscall number abi hits powers values programs first");
	string_is(row, "syscall", "ioctl");
	assert_int_equal(json_integer_value(json_array_get(
		json_object_get(row, "values"), 0)), 0x5412);
	assert_int_equal(json_integer_value(json_array_get(
		json_object_get(row, "values"), 1)), 0x5413);
	row = json_array_get(json_object_get(root, "counts"), 1);
	members(row, "syscall number abi hits powers programs first");
	integer_is(row, "hits", 2);
	assert_string_equal(text_at(row, "powers", 0), "socket-tcp");
	assert_string_equal(text_at(row, "programs", 0), "nginx");
	assert_string_equal(text_at(json_object_get(row, "first"), "args", 0),
			    "AF_INET");
	row = json_array_get(json_object_get(root, "counts"), 2);
	members(row, "syscall number abi hits powers");
	assert_string_equal(text_at(row, "powers", 0), "io-uring");
	json_decref(root);
	tally_free(tally);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_members),
		cmocka_unit_test(
			json_of_an_end_by_signal_and_of_a_run_that_goes_on),
		cmocka_unit_test(json_with_hostile_bytes),
		cmocka_unit_test(json_of_a_count),
		cmocka_unit_test(json_of_what_was_learned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
