#include "tables/use.h"

#include <ctype.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/util.h"
#include "tables/constant.h"
#include "tables/group.h"
#include "tables/signature.h"
#include "tables/syscall.h"
#include "tables/words.h"

/* Calls with their selector, the argument that has a symbol's value where a list
 * has a use in capitals ("ioctl:TIOCSTI").  Open: there are more values than a
 * table can name, each an operation of its own; named: the uses say all that
 * matters. */
static const char open_selectors[] =
	"bpf=cmd ioctl=cmd keyctl=option personality=personality prctl=option "
	"ptrace=request";
static const char named_selectors[] = "socket=family socketpair=family";

/* SET: one of the bits, ALL: all of them, EQ: this value, TYPE: this value,
 * whatever flags stand above its 4 bits. */
static const struct use_row {
	const char *calls, *use, *argument;
	enum { SET, ALL, EQ, TYPE } compare;
	const char *label;
	uint64_t value; /* 0: the symbol's that the label is */
} rows[] = {
	{"chmod fchmod fchmodat open openat creat mknod mknodat", "suid",
	 "mode", SET, "S_ISUID", 0},
	/* a denial of no more than this is not meant for the call's work */
	{"open openat creat mknod mknodat", "aside", "mode",
	 SET, "set-id bits", S_ISUID | S_ISGID},
	{"open openat", "creates", "flags",
	 SET, "O_CREAT", O_CREAT | (O_TMPFILE & ~O_DIRECTORY)},
	{"open openat open_by_handle_at", "writes", "flags",
	 SET, "O_WRITES", 0},
	{"clone", "newns", "clone_flags", SET, "namespace flags", 0x7e020000},
	{"unshare", "newns", "unshare_flags",
	 SET, "namespace flags", 0x7e020080},
	{"clone", "newuser", "clone_flags", SET, "CLONE_NEWUSER", 0},
	{"unshare", "newuser", "unshare_flags", SET, "CLONE_NEWUSER", 0},
	{"unlinkat", "dir", "flag", SET, "AT_REMOVEDIR", 0},
	{"fcntl", "dup", "cmd", EQ, "F_DUPFD", 0},
	{"fcntl", "dupx", "cmd", EQ, "F_DUPFD_CLOEXEC", 0},
	{"mmap mmap2", "wx", "prot",
	 ALL, "PROT_WRITE|PROT_EXEC", PROT_WRITE | PROT_EXEC},
	{"mprotect pkey_mprotect", "x", "prot", SET, "PROT_EXEC", 0},
	{"shmat", "x", "shmflg", SET, "SHM_EXEC", 0},
	{"personality", "query", "personality", EQ, "0xffffffff", 0xffffffff},
	{"personality", "x", "personality", SET, "READ_IMPLIES_EXEC", 0},
	{"prlimit64", "set", "new_rlim", SET, "a new limit", UINT64_MAX},
	{"sendto", "addressed", "addr", SET, "an address", UINT64_MAX},
	{"socket", "stream", "type", TYPE, "SOCK_STREAM", 0},
	{"socket", "datagram", "type", TYPE, "SOCK_DGRAM", 0},
	{"socket", "raw", "type", TYPE, "SOCK_RAW", 0},
};

/* Is the call one of them? */
static bool is_for(const char *calls, uint32_t call, char value[WORDS_VALUE])
{
	return syscall_row(call) &&
	       words_find(calls, syscall_row(call)->name, value);
}

static const struct use_row *find_row(uint32_t call, const char *use)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (streq(rows[i].use, use) && is_for(rows[i].calls, call, NULL))
			return &rows[i];
	return NULL;
}

/* The argument as the kernel of the first ABI that has it takes it; the uses in
 * the table are in the same place everywhere, and have the same values. */
static struct use_test test_of(uint32_t call, const char *argument)
{
	const struct signature *signature = signature_any(call);
	struct use_test test = {.bits = 32, .equal = true};

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

static bool add_row(struct use *use, const struct use_row *row)
{
	struct use_test test = test_of(use->call, row->argument);
	uint64_t value = row->value;

	if (!value && !constant_find(row->label, ABI_NATIVE, &value))
		return false;
	test.value = value & test.mask;
	if (row->compare == TYPE)
		test.mask = 0xf;
	else if (row->compare != EQ)
		test.mask &= value;
	if (row->compare == SET) {
		test.equal = false;
		test.value = 0;
	}
	add_test(use, test, row->label);
	return true;
}

/* The call's selector has this symbol's value. */
static bool add_symbol(struct use *use, const char *symbol)
{
	char selector[WORDS_VALUE];
	struct use_test test;

	if (!is_for(open_selectors, use->call, selector) &&
	    !is_for(named_selectors, use->call, selector))
		return false;
	test = test_of(use->call, selector);
	use->never |= !constant_find(symbol, ABI_NATIVE, &test.value);
	test.value &= test.mask;
	add_test(use, test, symbol);
	return true;
}

/* One part between colons; false: the table is wrong. */
static bool add_part(struct use *use, const char *part)
{
	const struct use_row *row;

	if (streq(part, "*"))
		return use->rest = true;
	if (use->n == USE_TESTS)
		return false;
	if (isupper((unsigned char)part[0]))
		return add_symbol(use, part);
	row = find_row(use->call, part);
	return row && add_row(use, row);
}

/* CALL[:USE[:USE]] */
static void make_use(const char word[static USE_LABEL], struct use *use)
{
	char parts[USE_LABEL], *rest = parts, *part;

	strcpy(parts, word);
	part = strsep(&rest, ":");
	*use = (struct use){.call = syscall_by_name(part)};
	strcpy(use->label, part);
	while ((part = strsep(&rest, ":")))
		if (!add_part(use, part))
			strcpy(use->label, word);
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
	char selector[WORDS_VALUE];

	return is_for(open_selectors, call, selector)
		       ? test_of(call, selector).arg
		       : -1;
}

bool use_holds(const struct use *use, const uint64_t args[static 6])
{
	bool holds = !use->never;

	for (int i = 0; i < use->n; i++) {
		const struct use_test *test = &use->tests[i];

		holds &= ((args[test->arg] & test->mask) == test->value) ==
			 test->equal;
	}
	return holds;
}
