/* A condition as text: what is printed reads well, and means the same when it
 * is read again. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/diagram.h"
#include "formats/condition.h"
#include "random.h"
#include "scratch.h"
#include "tables/signature.h"
#include "tables/syscall.h"

struct parsed {
	struct arena pool;
	const struct cond *cond[ABI_COUNT];
};

/* "CALL = CONDITION" */
static struct parsed parse(const char *line)
{
	struct parsed p = {.pool = ARENA_INIT};
	struct ini_file ini = {0};
	struct diags diags = DIAGS_INIT;
	char *text = xasprintf("[allow]\n%s\n", line), *wrong;

	ini_read(&ini, text, strlen(text), "f", &diags);
	free(text);
	assert_int_equal(ini.n_items, 1);
	condition_parse(&ini.items[0], 0, "f",
			syscall_by_name(ini.items[0].key), &p.pool, p.cond,
			&diags);
	wrong = diags_text(&diags);
	if (*wrong)
		fprintf(stderr, "%s\n", line);
	assert_text(wrong, "");
	free(wrong);
	diags_free(&diags);
	ini_free(&ini);
	return p;
}

static void assert_same(const struct cond *a, const struct cond *b,
			const char *line)
{
	struct diagram_store *store = diagram_store_new(DIAGRAM_BUDGET);
	diagram x = diagram_of_cond(store, a), y = diagram_of_cond(store, b);

	if (x == DIAGRAM_NONE || x != y)
		fprintf(stderr, "means something else: %s\n", line);
	assert_int_not_equal(x, DIAGRAM_NONE);
	assert_int_equal(x, y);
	diagram_store_free(store);
}

/* Prints a condition and reads that again. */
static void assert_read_again(const struct cond *cond, enum abi_id abi,
			      const char *call)
{
	char *text = condition_text(cond, abi, syscall_by_name(call));
	char *line = xasprintf("%s = %s", call, text);
	struct parsed again = parse(line);

	assert_same(cond, again.cond[abi], line);
	arena_free(&again.pool);
	free(line);
	free(text);
}

/* A line, and its condition as it is printed; NULL: the same. */
static const struct {
	const char *line, *printed;
} lines[] = {
	{"socket = family == AF_UNIX", NULL},
	{"socket = family == 1 or family == 2",
	 "family in (AF_UNIX, AF_INET)"},
	{"socket = family in (1, 4..7, 0x10)",
	 "family in (AF_UNIX, 4..7, AF_NETLINK)"},
	{"socket = arg0 != 1 and arg1 < -3",
	 "family != AF_UNIX and type < -3"},
	{"socket = not (family == 1 or type == 2 and protocol == 3)",
	 "not (family == AF_UNIX or type == SOCK_DGRAM and protocol == 3)"},
	{"socket = (family == 1 or type == 2) and protocol == 0",
	 "(family == AF_UNIX or type == SOCK_DGRAM) and protocol == 0"},
	{"socket = not family == 1", "family != AF_UNIX"},
	{"socket = not family >= 2", "family < 2"},
	{"socket = family not in (AF_UNIX, AF_INET)", NULL},
	{"socket = not family in (3..5)", "family not in (3..5)"},
	{"socket = type & 0xf == 1", "type & SOCK_TYPE_MASK == SOCK_STREAM"},
	{"socket = type & SOCK_CLOEXEC != 0", NULL},
	{"openat = flags & O_WRITES == 0", NULL},
	{"openat = flags & O_ACCMODE == O_RDONLY", NULL},
	{"openat = flags & 3 in (1, 2)",
	 "flags & O_ACCMODE in (O_WRONLY, O_RDWR)"},
	{"openat = flags & (O_CREAT|O_TRUNC) == O_CREAT", NULL},
	{"openat = flags & (O_WRONLY|O_CREAT) == 0",
	 "flags & (O_CREAT|O_WRONLY) == 0"},
	{"openat = flags == O_RDONLY|O_CLOEXEC", NULL},
	{"openat = dfd == AT_FDCWD", NULL},
	{"openat = dfd == 0xffffff9c", "dfd == AT_FDCWD"},
	{"openat = filename == 0", "filename == NULL"},
	{"openat = filename != NULL", NULL},
	{"openat = mode & 0111 == 0", NULL},
	{"chmod = mode == 0640", NULL},
	{"mmap = prot & PROT_EXEC != 0", NULL},
	{"mmap = flags & MAP_TYPE == MAP_PRIVATE", NULL},
	{"mmap = len > 0x100000000", NULL},
	{"ioctl = cmd in (TCGETS, TIOCGWINSZ)", NULL},
	{"ioctl = cmd == 0x12345678", NULL},
	{"clone = clone_flags & (CLONE_NEWUSER|0xff) == 17",
	 "clone_flags & (CLONE_NEWUSER|0xff) == 0x11"},
	{"kill = pid > 100 or sig == SIGKILL", NULL},
	{"lseek = offset >= 0 and offset <= 4096", "offset in (0..4096)"},
	{"lseek = offset < -9223372036854775807", NULL},
	{"prctl = option == PR_SET_NAME and arg1 != 5", NULL},
	{"read = count == 18446744073709551615", "count == 0xffffffffffffffff"},
};

