/* Symbols by name and by value, and how arguments are shown. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/util.h"
#include "tables/argument.h"
#include "tables/constant.h"
#include "tables/signature.h"
#include "tables/syscall.h"

static uint64_t value_on(enum abi_id abi, const char *name)
{
	uint64_t value = 0;

	if (!constant_find(name, abi, &value))
		fail_msg("no symbol %s", name);
	return value;
}

static uint64_t value_of(const char *name)
{
	return value_on(ABI_NATIVE, name);
}

static void test_find(void **state)
{
	uint64_t value;

	(void)state;
	assert_int_equal(value_of("AF_UNIX"), AF_UNIX);
	assert_int_equal(value_of("TIOCGWINSZ"), TIOCGWINSZ);
	assert_int_equal(value_of("AT_FDCWD"), (uint64_t)AT_FDCWD);
	assert_int_equal(value_of("O_TMPFILE"), O_TMPFILE);
	assert_int_equal(value_of("IPPROTO_IP"), 0);
	assert_int_equal(value_of("ADDR_NO_RANDOMIZE"), 0x40000);
	assert_false(constant_find("AF_NOWHERE", ABI_NATIVE, &value));
	assert_false(constant_find("", ABI_NATIVE, &value));
	assert_string_equal(constant_suggest("AF_UNXI"), "AF_UNIX");
}

/* Where the C library's value is not the kernel's. */
static void test_kernel_values(void **state)
{
	(void)state;
	assert_int_equal(value_of("__O_TMPFILE"), 020000000);
	assert_int_equal(value_of("O_WRITES"),
			 O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | 020000000);
	/* an open of a directory writes nothing */
	assert_int_equal(value_of("O_WRITES") & O_DIRECTORY, 0);
	/* bit 31 is no sign in a set of flags */
	assert_int_equal(value_of("IN_ONESHOT"), 0x80000000u);
	assert_int_equal(value_of("CLONE_IO"), 0x80000000u);
}

/* arch/arm64/include/uapi/asm/fcntl.h */
static void test_values_per_abi(void **state)
{
	static const struct {
		const char *name;
		uint64_t x86, aarch64;
	} rows[] = {
		{"O_DIRECT", 040000, 0200000},
		{"O_DIRECTORY", 0200000, 040000},
		{"O_LARGEFILE", 0100000, 0400000},
		{"O_NOFOLLOW", 0400000, 0100000},
		{"O_TMPFILE", 020200000, 020040000},
		{"O_CLOEXEC", O_CLOEXEC, O_CLOEXEC},
		{"O_WRITES", 020001103, 020001103},
		/* of one CPU only */
		{"MAP_32BIT", 0x40, 0x40},
		{"PTRACE_GETREGS", 12, 12},
		{"ARCH_SET_FS", 0x1002, 0x1002},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(value_on(ABI_X86_64, rows[i].name),
				 rows[i].x86);
		assert_int_equal(value_on(ABI_X86, rows[i].name), rows[i].x86);
		assert_int_equal(value_on(ABI_AARCH64, rows[i].name),
				 rows[i].aarch64);
	}
	/* this machine's, by its headers */
	assert_int_equal(value_of("O_DIRECT"), O_DIRECT);
	assert_int_equal(value_of("O_DIRECTORY"), O_DIRECTORY);
	assert_int_equal(value_of("O_NOFOLLOW"), O_NOFOLLOW);
}

static const char *const family_names[] = {
	"AF", "SOCK", "AT", "PROT", "MAP", "O", "CLONE", "PR", "F", "FUTEX",
	"IOCTL", "MADV", "SIG", "SO", "SOL", "PTRACE", "BPF", "KEYCTL", "MSG",
	"S", "PERSONALITY", "SEEK", "ACCESS", "EPOLL", "GRND", "RLIMIT",
	"CLOCK", "MS", "P", "W", "IPPROTO", "SECCOMP", "LOCK", "RENAME", "MFD",
	"EFD", "TFD", "IN", "MPOL", "SCHED", "UNSHARE", "STATX", "TCP"};

/* In a set of flags the first that fits wins: what has several bits must
 * stand before its parts, and none may lie in the field. */
static void test_families_sound(void **state)
{
	(void)state;
	for (size_t f = 0; f < ARRAY_SIZE(family_names); f++) {
		const struct family *family = family_find(family_names[f]);

		if (!family)
			fail_msg("no family %s", family_names[f]);
		for_family_rows (row, family) {
			uint64_t a = constant_value(row, ABI_NATIVE);

			assert_int_equal(value_of(constant_name(row)), a);
			if (!family->is_flags)
				continue;
			assert_int_equal(a & family->field, 0);
			for (const struct constant *later = row + 1;
			     later->name != CONSTANT_END; later++) {
				uint64_t b = constant_value(later, ABI_NATIVE);

				assert_false(a && a != b && (a & b) == a);
			}
		}
	}
	assert_null(family_find("NO_SUCH"));
}

