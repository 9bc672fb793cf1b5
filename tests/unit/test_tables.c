/* The tables: order, agreement with libseccomp and the headers, and the few
 * functions that read them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "base/util.h"
#include "tables/alias.h"
#include "tables/argument.h"
#include "tables/constant.h"
#include "tables/errname.h"
#include "tables/group.h"
#include "tables/signature.h"
#include "tables/syscall.h"

static uint32_t call_of(const char *name)
{
	uint32_t call = syscall_by_name(name);

	if (call == CALL_NONE)
		fail_msg("no call %s", name);
	return call;
}

static const struct syscall_row *row_of(const char *name)
{
	return syscall_row(call_of(name));
}

/* A text in a row that just fits would have lost its NUL. */
#define assert_terminated(text) assert_non_null(memchr(text, 0, sizeof(text)))

/* -- system calls ------------------------------------------------------- */

static void test_rows_sorted(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < syscall_count(); i++)
		assert_terminated(syscall_row(i)->name);
	for (uint32_t i = 1; i < syscall_count(); i++)
		assert_true(strcmp(syscall_row(i - 1)->name,
				   syscall_row(i)->name) < 0);
	assert_null(syscall_row((uint32_t)syscall_count()));
	assert_null(syscall_row(CALL_RAW | 3));
}

static void test_round_trips(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < syscall_count(); i++) {
		const struct syscall_row *row = syscall_row(i);

		assert_int_equal(syscall_by_name(row->name), i);
		for (int abi = 0; abi < ABI_COUNT; abi++) {
			assert_int_equal(syscall_number(i, abi), row->nr[abi]);
			if (row->nr[abi] < 0)
				continue;
			assert_int_equal(
				syscall_by_number(abi, (uint32_t)row->nr[abi]),
				i);
			assert_true((uint32_t)row->nr[abi] <=
				    syscall_last(abi));
		}
	}
}

/* Every call that libseccomp has on an ABI is here with the same number; what
 * a later libseccomp adds is not asked for. */
static void test_agrees_with_libseccomp(void **state)
{
	static const uint32_t arch[ABI_COUNT] = {
		SCMP_ARCH_X86_64, SCMP_ARCH_X86, SCMP_ARCH_AARCH64};

	(void)state;
	for (int abi = 0; abi < ABI_COUNT; abi++) {
		int known = 0;

		for (int nr = 0; nr <= (int)syscall_last(abi); nr++) {
			char *name = seccomp_syscall_resolve_num_arch(
				arch[abi], nr);

			if (!name)
				continue;
			known++;
			assert_int_equal(row_of(name)->nr[abi], nr);
			free(name);
		}
		assert_true(known > 300);
	}
}

/* And what libseccomp knows by name has no other number there. */
static void test_no_other_numbers(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < syscall_count(); i++) {
		const struct syscall_row *row = syscall_row(i);
		int nr = seccomp_syscall_resolve_name_arch(SCMP_ARCH_X86_64,
							   row->name);

		if (nr >= 0)
			assert_int_equal(row->nr[ABI_X86_64], nr);
		nr = seccomp_syscall_resolve_name_arch(SCMP_ARCH_AARCH64,
						       row->name);
		if (nr >= 0)
			assert_int_equal(row->nr[ABI_AARCH64], nr);
	}
	assert_int_equal(row_of("openat")->nr[ABI_NATIVE], SYS_openat);
}

/* From 424 on, numbers are the same everywhere. */
static void test_common_numbers(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < syscall_count(); i++) {
		const struct syscall_row *row = syscall_row(i);

		if (row->nr[ABI_X86_64] < 424)
			continue;
		assert_int_equal(row->nr[ABI_X86], row->nr[ABI_X86_64]);
		assert_int_equal(row->nr[ABI_AARCH64], row->nr[ABI_X86_64]);
	}
	for (uint32_t nr = 424; nr <= 471; nr++)
		assert_true(syscall_by_number(ABI_X86, nr) < CALL_RAW);
}

