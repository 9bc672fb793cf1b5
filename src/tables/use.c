#include "tables/use.h"

#include <ctype.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/util.h"
#include "tables/constant.h"
#include "tables/group.h"
#include "tables/signature.h"
#include "tables/syscall.h"

enum use_compare { SET, ALL, EQ, TYPE };

struct use_row {
	const char *call, *use, *argument;
	enum use_compare compare;
	uint64_t value;
	const char *label;
};

enum selector_values { NAMED, OPEN };

struct selector_row {
	const char *call, *argument;
	enum selector_values values;
};

#define SKIP(...)
/* every open flag that can change a file, as the symbol O_WRITES */
#define WRITES                                                                 \
	(O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY))

#define SELECTOR SKIP
#define USE(call, use, argument, compare, value, label)                        \
	{call, use, argument, compare, value, label},
static const struct use_row rows[] = {
#include "tables/use.def"
};

#undef SELECTOR
#undef USE
#define USE SKIP
#define SELECTOR(call, argument, values) {call, argument, values},
static const struct selector_row selectors[] = {
#include "tables/use.def"
};

/* A word of n bytes that need not end there. */
static bool is_word(const char *text, const char *word, size_t n)
{
	return strncmp(text, word, n) == 0 && !text[n];
}

static const struct use_row *find_row(const char *call, size_t call_n,
				      const char *use, size_t n)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (is_word(rows[i].call, call, call_n) &&
		    is_word(rows[i].use, use, n))
			return &rows[i];
	return NULL;
}

/* The argument as the kernel of the native ABI takes it; the uses in the table
 * are in the same place everywhere. */
static struct use_test test_of(uint32_t call, const char *argument)
{
	const struct signature *signature = signature_of(ABI_NATIVE, call);
	struct use_test test = {.bits = 32, .equal = true};

	if (!signature) /* mmap2: i386 only */
		signature = signature_of(ABI_X86, call);
	for (int i = 0; signature && i < signature->n; i++)
		if (streq(signature->args[i].name, argument)) {
			test.arg = (uint8_t)i;
			test.bits = signature->args[i].bits;
		}
	test.mask = test.bits == 64 ? UINT64_MAX
				    : (UINT64_C(1) << test.bits) - 1;
	return test;
}

static void add_test(struct use *use, struct use_test test, const char *label)
{
	size_t n = strlen(use->label);

	snprintf(use->label + n, sizeof(use->label) - n, " %s %s",
		 use->n ? "and" : "with", label);
	use->tests[use->n++] = test;
}

static void add_row(struct use *use, const struct use_row *row)
{
	struct use_test test = test_of(use->call, row->argument);

	test.value = row->value & test.mask;
	if (row->compare == TYPE)
		test.mask = 0xf;
	else if (row->compare != EQ)
		test.mask &= row->value;
	if (row->compare == SET) {
		test.equal = false;
		test.value = 0;
	}
	add_test(use, test, row->label);
}

/* The call's selector has this symbol's value. */
static bool add_symbol(struct use *use, const char *call, size_t call_n,
		       const char *name, size_t n)
{
	cleanup_free char *symbol = xstrndup(name, n);

	for (size_t i = 0; i < ARRAY_SIZE(selectors); i++) {
		struct use_test test;

		if (!is_word(selectors[i].call, call, call_n))
			continue;
		test = test_of(use->call, selectors[i].argument);
		use->never |= !constant_find(symbol, &test.value);
		test.value &= test.mask;
		add_test(use, test, symbol);
		return true;
	}
	return false;
}

/* One part between colons; false: the table is wrong. */
static bool add_part(struct use *use, const char *word, size_t call_n,
		     const char *part, size_t n)
{
	const struct use_row *row;

	if (is_word("*", part, n))
		return use->rest = true;
	if (use->n == USE_TESTS)
		return false;
	if (isupper((unsigned char)part[0]))
		return add_symbol(use, word, call_n, part, n);
	row = find_row(word, call_n, part, n);
	if (row)
		add_row(use, row);
	return row;
}

/* CALL[:USE[:USE]] */
static void make_use(const char *word, struct use *use)
{
	size_t call_n = strcspn(word, ":"), n;

	*use = (struct use){.call = syscall_by_word(word, call_n)};
	snprintf(use->label, sizeof(use->label), "%.*s", (int)call_n, word);
	for (const char *at = word + call_n; *at == ':'; at += 1 + n) {
		n = strcspn(at + 1, ":");
		if (!add_part(use, word, call_n, at + 1, n))
			snprintf(use->label, sizeof(use->label), "%s", word);
	}
}

/* One word off the list; false if there is none. */
static bool take_word(const char **list, char word[static USE_LABEL])
{
	size_t n;

	*list += strspn(*list, " ");
	n = strcspn(*list, " ");
	snprintf(word, USE_LABEL, "%.*s", (int)n, *list);
	*list += n;
	return n > 0;
}

bool use_next(struct use_list *list, struct use *use)
{
	char word[USE_LABEL];

	for (;;) {
		const struct group *group;

		if (!take_word(&list->rest[list->depth], word)) {
			if (list->depth-- == 0)
				return false;
			continue;
		}
		group = group_find(word);
		if (!group) {
			make_use(word, use);
			return true;
		}
		if (list->depth + 1 < USE_DEPTH)
			list->rest[++list->depth] = group->members;
	}
}

int use_selector(uint32_t call)
{
	char buf[16];

	for (size_t i = 0; i < ARRAY_SIZE(selectors); i++)
		if (selectors[i].values == OPEN &&
		    streq(selectors[i].call, syscall_name(call, buf)))
			return test_of(call, selectors[i].argument).arg;
	return -1;
}

static bool test_holds(const struct use_test *test,
		       const uint64_t args[static 6])
{
	return ((args[test->arg] & test->mask) == test->value) == test->equal;
}

bool use_holds(const struct use *use, const uint64_t args[static 6])
{
	for (int i = 0; i < use->n; i++)
		if (!test_holds(&use->tests[i], args))
			return false;
	return !use->never;
}
