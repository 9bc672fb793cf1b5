#include "tables/errname.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/nearest.h"
#include "base/util.h"

/* Second names of a number; strerrorname_np() gives the first. */
static const struct {
	const char *name;
	int err;
} aliases[] = {
	{"EDEADLOCK", EDEADLOCK},
	{"ENOTSUP", ENOTSUP},
	{"EWOULDBLOCK", EWOULDBLOCK},
};

static int err_by_name(const char *name)
{
	for (int err = 1; err <= ERRNO_LAST; err++) {
		const char *known = strerrorname_np(err);

		if (known && streq(known, name))
			return err;
	}
	for (size_t i = 0; i < ARRAY_SIZE(aliases); i++)
		if (streq(aliases[i].name, name))
			return aliases[i].err;
	return -1;
}

int errno_parse(const char *text)
{
	unsigned long long err;

	if (!isdigit((unsigned char)text[0]))
		return err_by_name(text);
	if ((text[0] == '0' && text[1]) || !parse_u64(text, &err) ||
	    err > ERRNO_LAST)
		return -1;
	return (int)err;
}

const char *errno_name(int err, char buf[static 16])
{
	const char *name = err > 0 ? strerrorname_np(err) : NULL;

	if (name)
		return name;
	snprintf(buf, 16, "%d", err);
	return buf;
}

const char *errno_suggest(const char *name)
{
	struct nearest near = nearest_to(name);

	for (size_t i = 0; i < ARRAY_SIZE(aliases); i++)
		nearest_offer(&near, aliases[i].name);
	for (int err = 1; err <= ERRNO_LAST; err++)
		if (strerrorname_np(err))
			nearest_offer(&near, strerrorname_np(err));
	return near.name;
}