static void test_first_kernels(void **state)
{
	static const struct {
		const char *name;
		enum abi_id abi;
		uint16_t since;
	} samples[] = {
		{"read", ABI_X86_64, 0},
		{"process_vm_readv", ABI_X86_64, KERNEL(3, 2)},
		{"membarrier", ABI_X86_64, KERNEL(4, 3)},
		{"socket", ABI_X86_64, 0},
		{"socket", ABI_X86, KERNEL(4, 3)},
		{"semget", ABI_X86, KERNEL(5, 1)},
		{"futex_time64", ABI_X86, KERNEL(5, 1)},
		{"arch_prctl", ABI_X86, KERNEL(4, 12)},
		{"kexec_file_load", ABI_AARCH64, KERNEL(5, 0)},
		{"pidfd_send_signal", ABI_X86_64, KERNEL(5, 1)},
		{"clone3", ABI_X86_64, KERNEL(5, 3)},
		{"openat2", ABI_X86_64, KERNEL(5, 6)},
		{"close_range", ABI_X86_64, KERNEL(5, 9)},
		{"fchmodat2", ABI_AARCH64, KERNEL(6, 6)},
		{"mseal", ABI_X86, KERNEL(6, 10)},
		{"uretprobe", ABI_X86_64, KERNEL(6, 11)},
		{"file_getattr", ABI_X86_64, KERNEL(6, 17)},
		{"rseq_slice_yield", ABI_X86_64, KERNEL(7, 0)},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++)
		assert_int_equal(row_of(samples[i].name)->since[samples[i].abi],
				 samples[i].since);
	/* numbers are not in order of age */
	assert_true(row_of("close_range")->since[0] >
		    row_of("openat2")->since[0]);
}

static void test_flags(void **state)
{
	static const char *const never[] = {
		"setuid", "setresuid32", "setgroups", "capset", "seccomp",
		"landlock_restrict_self", "prctl", "ptrace", "openat", "fork",
		"mmap", "write", "getrandom", "chroot", "mount", "setrlimit",
		"close", "mprotect", "unshare", "setns", "umask"};
	static const char *const done[] = {
		"fsync", "fchown", "chown32", "chmod", "fchmodat2", "madvise",
		"mlock2", "setxattr", "utimensat_time64", "ftruncate64"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(never); i++)
		assert_false(row_of(never[i])->flags & SYSCALL_ZERO_IS_DONE);
	for (size_t i = 0; i < ARRAY_SIZE(done); i++)
		assert_true(row_of(done[i])->flags & SYSCALL_ZERO_IS_DONE);
	assert_int_equal(row_of("sigreturn")->flags, SYSCALL_IMPLICIT);
	assert_int_equal(row_of("rt_sigreturn")->flags, SYSCALL_IMPLICIT);
	assert_int_equal(row_of("exit_group")->flags, SYSCALL_IMPLICIT);
	assert_int_equal(row_of("uprobe")->flags, SYSCALL_UNFILTERED);
}

static void test_raw_calls(void **state)
{
	uint32_t old = syscall_by_number(ABI_X86_64, 400);
	uint32_t new = syscall_by_number(ABI_X86_64, 9000);
	char buf[16];

	(void)state;
	assert_int_equal(old, CALL_RAW | 400);
	assert_int_equal(syscall_number(old, ABI_X86_64), 400);
	assert_int_equal(syscall_number(old, ABI_X86), -1);
	assert_int_equal(syscall_number(new, ABI_X86), 9000);
	assert_int_equal(syscall_last(ABI_X86_64), 471);
	assert_string_equal(syscall_name(new, buf), "9000");
	assert_string_equal(syscall_name(call_of("read"), buf), "read");
	assert_int_equal(syscall_by_number(ABI_X86_64, NR_SKIPPED), CALL_NONE);
	assert_string_equal(syscall_name(CALL_NONE, buf), "-1");
	assert_int_equal(syscall_number(CALL_NONE, ABI_X86_64), -1);
}