/* -9223372036854775808 has no positive counterpart, and 0xffffffff is no set
 * of flags; both are read and printed all the same. */
static void as_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct parsed p = parse(lines[i].line);
		const char *behind = strchr(lines[i].line, '=');
		char *call = xstrndup(lines[i].line,
				      (size_t)(behind - lines[i].line - 1));
		char *text = condition_text(p.cond[ABI_X86_64], ABI_X86_64,
					    syscall_by_name(call));

		assert_text(text, lines[i].printed ? lines[i].printed
						   : behind + 2);
		free(text);
		assert_read_again(p.cond[ABI_X86_64], ABI_X86_64, call);
		arena_free(&p.pool);
		free(call);
	}
}

/* Where an ABI has no signature there are no names. */
static void registers(void **state)
{
	uint32_t call = syscall_by_name("socketcall");
	const struct cond test = {.kind = COND_TEST, .bits = 32, .op = OP_EQ,
				  .mask = UINT32_MAX, .value = 1};
	char *text = condition_text(&test, ABI_X86, call);

	(void)state;
	assert_text(text, "arg0 == 1");
	free(text);
	text = condition_text(NULL, ABI_X86, call);
	assert_text(text, "always");
	free(text);
	text = condition_text(&cond_never, ABI_X86, call);
	assert_text(text, "never");
	free(text);
}

/* ------------------------------------------------------- random conditions */

/* What a condition is made of at random. */
struct maker {
	struct rng rng;
	struct arena pool;
	const struct signature *signature;
};

static const struct cond *random_test(struct maker *m)
{
	int i = (int)rng_below(&m->rng, (uint32_t)m->signature->n);
	const struct argument *arg = &m->signature->args[i];
	struct cond test = {.arg = (uint8_t)i, .bits = arg->bits,
			    .is_signed = arg->is_signed, .mask = UINT64_MAX};

	test.op = (enum cond_op)rng_below(&m->rng, arg->is_pointer ? 2 : 6);
	if (!arg->is_pointer) {
		test.value = rng_below(&m->rng, 2) ? rng_below(&m->rng, 64)
						   : rng_edge(&m->rng);
		if (rng_below(&m->rng, 2))
			test.mask = rng_edge(&m->rng);
		if (test.op == OP_EQ || test.op == OP_NE)
			test.value &= test.mask;
	}
	return cond_test(&m->pool, test);
}

static const struct cond *random_cond(struct maker *m, int depth)
{
	uint32_t kind = depth ? rng_below(&m->rng, 5) : 0;
	const struct cond *a, *b;

	if (kind < 2)
		return random_test(m);
	a = random_cond(m, depth - 1);
	if (kind == 2)
		return cond_not(&m->pool, a);
	b = random_cond(m, depth - 1);
	return kind == 3 ? cond_and(&m->pool, a, b) : cond_or(&m->pool, a, b);
}

/* Among them masks and values that no person would write. */
static void any_condition(void **state)
{
	static const char *const calls[] = {
		"socket", "openat", "mmap", "clone", "chmod", "ioctl", "fcntl",
		"lseek", "kill", "mknodat", "prctl", "futex", "personality",
		"setsockopt", "unshare", "waitid", "madvise", "fanotify_mark",
	};

	struct maker m = {.rng = {7}};

	(void)state;
	for (int i = 0; i < 6000; i++) {
		const char *call = calls[rng_below(&m.rng, ARRAY_SIZE(calls))];
		enum abi_id abi = rng_below(&m.rng, 3) ? ABI_X86_64 : ABI_X86;

		m.signature = signature_of(abi, syscall_by_name(call));
		if (!m.signature)
			continue;
		assert_read_again(random_cond(&m, 3), abi, call);
		arena_reset(&m.pool);
	}
	arena_free(&m.pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_written),
		cmocka_unit_test(registers),
		cmocka_unit_test(any_condition),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
