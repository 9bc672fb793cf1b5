/* Arguments as text: symbols, widths, and what lies behind pointers, also
 * where the memory ends. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "base/util.h"
#include "tally/decode.h"
#include "tally/reader.h"
#include "tables/syscall.h"

static struct reader *reader;

#define PTR(p) ((uint64_t)(uintptr_t)(p))

/* "a, b, c" of an event; the caller's text is compared and freed. */
static void check_event(const char *expected, const struct event *event)
{
	int abi = abi_by_audit_arch(event->audit_arch);
	uint32_t call = syscall_by_number((enum abi_id)abi, event->nr);
	char *args[6], all[4096] = "";
	int n = decode_args(reader, event, call, args);

	for (int i = 0; i < n; i++) {
		strcat(strcat(all, i ? ", " : ""), args[i]);
		free(args[i]);
	}
	assert_string_equal(all, expected);
}

#define check(expected, nr, ...)                                               \
	check_event(expected, &(struct event){getpid(),                        \
					      abis[ABI_NATIVE].audit_arch, nr, \
					      {__VA_ARGS__}, 0, false, false})
#define check_x86(expected, nr, ...)                                           \
	check_event(expected, &(struct event){getpid(), AUDIT_ARCH_I386, nr,   \
					      {__VA_ARGS__}, 0, false, false})

static void symbols_of_flags_and_values(void **state)
{
	(void)state;
	check("AT_FDCWD, \"/etc/shadow\", O_RDONLY", SYS_openat,
	      (uint32_t)AT_FDCWD, PTR("/etc/shadow"), O_RDONLY, 0x1234);
	check("AF_INET6, SOCK_STREAM|SOCK_CLOEXEC, 0", SYS_socket, AF_INET6,
	      SOCK_STREAM | SOCK_CLOEXEC, 0);
	check("1, SIGKILL", SYS_kill, 1, SIGKILL);
	check("0, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, "
	      "-1, 0", SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE,
	      MAP_PRIVATE | MAP_ANONYMOUS, UINT32_MAX, 0);
	check("3, SOL_SOCKET, SO_REUSEADDR, NULL, 0", SYS_setsockopt, 3,
	      SOL_SOCKET, SO_REUSEADDR, 0, 0);
}

/* int arguments arrive sign- or zero-extended: the kernel takes both. */
static void width_and_sign(void **state)
{
	(void)state;
	check("AT_FDCWD, \"x\", O_RDONLY", SYS_openat, (uint64_t)AT_FDCWD,
	      PTR("x"), 0xffffffff00000000, 0);
	check("-1", SYS_close, UINT32_MAX);
	check("7", SYS_close, 0x100000007);
	check("4294967295", SYS_setuid, 0x1ffffffff);
	check("3, -1, SEEK_SET", SYS_lseek, 3, UINT64_MAX, SEEK_SET);
}

static void modes_are_octal_and_shown_when_used(void **state)
{
	(void)state;
	check("AT_FDCWD, \"n\", O_WRONLY|O_CREAT, 0644", SYS_openat,
	      (uint32_t)AT_FDCWD, PTR("n"), O_WRONLY | O_CREAT, 0644);
	check("3, \"n\", O_WRONLY", SYS_openat, 3, PTR("n"), O_WRONLY, 0644);
	check("3, \"f\", 0777", SYS_fchmodat, 3, PTR("f"), 0x101ff);
	check("3, F_GETFD", SYS_fcntl, 3, F_GETFD, 99);
	check("3, F_SETFD, FD_CLOEXEC", SYS_fcntl, 3, F_SETFD, FD_CLOEXEC);
}

static void pointers(void **state)
{
	(void)state;
	check("3, NULL, O_RDONLY", SYS_openat, 3, 0, O_RDONLY, 0);
	check("3, 0x10, O_RDONLY", SYS_openat, 3, 0x10, O_RDONLY, 0);
	check("3, 0xffffffffffff0000, F_OK", SYS_faccessat, 3,
	      0xffffffffffff0000, 0);
}

static void strings_are_escaped_and_cut(void **state)
{
	char path[400], expected[400] = "\"";

	(void)state;
	check("\"a\\nb\\\"\\\\\\t\\x1b[31m\\xc3\\xa9\"", SYS_chdir,
	      PTR("a\nb\"\\\t\033[31m\303\251"));
	check("\"\"", SYS_chdir, PTR(""));
	memset(path, 'p', sizeof(path));
	path[256] = '\0';
	strcat(strcat(expected, path), "\"");
	check(expected, SYS_chdir, PTR(path));
	path[256] = 'p';
	path[399] = '\0';
	strcat(expected, "...");
	check(expected, SYS_chdir, PTR(path));
}