static void test_names(void **state)
{
	(void)state;
	assert_int_equal(syscall_by_name("opennat"), CALL_NONE);
	assert_int_equal(syscall_by_name(""), CALL_NONE);
	assert_string_equal(syscall_suggest("opennat"), "openat");
	assert_string_equal(syscall_suggest("sokcet"), "socket");
	assert_null(syscall_suggest("entirely_different"));
	/* the first letters alone decide nothing */
	assert_int_equal(syscall_by_name("landlock_"), CALL_NONE);
	assert_int_equal(syscall_by_name("landlock_add_rulex"), CALL_NONE);
	assert_int_equal(syscall_by_name("sched_rr_get_interval_time64_and_on"),
			 CALL_NONE);
	assert_int_equal(syscall_by_word("read write", 4), call_of("read"));
	assert_int_equal(syscall_by_word("readv", 4), call_of("read"));
	assert_int_equal(syscall_by_word("read", 3), CALL_NONE);
	/* real elsewhere only, but known */
	assert_int_equal(row_of("riscv_flush_icache")->nr[ABI_X86_64], -1);
	assert_int_equal(row_of("s390_pci_mmio_read")->nr[ABI_AARCH64], -1);
	assert_int_equal(row_of("swapcontext")->nr[ABI_X86], -1);
}

/* -- groups -------------------------------------------------------------- */

/* Marks the calls of a group and what it includes; fails on unknown names and
 * cycles. */
static void expand(const char *name, char *calls, int depth)
{
	const struct group *group = group_find(name);
	char *copy, *member, *save;

	if (!group)
		fail_msg("no group %s", name);
	assert_true(depth < 8);
	if (streq(group->members, "*")) {
		memset(calls, 1, syscall_count());
		return;
	}
	copy = xstrdup(group->members);
	for (member = strtok_r(copy, " ", &save); member;
	     member = strtok_r(NULL, " ", &save)) {
		if (*member == '@')
			expand(member, calls, depth + 1);
		else
			calls[call_of(member)] = 1;
	}
	free(copy);
}

static bool group_has(const char *group, const char *call)
{
	char *calls = xcalloc(syscall_count(), 1);
	bool has;

	expand(group, calls, 0);
	has = calls[call_of(call)];
	free(calls);
	return has;
}

static void test_groups_sound(void **state)
{
	const struct group *group;
	size_t i;

	(void)state;
	for (i = 0; (group = group_at(i)); i++) {
		char *calls = xcalloc(syscall_count(), 1);
		size_t n = strlen(group->members);

		assert_int_equal(group->name[0], '@');
		assert_ptr_equal(group_find(group->name), group);
		assert_true(*group->help);
		expand(group->name, calls, 0);
		assert_non_null(memchr(calls, 1, syscall_count()));
		assert_null(strstr(group->members, "  "));
		assert_true(n && group->members[n - 1] != ' ');
		free(calls);
	}
	assert_true(i > 60);
}

static void test_group_members(void **state)
{
	(void)state;
	assert_true(group_has("@system-service", "io_uring_setup"));
	assert_true(group_has("@system-service", "futex_wait"));
	assert_false(group_has("@system-service", "ptrace"));
	assert_false(group_has("@system-service", "seccomp"));
	assert_true(group_has("@sandbox", "landlock_add_rule"));
	assert_true(group_has("@basic-io", "close"));
	assert_true(group_has("@file-system", "close"));
	assert_true(group_has("@privileged", "chown32"));
	assert_true(group_has("@default", "mseal"));
	assert_true(group_has("@known", "s390_runtime_instr"));
	assert_true(group_has("@open", "openat2"));
	assert_true(group_has("@open", "open_by_handle_at"));
	assert_true(group_has("@write", "splice"));
	assert_false(group_has("@write", "io_uring_enter"));
	assert_true(group_has("@stat", "statx"));
	assert_true(group_has("@chmod", "fchmodat2"));
	assert_true(group_has("@spawn", "clone3"));
	assert_true(group_has("@exec", "execveat"));
	assert_null(group_find("@nothing"));
	assert_string_equal(group_suggest("@file-sytem"), "@file-system");
}

