/* The text of a condition: what it asks on each ABI, and what is refused. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "formats/condition.h"
#include "model/decide.h"
#include "scratch.h"

struct parsed {
	struct ini_file ini;
	struct arena pool;
	const struct cond *cond[ABI_COUNT];
	struct diags diags;
	int ret;
};

/* Reads "CALL = CONDITION" as line 2 of a file, the condition with it. */
static struct parsed parse(const char *line)
{
	struct parsed p = {.pool = ARENA_INIT};
	char *text = xasprintf("[allow]\n%s\n", line);
	const char *key;

	assert_int_equal(ini_read(&p.ini, text, strlen(text), "f", &p.diags),
			 0);
	free(text);
	key = p.ini.items[0].key;
	p.ret = condition_parse(&p.ini.items[0], 0, "f",
				key[0] == '4' ? CALL_RAW | 480
					      : syscall_by_name(key),
				&p.pool, p.cond, &p.diags);
	assert_int_equal(p.ret, p.diags.n ? -1 : 0);
	return p;
}

static void done(struct parsed *p)
{
	ini_free(&p->ini);
	arena_free(&p->pool);
	diags_free(&p->diags);
}

/* A condition, an argument's index, and values under which it holds, then
 * values under which it does not. */
static const struct {
	const char *line;
	int arg;
	int n_yes, n_no;
	uint64_t yes[6], no[6];
} answers[] = {
	{"socket = family == AF_UNIX", 0, 3, 2,
	 {1, 0x100000001, 0xffffffff00000001}, {2, 0}},
	{"socket = arg0 == AF_UNIX", 0, 2, 1, {1, 0x100000001}, {2}},
	{"socket = not family == 1", 0, 2, 1, {2, 0}, {1}},
	{"socket = family!=1", 0, 2, 2, {2, 0}, {1, 0x100000001}},
	{"socket = family < 2", 0, 3, 2, {1, 0, 0xffffffff}, {2, 3}},
	{"socket = family <= -1", 0, 2, 2, {0xffffffff, UINT64_MAX}, {0, 5}},
	{"socket = family > 0x7ffffffe", 0, 1, 2, {0x7fffffff},
	 {0x80000000, 5}},
	{"socket = family >= 2", 0, 1, 2, {2}, {1, 0xffffffff}},
	{"socket = family in (1, 4..7, 0x10)", 0, 4, 4, {1, 4, 7, 16},
	 {0, 2, 8, 15}},
	{"socket = family not in (1,2)", 0, 2, 2, {0, 3}, {1, 2}},
	{"socket = family == 1 or family == 3 and family == 4", 0, 1, 2, {1},
	 {3, 4}},
	{"socket = (family == 1 or family == 3) and not (family == 3)", 0, 1,
	 2, {1}, {3, 4}},
	{"socket = not not family == 1", 0, 1, 1, {1}, {2}},
	{"chmod = mode == 0777", 1, 2, 2, {0777, 0x101ff}, {777, 0776}},
	{"chmod = mode & (S_ISUID|S_ISGID) != 0", 1, 2, 2, {04000, 02755},
	 {0755, 0x10000}},
	{"openat = flags & O_ACCMODE == O_RDONLY", 2, 2, 2,
	 {O_CLOEXEC, 0x100000000}, {O_RDWR, O_WRONLY}},
	{"openat = flags & O_WRITES == 0", 2, 2, 3, {O_RDONLY, O_CLOEXEC},
	 {O_TRUNC, O_WRONLY, O_CREAT}},
	{"openat = flags == O_RDWR|O_CLOEXEC", 2, 1, 2, {O_RDWR | O_CLOEXEC},
	 {O_RDWR, O_CLOEXEC}},
	{"openat = dfd == AT_FDCWD", 0, 2, 2,
	 {(uint64_t)AT_FDCWD, (uint32_t)AT_FDCWD}, {0, 100}},
	{"openat = filename == 0", 1, 1, 1, {0}, {1ull << 32}},
	{"openat = filename != NULL", 1, 1, 1, {1ull << 32}, {0}},
	{"ioctl = cmd in (TCGETS, TIOCGWINSZ)", 1, 3, 1,
	 {TCGETS, TIOCGWINSZ, TCGETS | 1ull << 40}, {TIOCSTI}},
	{"mmap = fd == -1", 4, 2, 1, {UINT64_MAX, 0xffffffff}, {0}},
	{"mmap = len > 0x100000000", 1, 1, 2, {0x100000001}, {1, 1ull << 32}},
	{"lseek = offset < 0", 1, 2, 2, {UINT64_MAX, 1ull << 63},
	 {0, 0xffffffff}},
	{"clone = clone_flags & 0x7e020000 == 0", 0, 2, 1, {0x11, 1ull << 33},
	 {0x10000000}},
	{"480 = arg5 == 0x123456789", 5, 1, 1, {0x123456789}, {0x23456789}},
};

