/* The powers of calls: every call is classified, and the values of arguments
 * that matter are told apart. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <asm/ioctls.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "base/util.h"
#include "tables/constant.h"
#include "tables/power.h"
#include "tables/syscall.h"

#define POWER(id, name, opens, calls) calls,
#define HARMLESS(calls)
static const char *const power_calls[] = {
#include "tables/power.def"
};
#undef POWER
#undef HARMLESS
#define POWER(...)
#define HARMLESS(calls) calls,
static const char *const harmless_calls[] = {
#include "tables/power.def"
};

static void check_list(const char *calls)
{
	struct use_list list = USE_LIST(calls);
	struct use use;

	while (use_next(&list, &use)) {
		if (!syscall_row(use.call))
			fail_msg("no call '%s'", use.label);
		/* a use that was found has a test */
		if (strchr(use.label, ':'))
			fail_msg("no use '%s'", use.label);
		for (int i = 0; i < use.n; i++)
			assert_int_not_equal(use.tests[i].mask, 0);
	}
}

static void test_lists_sound(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(power_calls); i++)
		check_list(power_calls[i]);
	for (size_t i = 0; i < ARRAY_SIZE(harmless_calls); i++)
		check_list(harmless_calls[i]);
	for (int p = 0; p < POWER_COUNT; p++) {
		assert_int_equal(power_by_name(power_name(p)), p);
		assert_true(power_opens(p)[0]);
	}
	assert_int_equal(power_by_name("exce"), -1);
}

/* A new call has to be thought of. */
static void test_every_call(void **state)
{
	(void)state;
	for (uint32_t call = 0; call < syscall_count(); call++) {
		const struct power_use *use = power_uses(call);
		bool outright_harmless = false;

		if (!use)
			fail_msg("power.def does not name %s",
				 syscall_row(call)->name);
		for (; use; use = use->next)
			outright_harmless |= !use->carries && !use->use.n;
		if (outright_harmless && powers_of(call))
			fail_msg("%s is harmless and carries a power",
				 syscall_row(call)->name);
	}
}

/* Where a harmless use is named, so is what the others carry. */
static void test_harmless_uses(void **state)
{
	(void)state;
	for (uint32_t call = 0; call < syscall_count(); call++) {
		bool harmless_use = false, rest = false;

		for (const struct power_use *use = power_uses(call); use;
		     use = use->next) {
			harmless_use |= !use->carries && use->use.n;
			rest |= use->use.rest;
		}
		if (harmless_use && !rest)
			fail_msg("%s: harmless uses, and no ':*'",
				 syscall_row(call)->name);
	}
}

static powers at(const char *name, uint64_t a, uint64_t b, uint64_t c,
		 uint64_t d, uint64_t e)
{
	const uint64_t args[6] = {a, b, c, d, e};

	return powers_at(ABI_X86_64, syscall_by_name(name), args);
}

#define IS(got, id) assert_int_equal(got, POWER_SET(POWER_##id))
#define NONE(got) assert_int_equal(got, 0)

static void test_files(void **state)
{
	uint64_t writes;

	(void)state;
	NONE(at("openat", 0, 0, O_RDONLY | O_CLOEXEC, 0, 0));
	IS(at("openat", 0, 0, O_WRONLY, 0, 0), WRITE_FILES);
	IS(at("openat", 0, 0, O_RDONLY | O_TRUNC, 0, 0), WRITE_FILES);
	IS(at("open", 0, O_CREAT, 0, 0, 0), WRITE_FILES);
	IS(at("openat2", 0, 0, 0, 0, 0), WRITE_FILES);
	/* the bits are those of the symbol that people write */
	assert_true(constant_find("O_WRITES", ABI_NATIVE, &writes));
	for (int bit = 0; bit < 32; bit++)
		assert_int_equal(at("open", 0, 1u << bit, 0, 0, 0) != 0,
				 writes >> bit & 1);
	NONE(at("write", 1, 0, 0, 0, 0));
	IS(at("rename", 0, 0, 0, 0, 0), WRITE_FILES);
}

static void test_sockets(void **state)
{
	(void)state;
	IS(at("socket", AF_UNIX, SOCK_STREAM, 0, 0, 0), SOCKET_UNIX);
	IS(at("socket", AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 6, 0, 0),
	   SOCKET_TCP);
	IS(at("socket", AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, 0, 0, 0),
	   SOCKET_UDP);
	IS(at("socket", AF_INET, SOCK_RAW, 1, 0, 0), SOCKET_RAW);
	IS(at("socket", AF_PACKET, SOCK_DGRAM, 0, 0, 0), SOCKET_RAW);
	IS(at("socket", AF_NETLINK, SOCK_RAW, 0, 0, 0), SOCKET_NETLINK);
	IS(at("socket", AF_INET, SOCK_SEQPACKET, 0, 0, 0), SOCKET_OTHER);
	IS(at("socket", 77, SOCK_STREAM, 0, 0, 0), SOCKET_OTHER);
	/* the kernel looks at 32 bits of the family */
	IS(at("socket", 5ull << 32 | AF_UNIX, SOCK_DGRAM, 0, 0, 0),
	   SOCKET_UNIX);
	NONE(at("socketpair", AF_UNIX, SOCK_STREAM, 0, 0, 0));
	IS(at("socketpair", AF_TIPC, SOCK_STREAM, 0, 0, 0), SOCKET_OTHER);
	NONE(at("sendto", 3, 1, 1, 0, 0));
	IS(at("sendto", 3, 1, 1, 0, 1ull << 40), CONNECT);
	IS(at("sendmsg", 3, 1, 1, 0, 0), CONNECT);
}