/* The last page that can be read, followed by one that cannot. */
static char *edge(size_t page)
{
	char *two = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(two, MAP_FAILED);
	assert_int_equal(mprotect(two + page, page, PROT_NONE), 0);
	return two + page;
}

static void memory_ends_at_a_page(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *end = edge(page), buf[64];

	(void)state;
	memcpy(end - 4, "abc", 4);
	check("\"abc\"", SYS_chdir, PTR(end - 4));
	memcpy(end - 3, "xyz", 3);
	check("\"xyz\"...", SYS_chdir, PTR(end - 3));
	assert_int_equal(memory_read(reader, getpid(), PTR(end - 10), buf, 64),
			 10);
	assert_int_equal(memory_read(reader, getpid(), PTR(end), buf, 64), 0);
	assert_int_equal(
		memory_read(reader, getpid(), UINT64_MAX - 3, buf, 64), 0);
	munmap(end - page, 2 * page);
}

static void a_string_over_two_pages(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *two = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)state;
	strcpy(two + page - 3, "across");
	check("\"across\"", SYS_chdir, PTR(two + page - 3));
	munmap(two, 2 * page);
}

static void memory_of_another_process(void **state)
{
	static char name[32] = "parent's";
	int ready[2];
	char c;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (!pid) {
		strcpy(name, "child's");
		if (write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	check_event("\"child's\"", &(struct event){pid, abis[ABI_NATIVE].audit_arch,
						   SYS_chdir, {PTR(name)},
						   0, false, false});
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(ready[0]);
	close(ready[1]);
}

static void argv_but_not_the_environment(void **state)
{
	const char *argv[] = {"sh", "-c", "echo \"hi\"", NULL};
	const char *many[] = {"1", "2", "3", "4", "5",
			      "6", "7", "8", "9", NULL};
	const char *envp[] = {"SECRET=1", NULL};
	char expected[200];

	(void)state;
	snprintf(expected, sizeof(expected),
		 "\"/bin/sh\", [\"sh\", \"-c\", \"echo \\\"hi\\\"\"], %#llx",
		 (unsigned long long)PTR(envp));
	check(expected, SYS_execve, PTR("/bin/sh"), PTR(argv), PTR(envp));
	check("\"x\", [\"1\", \"2\", \"3\", \"4\", \"5\", \"6\", \"7\", "
	      "\"8\", ...], NULL",
	      SYS_execve, PTR("x"), PTR(many), 0);
	check("\"x\", 0x8, NULL", SYS_execve, PTR("x"), 8, 0);
}

static void data_up_to_its_length(void **state)
{
	(void)state;
	check("1, \"hello\\n\", 6", SYS_write, 1, PTR("hello\nrest"), 6);
	check("1, \"0123456789abcdef0123456789abcdef\"..., 40", SYS_write, 1,
	      PTR("0123456789abcdef0123456789abcdef01234567"), 40);
	check("1, 0x8, 40", SYS_write, 1, 8, 40);
}

static void socket_addresses(void **state)
{
	struct sockaddr_in in = {.sin_family = AF_INET,
				 .sin_port = htons(80),
				 .sin_addr = {htonl(INADDR_LOOPBACK)}};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6,
				   .sin6_port = htons(443),
				   .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct sockaddr_un un = {.sun_family = AF_UNIX,
				 .sun_path = "/run/x\n"};
	struct sockaddr_un name = {.sun_family = AF_UNIX,
				   .sun_path = "\0bus"};

	(void)state;
	check("3, {AF_INET, 127.0.0.1:80}, 16", SYS_connect, 3, PTR(&in), 16);
	check("3, {AF_INET6, [::1]:443}, 28", SYS_bind, 3, PTR(&in6), 28);
	check("3, {AF_UNIX, \"/run/x\\n\"}, 110", SYS_connect, 3, PTR(&un),
	      sizeof(un));
	check("3, {AF_UNIX, @\"bus\"}, 6", SYS_connect, 3, PTR(&name), 6);
	check("3, {AF_INET}, 4", SYS_connect, 3, PTR(&in), 4);
	check("3, 0x8, 16", SYS_connect, 3, 8, 16);
	check("3, NULL, 0", SYS_connect, 3, 0, 0);
	check("3, \"a\", 1, 0, {AF_INET, 127.0.0.1:80}, 16", SYS_sendto, 3,
	      PTR("a"), 1, 0, PTR(&in), 16);
}

static void calls_without_a_signature(void **state)
{
	(void)state;
	/* A number without a name: all six registers. */
	check("0x1, 0, 0xffffffffffffffff, 0, 0, 0", 9999, 1, 0, UINT64_MAX);
	/* i386's socketcall: a name, and arguments of its own kind. */
	check_x86("0x1, 0xffff0000", 102, 1, 0xffff0000);
	check_x86("-1", 6, UINT32_MAX);
}

static void the_module_of_an_instruction(void **state)
{
	char path[] = "/tmp/test-decode-XXXXXX", expected[64];
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int fd = mkstemp(path);
	cleanup_free char *first = NULL, *last = NULL, *gone = NULL;
	cleanup_free char *libc = NULL, *none = NULL;
	char *map;

	(void)state;
	assert_int_equal(ftruncate(fd, (off_t)(3 * page)), 0);
	map = mmap(NULL, page, PROT_READ, MAP_PRIVATE, fd, (off_t)page);
	assert_ptr_not_equal(map, MAP_FAILED);
	first = ip_origin(reader, getpid(), PTR(map) + 2);
	snprintf(expected, sizeof(expected), "%s+0x%zx", path + 5, page + 2);
	assert_string_equal(first, expected);
	/* ip stands behind the call: the end still belongs to the mapping. */
	last = ip_origin(reader, getpid(), PTR(map) + page);
	snprintf(expected, sizeof(expected), "%s+0x%zx", path + 5, 2 * page);
	assert_string_equal(last, expected);
	unlink(path);
	gone = ip_origin(reader, getpid(), PTR(map) + 2);
	assert_string_equal(gone, first);
	munmap(map, page);
	close(fd);
	libc = ip_origin(reader, getpid(), PTR(&getppid) + 1);
	assert_non_null(libc);
	none = ip_origin(reader, getpid(), 16);
	assert_null(none);
}

static void text_for_terminals_and_json(void **state)
{
	static const char hostile[] =
		"ok \303\251 \033[31m \xff \xc0\x80 \xed\xa0\x80 "
		"\342\200\256\302\233\177x";
	cleanup_free char *terminal = escape_utf8(hostile, true);
	cleanup_free char *json = escape_utf8(hostile, false);
	char cut[10];

	(void)state;
	assert_string_equal(terminal,
			    "ok \303\251 \\x1b[31m \\xff \\xc0\\x80 "
			    "\\xed\\xa0\\x80 "
			    "\\xe2\\x80\\xae\\xc2\\x9b\\x7fx");
	assert_string_equal(json,
			    "ok \303\251 \033[31m \\xff \\xc0\\x80 "
			    "\\xed\\xa0\\x80 "
			    "\342\200\256\302\233\\x7fx");
	/* cut between characters, never within one */
	assert_string_equal(escape_into(cut, sizeof(cut), "ab\302\233c"),
			    "ab");
	assert_string_equal(escape_into(cut, sizeof(cut), "a\302\233c"),
			    "a\\xc2\\x9b");
	assert_int_equal(utf8_columns("a\303\251b"), 3);
	assert_int_equal(utf8_prefix("a\303\251b", 2), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(symbols_of_flags_and_values),
		cmocka_unit_test(width_and_sign),
		cmocka_unit_test(modes_are_octal_and_shown_when_used),
		cmocka_unit_test(pointers),
		cmocka_unit_test(strings_are_escaped_and_cut),
		cmocka_unit_test(memory_ends_at_a_page),
		cmocka_unit_test(a_string_over_two_pages),
		cmocka_unit_test(memory_of_another_process),
		cmocka_unit_test(argv_but_not_the_environment),
		cmocka_unit_test(data_up_to_its_length),
		cmocka_unit_test(socket_addresses),
		cmocka_unit_test(calls_without_a_signature),
		cmocka_unit_test(the_module_of_an_instruction),
		cmocka_unit_test(text_for_terminals_and_json),
	};

	reader = &(struct reader){0};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
