/* Calls as people write them and strace shows them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/util.h"
#include "formats/callexpr.h"
#include "tables/syscall.h"

#define ANY {CALLEXPR_ANY, 0}
#define PTR {CALLEXPR_POINTER, 0}
#define VAL(v) {CALLEXPR_VALUE, (uint64_t)(v)}

static const struct {
	const char *text, *call; /* NULL: a number without a name */
	enum abi_id abi;
	uint32_t nr;
	bool has_args;
	int n;
	struct callexpr_arg args[6];
} good[] = {
	{"openat", "openat", ABI_X86_64, 257, false, 0, {ANY}},
	{"  openat  ", "openat", ABI_X86_64, 257, false, 0, {ANY}},
	{"getpid()", "getpid", ABI_X86_64, 39, true, 0, {ANY}},
	{"257", "openat", ABI_X86_64, 257, false, 0, {ANY}},
	{"0x101(0)", "openat", ABI_X86_64, 257, true, 1, {VAL(0)}},
	{"4095", NULL, ABI_X86_64, 4095, false, 0, {ANY}},
	{"-1", NULL, ABI_X86_64, UINT32_MAX, false, 0, {ANY}},
	{"4294967295", NULL, ABI_X86_64, UINT32_MAX, false, 0, {ANY}},
	{"openat(AT_FDCWD, \"/etc/shadow\", O_RDONLY)", "openat", ABI_X86_64,
	 257, true, 3, {VAL(-100), PTR, VAL(0)}},
	{"openat(AT_FDCWD,\"a,b)\\\"c\"...,O_WRONLY|O_CREAT | 0x80000,0644)",
	 "openat", ABI_X86_64, 257, true, 4,
	 {VAL(-100), PTR, VAL(O_WRONLY | O_CREAT | 0x80000), VAL(0644)}},
	{"socket(_, _, 0)", "socket", ABI_X86_64, 41, true, 3,
	 {ANY, ANY, VAL(0)}},
	{"socket(0x100000002)", "socket", ABI_X86_64, 41, true, 1,
	 {VAL(0x100000002)}},
	{"socket@x86(AF_INET)", "socket", ABI_X86, 359, true, 1,
	 {VAL(AF_INET)}},
	{"socketcall@x86(1, NULL)", "socketcall", ABI_X86, 102, true, 2,
	 {VAL(1), VAL(0)}},
	{"read@x86(-1)", "read", ABI_X86, 3, true, 1, {VAL(0xffffffff)}},
	{"read@x86_64(-1)", "read", ABI_X86_64, 0, true, 1, {VAL(-1)}},
	{"5@aarch64", "setxattr", ABI_AARCH64, 5, false, 0, {ANY}},
	{"getpid@x32", "getpid", ABI_X86_64, X32_BIT | 39, false, 0, {ANY}},
	{"execve(\"/bin/a\", [\"a\", \"]\", ...], 0x7ffe /* 23 vars */)", "execve", ABI_X86_64, 59,
	 true, 3, {PTR, PTR, VAL(0x7ffe)}},
	{"connect(3, {sa_family=AF_INET, sin_addr={1}}, 16)", "connect",
	 ABI_X86_64, 42, true, 3, {VAL(3), PTR, VAL(16)}},
	{"close(-1) = -1 EBADF (Bad file descriptor)", "close", ABI_X86_64, 3,
	 true, 1, {VAL(-1)}},
	{"lseek(0, -9223372036854775808, SEEK_SET)", "lseek", ABI_X86_64, 8,
	 true, 3, {VAL(0), VAL(INT64_MIN), VAL(0)}},
	{"4095(1,2,3,4,5,18446744073709551615)", NULL, ABI_X86_64, 4095, true,
	 6, {VAL(1), VAL(2), VAL(3), VAL(4), VAL(5), VAL(UINT64_MAX)}},
};

static void understood(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		struct callexpr expr;

		if (callexpr_parse(&expr, ABI_X86_64, good[i].text) < 0)
			fprintf(stderr, "%s: %s\n", good[i].text, expr.error);
		assert_null(expr.error);
		if (good[i].call)
			assert_int_equal(expr.call,
					 syscall_by_name(good[i].call));
		else
			assert_null(syscall_row(expr.call));
		assert_int_equal(expr.abi, good[i].abi);
		assert_int_equal(expr.has_abi, strchr(good[i].text, '@') != NULL);
		assert_int_equal(expr.nr, good[i].nr);
		assert_int_equal(expr.has_args, good[i].has_args);
		assert_int_equal(expr.n_args, good[i].n);
		for (int j = 0; j < 6; j++) {
			assert_int_equal(expr.args[j].kind,
					 good[i].args[j].kind);
			assert_int_equal(expr.args[j].value,
					 good[i].args[j].value);
		}
		callexpr_free(&expr);
	}
}

