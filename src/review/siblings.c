#include "review/siblings.h"

#include "review/equivalent.h"

/* Does the list name the call, whatever its arguments? */
static bool names(const char *calls, uint32_t call)
{
	struct use_list list = USE_LIST(calls);
	struct use use;

	while (use_next(&list, &use))
		if (use.call == call && !use.n)
			return true;
	return false;
}

static void add_list(const char *calls, struct calls_list *siblings)
{
	struct use_list list = USE_LIST(calls);
	struct use use;

	while (use_next(&list, &use))
		if (!use.n)
			calls_list_add(siblings, use.call);
}

void siblings_add(uint32_t call, struct calls_list *siblings)
{
	for (const struct equivalent *row = equivalents; row->what; row++)
		if (!row->ways && names(row->others, call))
			add_list(row->others, siblings);
	for (const struct brings *row = brings; row->calls; row++)
		if (names(row->calls, call))
			add_list(row->others, siblings);
}

/* names of threads, and of malloc's memory */
const char *const floor_uses = "prctl:PR_SET_NAME prctl:PR_SET_VMA";

void floor_add(struct calls_list *calls)
{
	/* memory, isatty(), which is another ioctl in every libc, threads */
	add_list("mmap mmap2 mprotect ioctl clone fork vfork", calls);
}