static void native_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		struct parsed p = parse(answers[i].line);
		char *got = diags_text(&p.diags);

		assert_text(got, "");
		free(got);
		for (int j = 0; j < answers[i].n_yes + answers[i].n_no; j++) {
			bool yes = j < answers[i].n_yes;
			uint64_t args[6] = {0}, value;

			value = yes ? answers[i].yes[j]
				    : answers[i].no[j - answers[i].n_yes];
			args[answers[i].arg] = value;
			if (cond_holds(p.cond[ABI_X86_64], args) != yes)
				fail_msg("%s: wrong for %#llx",
					 answers[i].line,
					 (unsigned long long)value);
		}
		done(&p);
	}
}

static bool holds_on(const struct parsed *p, int abi, int arg, uint64_t value)
{
	uint64_t args[6] = {0};

	args[arg] = value;
	return cond_holds(p->cond[abi], args);
}

/* Names, order and width are those of each ABI. */
static void other_abis(void **state)
{
	struct parsed p = parse("socket = family == AF_UNIX");

	(void)state;
	assert_true(holds_on(&p, ABI_X86, 0, 1));
	assert_false(holds_on(&p, ABI_X86, 0, 2));
	done(&p);
	/* a pointer to a block of arguments */
	p = parse("mmap = len == 1");
	assert_ptr_equal(p.cond[ABI_X86], &cond_unaskable);
	assert_ptr_not_equal(p.cond[ABI_AARCH64], &cond_unaskable);
	done(&p);
	p = parse("mmap = arg1 == 1");
	assert_ptr_equal(p.cond[ABI_X86], &cond_unaskable);
	done(&p);
	/* not there at all */
	p = parse("open = flags == 0");
	assert_ptr_equal(p.cond[ABI_AARCH64], &cond_unaskable);
	done(&p);
	/* the fourth and fifth change places */
	p = parse("clone = tls == 7");
	assert_true(holds_on(&p, ABI_X86_64, 4, 7));
	assert_true(holds_on(&p, ABI_X86, 3, 7));
	assert_true(holds_on(&p, ABI_AARCH64, 3, 7));
	done(&p);
	/* no 32-bit register has it: never and always */
	p = parse("ioctl = arg == 0x100000000");
	assert_true(holds_on(&p, ABI_X86_64, 2, 0x100000000));
	assert_ptr_equal(p.cond[ABI_X86], &cond_never);
	done(&p);
	p = parse("ioctl = arg < 0x100000000");
	assert_false(holds_on(&p, ABI_X86_64, 2, 0x100000000));
	assert_null(p.cond[ABI_X86]);
	done(&p);
	/* what has no parameters that we know has registers */
	p = parse("480 = arg0 == 1");
	assert_int_equal(p.cond[ABI_X86_64]->bits, 64);
	assert_int_equal(p.cond[ABI_X86]->bits, 32);
	done(&p);
}