static void test_family_print(void **state)
{
	static const struct {
		const char *family;
		uint64_t value;
		const char *text;
	} samples[] = {
		{"O", 0, "O_RDONLY"},
		{"O", O_RDONLY | O_CLOEXEC, "O_RDONLY|O_CLOEXEC"},
		{"O", O_RDWR | O_CREAT | O_TRUNC, "O_RDWR|O_CREAT|O_TRUNC"},
		{"O", O_WRONLY | O_SYNC, "O_WRONLY|O_SYNC"},
		{"O", O_WRONLY | O_DSYNC, "O_WRONLY|O_DSYNC"},
		{"O", O_RDWR | O_TMPFILE, "O_RDWR|O_TMPFILE"},
		{"O", O_DIRECTORY, "O_RDONLY|O_DIRECTORY"},
		{"O", 3 | 0x40000000, "0x3|0x40000000"},
		{"PROT", 0, "PROT_NONE"},
		{"PROT", 5, "PROT_READ|PROT_EXEC"},
		{"PROT", 0x1000, "0x1000"},
		{"MAP", 0x22, "MAP_PRIVATE|MAP_ANONYMOUS"},
		{"MAP", 0x20, "MAP_ANONYMOUS"},
		{"MAP", 0, "0"},
		{"SOCK", SOCK_STREAM | SOCK_CLOEXEC, "SOCK_STREAM|SOCK_CLOEXEC"},
		{"SOCK", SOCK_SEQPACKET, "SOCK_SEQPACKET"},
		{"SOCK", SOCK_NONBLOCK, "SOCK_NONBLOCK"},
		{"CLONE", 0x01200011,
		 "CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD"},
		{"CLONE", 0x100, "CLONE_VM"},
		{"CLONE", 0, "0"},
		{"UNSHARE", 0x10000080, "CLONE_NEWTIME|CLONE_NEWUSER"},
		{"S", S_IFCHR | 0600, "S_IFCHR|0600"},
		{"S", S_IFREG, "S_IFREG"},
		{"AF", AF_UNIX, "AF_UNIX"},
		{"AF", 99, "0x63"},
		{"DFD", (uint64_t)AT_FDCWD, "AT_FDCWD"},
		{"DFD", (uint32_t)AT_FDCWD, "AT_FDCWD"},
		{"DFD", 3, "3"},
		{"DFD", (uint32_t)-1, "-1"},
		{"FUTEX", 0x80, "FUTEX_WAIT|FUTEX_PRIVATE_FLAG"},
		{"IOCTL", 0x5413, "TIOCGWINSZ"},
		{"IOCTL", 0x1234, "0x1234"},
		{"ACCESS", 0, "F_OK"},
		{"ACCESS", 6, "R_OK|W_OK"},
		{"SIG", 9, "SIGKILL"},
		{"SIG", 40, "40"},
		{"PERSONALITY", 0x40000, "PER_LINUX|ADDR_NO_RANDOMIZE"},
		{"PERSONALITY", 0xffffffff, "0xffffffff"},
		{"IPPROTO", 0, "0"},
		{"IPPROTO", 6, "IPPROTO_TCP"},
		{"IPC", 01600, "IPC_CREAT|0600"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		char *text = NULL;
		size_t n;
		FILE *out = open_memstream(&text, &n);

		family_print(family_find(samples[i].family), ABI_NATIVE, samples[i].value,
			     out);
		fclose(out);
		assert_string_equal(text, samples[i].text);
		free(text);
	}
}

/* -- arguments ----------------------------------------------------------- */

static int index_of(const char *call, const char *name)
{
	for (int abi = 0; abi < ABI_COUNT; abi++) {
		const struct signature *s =
			signature_of(abi, syscall_by_name(call));

		for (int i = 0; s && i < s->n; i++)
			if (streq(s->args[i].name, name))
				return i;
	}
	fail_msg("%s has no argument %s", call, name);
	return -1;
}

static void check_row(const char *call, const char *argument,
		      const char *family)
{
	const struct family *found;

	found = argument_family(syscall_by_name(call),
				index_of(call, argument), NULL);
	if (!*family)
		assert_null(found);
	else
		assert_string_equal(found->name, family);
}

static void check_when(const char *calls, const char *argument,
		       const char *family, const char *other,
		       const char *symbol)
{
	char call[SYSCALL_NAME_SIZE];

	for (int n; sscanf(calls, "%31s%n", call, &n) == 1; calls += n) {
		uint64_t args[6] = {0};
		uint32_t nr = syscall_by_name(call);
		int index = index_of(call, argument);

		args[index_of(call, other)] = ~0ull << 32 | value_of(symbol);
		assert_string_equal(
			argument_family(nr, index, args)->name, family);
		assert_null(argument_family(nr, index, NULL));
	}
}

/* A row for any call must be of use to one. */
static bool form_is_used(const char *argument, enum argument_form form)
{
	for (uint32_t call = 0; call < syscall_count(); call++) {
		const struct signature *s = signature_of(ABI_X86_64, call);

		for (int abi = 1; !s && abi < ABI_COUNT; abi++)
			s = signature_of(abi, call);
		for (int i = 0; s && i < s->n; i++)
			if (streq(s->args[i].name, argument) &&
			    argument_form(call, i) == form)
				return true;
	}
	return false;
}

static void check_form(const char *call, const char *argument,
		       enum argument_form form)
{
	if (!*call && !form_is_used(argument, form))
		fail_msg("nothing has the form of %s", argument);
	if (*call)
		assert_int_equal(argument_form(syscall_by_name(call),
					       index_of(call, argument)),
				 form);
}

/* A word of a list, "call.argument=value", in three; "" for what it has not. */
static bool next_word(const char **list, char call[static 64],
		      char argument[static 64], char value[static 64])
{
	char word[64];
	int n;

	if (sscanf(*list, "%63s%n", word, &n) != 1)
		return false;
	*list += n;
	*call = *argument = *value = '\0';
	if (sscanf(word, "%[^.=].%[^=]=%s", call, argument, value) < 2) {
		*call = '\0';
		sscanf(word, "%[^=]=%s", argument, value);
	}
	return true;
}

static void check_families(const char *list)
{
	char call[64], argument[64], family[64];

	while (next_word(&list, call, argument, family))
		if (*call)
			check_row(call, argument, family);
		else
			assert_non_null(family_find(family));
}

static void check_forms(enum argument_form form, const char *list)
{
	char call[64], argument[64], length[64];

	while (next_word(&list, call, argument, length)) {
		check_form(call, argument, form);
		if (form == ARGUMENT_BUFFER)
			assert_int_equal(
				argument_length(syscall_by_name(call),
						index_of(call, argument)),
				index_of(call, length));
	}
}

/* Every row of argument.def names what exists, and is found. */
static void test_argument_rows(void **state)
{
	(void)state;
#define FAMILIES(list) check_families(list);
#define WHEN(...) check_when(__VA_ARGS__);
#define FORM(...) check_forms(__VA_ARGS__);
#include "tables/argument.def"
}

static enum argument_form form_of(const char *call, const char *argument)
{
	return argument_form(syscall_by_name(call), index_of(call, argument));
}

static void test_forms(void **state)
{
	(void)state;
	assert_int_equal(form_of("openat", "dfd"), ARGUMENT_FD);
	assert_int_equal(form_of("openat", "filename"), ARGUMENT_STRING);
	assert_int_equal(form_of("openat", "mode"), ARGUMENT_OCTAL);
	assert_int_equal(form_of("mount", "type"), ARGUMENT_STRING);
	assert_int_equal(form_of("execve", "argv"), ARGUMENT_ARGV);
	assert_int_equal(form_of("execve", "envp"), ARGUMENT_POINTER);
	assert_int_equal(form_of("write", "buf"), ARGUMENT_BUFFER);
	assert_int_equal(form_of("read", "buf"), ARGUMENT_POINTER);
	assert_int_equal(form_of("write", "count"), ARGUMENT_UNSIGNED);
	assert_int_equal(form_of("kill", "pid"), ARGUMENT_SIGNED);
	assert_int_equal(form_of("lseek", "offset"), ARGUMENT_SIGNED);
	assert_int_equal(form_of("ioctl", "arg"), ARGUMENT_HEX);
	assert_int_equal(form_of("mmap", "fd"), ARGUMENT_FD);
	assert_int_equal(form_of("mmap", "addr"), ARGUMENT_HEX);
	assert_int_equal(form_of("pipe", "fildes"), ARGUMENT_POINTER);
	assert_int_equal(form_of("dup", "fildes"), ARGUMENT_FD);
	assert_int_equal(argument_form(CALL_RAW | 500, 0), ARGUMENT_HEX);
	assert_int_equal(argument_form(syscall_by_name("close"), 1),
			 ARGUMENT_HEX);
	assert_int_equal(argument_length(syscall_by_name("write"), 1), 2);
	assert_int_equal(argument_length(syscall_by_name("sendto"), 1), 2);
	assert_int_equal(argument_length(syscall_by_name("read"), 1), -1);
}

static void test_families_of_arguments(void **state)
{
	const uint64_t unix_level[6] = {3, 99, SO_TYPE};

	(void)state;
	check_row("openat", "dfd", "DFD");
	check_row("kill", "sig", "SIG");
	check_row("pselect6", "sig", "");
	check_row("lseek", "whence", "SEEK");
	check_row("mprotect", "prot", "PROT");
	check_row("socket", "family", "AF");
	check_row("write", "count", "");
	/* an option of a level that has no family is a number */
	assert_null(argument_family(syscall_by_name("setsockopt"), 2,
					  unix_level));
	assert_null(argument_family(CALL_RAW | 500, 0, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_kernel_values),
		cmocka_unit_test(test_families_sound),
		cmocka_unit_test(test_values_per_abi),
		cmocka_unit_test(test_family_print),
		cmocka_unit_test(test_argument_rows),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_families_of_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
