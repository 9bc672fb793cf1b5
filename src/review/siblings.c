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
	for (size_t i = 0; i < equivalent_count(); i++)
		if (equivalent_at(i)->alike &&
		    names(equivalent_at(i)->others, call))
			add_list(equivalent_at(i)->others, siblings);
	for (size_t i = 0; i < brings_count(); i++)
		if (names(brings_at(i)->calls, call))
			add_list(brings_at(i)->others, siblings);
}

void floor_add(struct calls_list *calls)
{
	/* memory, and isatty(), which is another ioctl in every libc */
	add_list("mmap mmap2 mprotect ioctl", calls);
}