/* Each with the column, from 1, and what is said. */
static const struct {
	const char *text;
	size_t column;
	const char *error;
} bad[] = {
	{"", 1, "expected the name or number of a system call, found the end"},
	{"(1)", 1, "expected the name or number of a system call, found '('"},
	{" opennat()", 2, "unknown system call 'opennat' (did you mean "
			  "'openat'?)"},
	{"qqqqqqqq", 1, "unknown system call 'qqqqqqqq'"},
	{"99999999999", 1, "'99999999999' is not the number of a call"},
	{"-2", 2, "'-2' is not the number of a call"},
	{"-read", 2, "expected a number after '-', found 'read'"},
	{"read@vax", 6, "unknown ABI 'vax': there are x86_64, x86, x32 and "
			"aarch64"},
	{"socketcall", 1, "there is no socketcall on x86_64: name its ABI, as "
			  "in 'socketcall@x86'"},
	{"open@aarch64", 1, "there is no open on aarch64: its work does openat"},
	{"newfstatat@x86", 1, "there is no newfstatat on x86"},
	{"recv@x86", 1, "there is no recv on x86: its work does recvfrom"},
	{"read(1", 7, "expected ',' or ')', found the end"},
	{"read(1;", 7, "expected ',' or ')', found ';'"},
	{"read(1,)", 8, "expected a number, a symbol, a string, NULL or _, "
			"found ')'"},
	{"read(1) x", 9, "expected nothing after ')', found 'x'"},
	{"read x", 6, "expected '(', found 'x'"},
	{"read(1, 2, 3, 4)", 15, "read has 3 arguments"},
	{"4095(1,2,3,4,5,6,7)", 18, "4095 has 6 arguments"},
	{"socket(AF_INTE)", 8, "unknown symbol 'AF_INTE' (did you mean "
			       "'AF_INET'?)"},
	{"socket(zzzzzzzzzzzz)", 8, "unknown symbol 'zzzzzzzzzzzz': write its "
				    "number, or _ for any value"},
	{"socket(0o7)", 8, "'0o7' is not a number of 64 bits: write 07"},
	{"socket(-AF_INET)", 9, "expected a number after '-', found 'AF_INET'"},
	{"socket(1|)", 10, "expected a number, a symbol, a string, NULL or _, "
			   "found ')'"},
	{"socket(18446744073709551616)", 8, "'18446744073709551616' is not a "
					    "number of 64 bits"},
	{"socket(-9223372036854775809)", 9, "'-9223372036854775809' is not a "
					    "number of 64 bits"},
	{"socket(08)", 8, "'08' is not a number of 64 bits"},
	{"open(\"x)", 6, "this string does not end"},
	{"open(\"x\\", 6, "this string does not end"},
	{"execve(0, [\"a\", 0)", 11, "this bracket is not closed"},
	{"execve(0, [\"a)", 12, "this string does not end"},
	{"read(1 /* x)", 8, "expected ',' or ')', found '/*'"},
	{"read(\x01)", 6, "expected a number, a symbol, a string, NULL or _"},
};

static void refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct callexpr expr;

		if (callexpr_parse(&expr, ABI_X86_64, bad[i].text) == 0)
			fprintf(stderr, "accepted: %s\n", bad[i].text);
		assert_non_null(expr.error);
		assert_string_equal(expr.error, bad[i].error);
		assert_int_equal(expr.error_at + 1, bad[i].column);
		callexpr_free(&expr);
	}
}

/* Cut off anywhere, a text is read or refused, and nothing behind its end is
 * looked at (the sanitizers see to that). */
static void cut_off(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		for (size_t n = 0; n <= strlen(good[i].text); n++) {
			char *text = xstrndup(good[i].text, n);
			struct callexpr expr;
			int ret = callexpr_parse(&expr, ABI_X86_64, text);

			assert_int_equal(ret, expr.error ? -1 : 0);
			if (expr.error)
				assert_in_range(expr.error_at, 0, n);
			callexpr_free(&expr);
			free(text);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(understood),
		cmocka_unit_test(refused),
		cmocka_unit_test(cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
