#include "review/equivalent.h"

#include <asm/ioctls.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/stat.h>

#include "base/util.h"
#include "tables/group.h"
#include "tables/signature.h"
#include "tables/syscall.h"

const char *const io_uring_does =
	"@open @stat @rename @unlink @mkdir @link @symlink @pipe @futex @wait "
	"read readv pread64 preadv preadv2 write writev pwrite64 pwritev "
	"pwritev2 recvfrom recvmsg sendto sendmsg splice tee socket bind "
	"listen accept accept4 connect shutdown close fsync fdatasync "
	"sync_file_range fallocate ftruncate fadvise64 madvise getxattr "
	"fgetxattr setxattr fsetxattr epoll_ctl epoll_wait poll "
	"getsockopt setsockopt";

enum use_compare { SET, ALL, EQ };

struct use {
	const char *call, *use, *argument;
	enum use_compare compare;
	uint64_t value;
	const char *label;
};

#define SKIP(...)

#define ROW(what, denied, outright, doors, needs, mend)                        \
	{what, denied, outright, doors, needs, mend},
#define USE SKIP
#define REACH SKIP
#define FALLBACK SKIP
static const struct equivalent rows[] = {
#include "review/equivalent.def"
};

#undef ROW
#undef USE
#define ROW SKIP
#define USE(call, use, argument, compare, value, label)                        \
	{call, use, argument, compare, value, label},
static const struct use uses[] = {
#include "review/equivalent.def"
};

#undef USE
#undef REACH
#define USE SKIP
#define REACH(calls, what, mend) {calls, what, mend},
static const struct reach reaches[] = {
#include "review/equivalent.def"
};

#undef REACH
#undef FALLBACK
#define REACH SKIP
#define FALLBACK(call, older, fatal, who) {call, older, fatal, who},
static const struct fallback fallbacks[] = {
#include "review/equivalent.def"
};

size_t equivalent_count(void)
{
	return ARRAY_SIZE(rows);
}

const struct equivalent *equivalent_at(size_t i)
{
	return &rows[i];
}

size_t reach_count(void)
{
	return ARRAY_SIZE(reaches);
}

const struct reach *reach_at(size_t i)
{
	return &reaches[i];
}

size_t fallback_count(void)
{
	return ARRAY_SIZE(fallbacks);
}

const struct fallback *fallback_at(size_t i)
{
	return &fallbacks[i];
}

/* The row of a use of the call, both words of n bytes. */
static const struct use *find_use(const char *call, size_t n, const char *name,
				  size_t name_n)
{
	for (size_t i = 0; i < ARRAY_SIZE(uses); i++)
		if (strlen(uses[i].call) == n &&
		    strncmp(uses[i].call, call, n) == 0 &&
		    strlen(uses[i].use) == name_n &&
		    strncmp(uses[i].use, name, name_n) == 0)
			return &uses[i];
	return NULL;
}

/* The argument as the kernel of the native ABI takes it; the uses in the table
 * are in the same place everywhere. */
static struct cond test_of(const struct use *use, uint32_t call)
{
	const struct signature *signature = signature_of(ABI_NATIVE, call);
	struct cond test = {.kind = COND_TEST, .bits = 32, .op = OP_EQ};

	for (int i = 0; signature && i < signature->n; i++)
		if (streq(signature->args[i].name, use->argument)) {
			test.arg = (uint8_t)i;
			test.bits = signature->args[i].bits;
		}
	if (!signature) /* mmap2: i386 only, prot is the third */
		test.arg = 2;
	test.mask = test.bits == 64 ? UINT64_MAX
				    : (UINT64_C(1) << test.bits) - 1;
	test.value = use->value & test.mask;
	if (use->compare != EQ)
		test.mask &= use->value;
	if (use->compare == SET) {
		test.op = OP_NE;
		test.value = 0;
	}
	return test;
}

static void add_use(struct door *door, const struct use *use)
{
	size_t n = strlen(door->label);

	snprintf(door->label + n, sizeof(door->label) - n, " %s %s",
		 door->partly ? "and" : "with", use->label);
	door->asks[door->n_asks++] = test_of(use, door->call);
	door->partly = true;
}

/* CALL[:USE[:USE]] */
static void make_door(const char *name, struct door *door)
{
	size_t n = strcspn(name, ":"), m;

	*door = (struct door){.call = syscall_by_word(name, n)};
	snprintf(door->label, sizeof(door->label), "%.*s", (int)n, name);
	for (const char *at = name + n; *at == ':'; at += 1 + m) {
		const struct use *use;

		m = strcspn(at + 1, ":");
		use = find_use(name, n, at + 1, m);
		if (use && door->n_asks < (int)ARRAY_SIZE(door->asks))
			add_use(door, use);
		else /* the table is wrong: its test finds it */
			snprintf(door->label, sizeof(door->label), "%s", name);
	}
}

/* One word off the list; false if there is none. */
static bool take_word(const char **list, char word[static 40])
{
	size_t n;

	*list += strspn(*list, " ");
	n = strcspn(*list, " ");
	snprintf(word, 40, "%.*s", (int)n, *list);
	*list += n;
	return n > 0;
}

bool door_next(struct door_list *list, struct door *door)
{
	char word[40];

	for (;;) {
		const struct group *group;

		if (!take_word(&list->rest[list->depth], word)) {
			if (list->depth-- == 0)
				return false;
			continue;
		}
		group = group_find(word);
		if (!group) {
			make_door(word, door);
			return true;
		}
		if (list->depth + 1 < DOOR_DEPTH)
			list->rest[++list->depth] = group->members;
	}
}

diagram door_asks(struct survey *survey, const struct door *door)
{
	diagram where = DIAGRAM_TRUE;

	for (int i = 0; i < door->n_asks; i++)
		where = survey_both(survey, where,
				    diagram_of_cond(survey->store,
						    &door->asks[i]));
	return where;
}