static void test_memory_and_processes(void **state)
{
	(void)state;
	NONE(at("mmap", 0, 1, PROT_READ | PROT_EXEC, 0, 0));
	IS(at("mmap", 0, 1, PROT_WRITE | PROT_EXEC, 0, 0), WRITE_EXEC);
	NONE(at("mprotect", 0, 1, PROT_READ | PROT_WRITE, 0, 0));
	IS(at("mprotect", 0, 1, PROT_READ | PROT_EXEC, 0, 0), WRITE_EXEC);
	NONE(at("clone", CLONE_VM | CLONE_THREAD, 0, 0, 0, 0));
	IS(at("clone", CLONE_NEWUSER, 0, 0, 0, 0), NAMESPACES);
	NONE(at("unshare", CLONE_FILES, 0, 0, 0, 0));
	IS(at("unshare", 0x80, 0, 0, 0, 0), NAMESPACES);
	IS(at("clone3", 0, 0, 0, 0, 0), NAMESPACES);
	IS(at("execve", 0, 0, 0, 0, 0), EXEC);
	NONE(at("tgkill", 1, 1, 6, 0, 0));
	IS(at("kill", 1, 15, 0, 0, 0), OTHER_PROCESSES);
}

static void test_selectors(void **state)
{
	(void)state;
	NONE(at("ioctl", 0, TCGETS, 0, 0, 0));
	IS(at("ioctl", 0, TIOCSTI, 0, 0, 0), TERMINAL_INPUT);
	IS(at("ioctl", 0, TCSETS, 0, 0, 0), TERMINAL);
	IS(at("ioctl", 0, TIOCGPTPEER, 0, 0, 0), TERMINAL);
	IS(at("ioctl", 0, 0x12345678, 0, 0, 0), DEVICE_IOCTL);
	NONE(at("prctl", PR_SET_NAME, 0, 0, 0, 0));
	IS(at("prctl", PR_CAPBSET_DROP, 0, 0, 0, 0), IDENTITY);
	IS(at("prctl", 9999, 0, 0, 0, 0), IDENTITY);
	NONE(at("personality", 0xffffffff, 0, 0, 0, 0));
	NONE(at("personality", PER_LINUX, 0, 0, 0, 0));
	IS(at("personality", READ_IMPLIES_EXEC, 0, 0, 0, 0), WRITE_EXEC);
	IS(at("personality", ADDR_NO_RANDOMIZE, 0, 0, 0, 0), IDENTITY);
}

static void test_open_selectors(void **state)
{
	(void)state;
	assert_int_equal(use_selector(syscall_by_name("ioctl")), 1);
	assert_int_equal(use_selector(syscall_by_name("prctl")), 0);
	assert_int_equal(use_selector(syscall_by_name("bpf")), 0);
	assert_int_equal(use_selector(syscall_by_name("socket")), -1);
	assert_int_equal(use_selector(syscall_by_name("read")), -1);
	assert_int_equal(use_selector(CALL_RAW | 16), -1);
}

static void test_sets(void **state)
{
	static const uint64_t args[6];
	const powers openat = POWER_SET(POWER_WRITE_FILES);

	(void)state;
	assert_int_equal(powers_of(syscall_by_name("openat")), openat);
	assert_int_equal(powers_always(syscall_by_name("openat")), 0);
	assert_int_equal(powers_always(syscall_by_name("execve")),
			 POWER_SET(POWER_EXEC));
	assert_true(powers_of(syscall_by_name("ioctl")) &
		    POWER_SET(POWER_DEVICE_IOCTL));
	IS(powers_of(CALL_RAW | 500), UNKNOWN);
	/* i386's mmap has its arguments in memory */
	IS(powers_at(ABI_X86, syscall_by_name("mmap"), args), WRITE_EXEC);
	NONE(powers_at(ABI_X86, syscall_by_name("mmap2"), args));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists_sound),
		cmocka_unit_test(test_every_call),
		cmocka_unit_test(test_harmless_uses),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_sockets),
		cmocka_unit_test(test_memory_and_processes),
		cmocka_unit_test(test_selectors),
		cmocka_unit_test(test_open_selectors),
		cmocka_unit_test(test_sets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
