#include "review/equivalent.h"

#include "base/util.h"
#include "model/power_cond.h"
#include "tables/power.h"

const char *const io_uring_does =
	"@open @stat @rename @unlink @mkdir @link @symlink @pipe @futex @wait "
	"read readv pread64 preadv preadv2 write writev pwrite64 pwritev "
	"pwritev2 recvfrom recvmsg sendto sendmsg splice tee socket bind "
	"listen accept accept4 connect shutdown close fsync fdatasync "
	"sync_file_range fallocate ftruncate fadvise64 madvise getxattr "
	"fgetxattr setxattr fsetxattr epoll_ctl epoll_wait poll "
	"getsockopt setsockopt";

#define SKIP(...)

#define ROW(what, denied, outright, others, needs, mend)                       \
	{what, denied, outright, others, needs, mend, true},
#define WAYS(what, denied, outright, others, needs, mend)                      \
	{what, denied, outright, others, needs, mend, false},
#define BRINGS SKIP
#define REACH SKIP
#define FALLBACK SKIP
static const struct equivalent rows[] = {
#include "review/equivalent.def"
};

#undef ROW
#undef WAYS
#undef BRINGS
#define ROW SKIP
#define WAYS SKIP
#define BRINGS(calls, others) {calls, others},
static const struct brings all_brings[] = {
#include "review/equivalent.def"
};

#undef BRINGS
#undef REACH
#define BRINGS SKIP
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

static bool is_way_of(const struct equivalent *row, uint32_t call)
{
	struct member_list others = MEMBER_LIST(row->others);
	struct member member;

	while (member_next(&others, &member))
		if (member.call == call &&
		    (!member.partly || power_use_named(call, member.label)))
			return true;
	return false;
}

bool equivalent_calls(uint32_t a, uint32_t b)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (is_way_of(&rows[i], a) && is_way_of(&rows[i], b))
			return true;
	return false;
}

size_t brings_count(void)
{
	return ARRAY_SIZE(all_brings);
}

const struct brings *brings_at(size_t i)
{
	return &all_brings[i];
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

bool member_next(struct member_list *list, struct member *member)
{
	struct use use;

	if (!use_next(&list->uses, &use))
		return false;
	*member = (struct member){.call = use.call, .partly = use.n > 0,
			      .never = use.never, .n_asks = use.n};
	for (int i = 0; i < use.n; i++)
		member->asks[i] = use_cond(&use.tests[i]);
	memcpy(member->label, use.label, sizeof(member->label));
	return true;
}

diagram member_asks(struct survey *survey, const struct member *member)
{
	diagram where = member->never ? DIAGRAM_FALSE : DIAGRAM_TRUE;

	for (int i = 0; i < member->n_asks; i++)
		where = survey_both(survey, where,
				    diagram_of_cond(survey->store,
						    &member->asks[i]));
	return where;
}