/* -- errno --------------------------------------------------------------- */

static void test_errno(void **state)
{
	char buf[16];

	(void)state;
	assert_int_equal(errno_parse("EPERM"), EPERM);
	assert_int_equal(errno_parse("EHWPOISON"), EHWPOISON);
	assert_int_equal(errno_parse("EWOULDBLOCK"), EAGAIN);
	assert_int_equal(errno_parse("EDEADLOCK"), EDEADLK);
	assert_int_equal(errno_parse("ENOTSUP"), EOPNOTSUPP);
	assert_int_equal(errno_parse("0"), 0);
	assert_int_equal(errno_parse("38"), ENOSYS);
	assert_int_equal(errno_parse("511"), 511);
	assert_int_equal(errno_parse("512"), -1);
	assert_int_equal(errno_parse("99999999999999999999"), -1);
	assert_int_equal(errno_parse("-1"), -1);
	assert_int_equal(errno_parse("01"), -1);
	assert_int_equal(errno_parse("1x"), -1);
	assert_int_equal(errno_parse(""), -1);
	assert_int_equal(errno_parse("eperm"), -1);
	assert_string_equal(errno_name(EAGAIN, buf), "EAGAIN");
	assert_string_equal(errno_name(500, buf), "500");
	assert_string_equal(errno_suggest("ENOSYSS"), "ENOSYS");
	assert_null(errno_suggest("NOTHING_LIKE_IT"));
}

/* -- signatures ---------------------------------------------------------- */

static const struct argument *argument_of(enum abi_id abi, const char *call,
					  const char *name)
{
	const struct signature *signature = signature_of(abi, call_of(call));

	assert_non_null(signature);
	for (int i = 0; i < signature->n; i++)
		if (streq(signature->args[i].name, name))
			return &signature->args[i];
	fail_msg("%s has no %s", call, name);
	return NULL;
}

static void test_signatures_complete(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < syscall_count(); i++) {
		for (int abi = 0; abi < ABI_COUNT; abi++) {
			const struct signature *s = signature_of(abi, i);

			if (!s)
				continue;
			assert_true(syscall_row(i)->nr[abi] >= 0);
			assert_in_range(s->n, 0, 6);
			for (int a = 0; a < s->n; a++) {
				assert_true(s->args[a].name[0]);
				assert_terminated(s->args[a].name);
				assert_in_range(s->args[a].bits, 16,
						abis[abi].bits);
			}
			for (int a = s->n; a < 6; a++)
				assert_false(s->args[a].name[0]);
		}
		if (syscall_row(i)->nr[ABI_X86_64] >= 424)
			assert_non_null(signature_of(ABI_X86_64, i));
	}
}