static const struct {
	const char *line, *expected;
} mistakes[] = {
	{"socket = famly == 1", "f:2:10: socket has no argument 'famly' (did "
				"you mean 'family'?)\n"},
	{"socket = whatever == 1", "f:2:10: socket has no argument 'whatever': "
				   "it has family, type, protocol\n"},
	{"getpid = x == 1", "f:2:10: getpid has no argument 'x': it has "
			    "none\n"},
	{"socket = arg3 == 1", "f:2:10: socket has no argument 'arg3': it has "
			       "family, type, protocol\n"},
	{"480 = fd == 1", "f:2:7: 480 has no argument 'fd': only arg0 to arg5 "
			  "are known\n"},
	{"socket = family == AF_UNX", "f:2:20: unknown symbol 'AF_UNX' (did "
				      "you mean 'AF_UNIX'?)\n"},
	{"socket = family == QQQQQQQQ", "f:2:20: unknown symbol 'QQQQQQQQ': "
					"write its number\n"},
	/* every name, not only the first */
	{"socket = famly == 1 or typ == 2 and protocol in (1, x..3)",
	 "f:2:53: unknown symbol 'x': write its number\n"},
	{"socket = famly == 1 or typ == 2",
	 "f:2:10: socket has no argument 'famly' (did you mean 'family'?)\n"
	 "f:2:24: socket has no argument 'typ' (did you mean 'type'?)\n"},
	{"socket = family == 0x1ffffffff",
	 "f:2:20: 'family' never has this value: it is a signed number of 32 "
	 "bits\n"},
	{"socket = family < 0x80000000",
	 "f:2:19: 'family' never has this value: it is a signed number of 32 "
	 "bits\n"},
	{"socket = family == -0x80000001",
	 "f:2:20: 'family' never has this value: it is a signed number of 32 "
	 "bits\n"},
	{"ioctl = cmd > -1", "f:2:15: 'cmd' never has this value: it is an "
			     "unsigned number of 32 bits\n"},
	{"chmod = mode == 0x10000", "f:2:17: 'mode' never has this value: it "
				    "is an unsigned number of 16 bits\n"},
	{"chmod = mode & 0x10000 == 0", "f:2:16: this mask is wider than "
					"'mode', which has 16 bits\n"},
	{"openat = flags & 3 == 4",
	 "f:2:23: this value has bits that the mask removes: the comparison "
	 "always has the same result\n"},
	{"socket = family == 99999999999999999999",
	 "f:2:20: '99999999999999999999' is not a number of 64 bits\n"},
	{"socket = family == 08", "f:2:20: '08' is not a number of 64 bits\n"},
	{"openat = filename == 1",
	 "f:2:10: 'filename' is a pointer, which a filter cannot follow: "
	 "only '== 0' and '!= 0' are possible\n"},
	{"openat = filename > 0",
	 "f:2:10: 'filename' is a pointer, which a filter cannot follow: "
	 "only '== 0' and '!= 0' are possible\n"},
	{"openat = filename & 1 == 0",
	 "f:2:10: 'filename' is a pointer, which a filter cannot follow: "
	 "only '== 0' and '!= 0' are possible\n"},
	{"socket = family", "f:2:16: expected a comparison (== != < <= > >= in "
			    "&), found the end\n"},
	{"socket = family & 1", "f:2:20: expected a comparison (== != < <= > "
				">= in), found the end\n"},
	{"socket = family = 1", "f:2:17: '=' does not compare: write "
				"'=='\n"},
	{"socket = family ==", "f:2:19: expected a number or a symbol, found "
			       "the end\n"},
	{"socket = family == 1 2", "f:2:22: expected 'and', 'or' or the end, "
				   "found '2'\n"},
	{"socket = family == 1 && type == 2", "f:2:22: write 'and' for '&&'\n"},
	{"socket = family == 1 || type == 2", "f:2:22: write 'or' for '||'\n"},
	{"socket = !family == 1", "f:2:10: write 'not' for '!'\n"},
	{"socket = == 1", "f:2:10: expected the name of an argument, found "
			  "'=='\n"},
	{"socket = (family == 1", "f:2:22: expected 'and', 'or' or ')', found "
				  "the end\n"},
	{"socket = family == 1)", "f:2:21: expected 'and', 'or' or the end, "
				  "found ')'\n"},
	{"socket = family in 1, 2", "f:2:20: expected '(' after 'in', found "
				    "'1'\n"},
	{"socket = family in (1 2)", "f:2:23: expected ',' or ')', found "
				     "'2'\n"},
	{"socket = family in (1,)", "f:2:23: expected a number or a symbol, "
				    "found ')'\n"},
	{"socket = family == (1|2", "f:2:24: expected ')', found the end\n"},
	{"socket = family == -AF_UNIX", "f:2:21: expected a number after '-', "
					"found 'AF_UNIX'\n"},
	/* the column is that of the line where the mistake is */
	{"socket = family == 1 and\n    typ == 2",
	 "f:3:5: socket has no argument 'typ' (did you mean 'type'?)\n"},
};

static void every_mistake(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(mistakes); i++) {
		struct parsed p = parse(mistakes[i].line);
		char *got = diags_text(&p.diags);

		assert_text(got, mistakes[i].expected);
		free(got);
		done(&p);
	}
}

/* Neither endless nesting nor endless lists reach the stack's end. */
static void huge(void **state)
{
	static const struct {
		const char *head, *part, *tail, *expected;
		int n;
	} rows[] = {
		{"", " (", "arg0 == 1", "too many parentheses or 'not'",
		 100000},
		{"", " not", " arg0 == 1", "too many parentheses or 'not'",
		 100000},
		{"arg0 ==", " (", "1", "too many parentheses", 100000},
		{"arg0 in (1", " , 2", ")", "more than 4000 parts", 100000},
		{"arg0 == 1", " or arg0 == 3", "", "more than 4000 parts",
		 100000},
		{"arg0 in (1", " , 2", ")", NULL, 1900},
		{"arg0 == 1", " or arg0 == 3", "", NULL, 1900},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *line, *got;
		size_t size;
		FILE *f = open_memstream(&line, &size);
		struct parsed p;

		fprintf(f, "read = %s", rows[i].head);
		for (int j = 0; j < rows[i].n; j++)
			fputs(rows[i].part, f);
		fputs(rows[i].tail, f);
		fclose(f);
		p = parse(line);
		got = diags_text(&p.diags);
		if (rows[i].expected)
			assert_contains(got, rows[i].expected);
		else
			assert_text(got, "");
		free(got);
		free(line);
		done(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(native_answers),
		cmocka_unit_test(other_abis),
		cmocka_unit_test(every_mistake),
		cmocka_unit_test(huge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