static void test_signature_widths(void **state)
{
	static const struct {
		enum abi_id abi;
		const char *call, *argument;
		int bits;
		bool is_signed, is_pointer;
	} samples[] = {
		{ABI_X86_64, "chmod", "mode", 16, false, false},
		{ABI_X86_64, "clone", "clone_flags", 32, false, false},
		{ABI_X86_64, "unshare", "unshare_flags", 64, false, false},
		{ABI_X86_64, "socket", "family", 32, true, false},
		{ABI_X86_64, "write", "count", 64, false, false},
		{ABI_X86_64, "pread64", "pos", 64, true, false},
		{ABI_X86_64, "setuid", "uid", 32, false, false},
		{ABI_X86_64, "kill", "pid", 32, true, false},
		{ABI_X86_64, "ptrace", "pid", 32, true, false},
		{ABI_X86_64, "mmap", "fd", 32, false, false},
		{ABI_X86_64, "openat", "filename", 64, false, true},
		{ABI_X86_64, "capget", "header", 64, false, true},
		{ABI_X86_64, "landlock_add_rule", "rule_type", 32, false, false},
		{ABI_X86, "setuid", "uid", 16, false, false},
		{ABI_X86, "setuid32", "uid", 32, false, false},
		{ABI_X86, "write", "count", 32, false, false},
		{ABI_X86, "mmap2", "prot", 32, false, false},
		{ABI_AARCH64, "write", "count", 64, false, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		const struct argument *argument =
			argument_of(samples[i].abi, samples[i].call,
				    samples[i].argument);

		assert_int_equal(argument->bits, samples[i].bits);
		assert_int_equal(argument->is_signed, samples[i].is_signed);
		assert_int_equal(argument->is_pointer, samples[i].is_pointer);
	}
}

static void test_signature_per_abi(void **state)
{
	static const char *const unlike[] = {
		"mmap", "socketcall", "ipc", "select", "pread64", "truncate64",
		"fadvise64", "fallocate", "sync_file_range", "fanotify_mark"};
	uint32_t clone = call_of("clone");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(unlike); i++)
		assert_null(signature_of(ABI_X86, call_of(unlike[i])));
	assert_string_equal(signature_of(ABI_X86_64, clone)->args[4].name,
			    "tls");
	assert_string_equal(signature_of(ABI_X86, clone)->args[3].name, "tls");
	assert_string_equal(signature_of(ABI_AARCH64, clone)->args[3].name,
			    "tls");
	assert_null(signature_of(ABI_X86_64, call_of("waitpid")));
	assert_null(signature_of(ABI_X86_64, CALL_RAW | 500));
	assert_int_equal(signature_of(ABI_X86_64, call_of("getpid"))->n, 0);
}

static void native_is(enum abi_id machine, const char *name,
		      const char *native)
{
	uint32_t call = native_call(call_of(name), machine);
	char buf[16];

	assert_string_equal(syscall_name(call, buf), native);
}

static void check_native(enum abi_id machine, const char *list)
{
	char name[32], native[32], before[32] = "";

	for (int n; sscanf(list, " %31[^=]=%31s%n", name, native, &n) == 2;
	     list += n) {
		assert_int_equal(syscall_number(call_of(name), machine), -1);
		assert_true(syscall_number(call_of(native), machine) >= 0);
		native_is(machine, name, native);
		assert_true(strcmp(before, name) < 0);
		strcpy(before, name);
	}
	assert_true(*before);
}

static void test_native(void **state)
{
	(void)state;
#define LIBC(list)
#define FOREIGN(list)                                                          \
	check_native(ABI_X86_64, list);                                        \
	check_native(ABI_AARCH64, list);
#define NATIVE(machine, list) check_native(machine, list);
#include "tables/alias.def"
	native_is(ABI_X86_64, "umount", "umount2");
	native_is(ABI_X86_64, "chown32", "chown");
	native_is(ABI_X86_64, "fcntl64", "fcntl");
	native_is(ABI_X86_64, "futex_time64", "futex");
	native_is(ABI_X86_64, "clock_gettime64", "clock_gettime");
	native_is(ABI_X86_64, "stat64", "stat");
	native_is(ABI_AARCH64, "open", "openat");
	native_is(ABI_AARCH64, "fcntl64", "fcntl");
	assert_int_equal(native_call(call_of("iopl"), ABI_AARCH64), CALL_NONE);
	assert_int_equal(native_call(call_of("socketcall"), ABI_X86_64),
			 CALL_NONE);
	assert_int_equal(native_call(call_of("openat"), ABI_NATIVE), CALL_NONE);
	assert_int_equal(native_call(CALL_RAW | 999, ABI_NATIVE), CALL_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_sorted),
		cmocka_unit_test(test_round_trips),
		cmocka_unit_test(test_agrees_with_libseccomp),
		cmocka_unit_test(test_no_other_numbers),
		cmocka_unit_test(test_common_numbers),
		cmocka_unit_test(test_first_kernels),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_raw_calls),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_groups_sound),
		cmocka_unit_test(test_group_members),
		cmocka_unit_test(test_errno),
		cmocka_unit_test(test_signatures_complete),
		cmocka_unit_test(test_signature_widths),
		cmocka_unit_test(test_signature_per_abi),
		cmocka_unit_test(test_native),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
