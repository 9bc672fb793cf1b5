#include "tables/libcname.h"

#include "base/util.h"

#define LIBC(name, write) {name, write},
static const struct libcname rows[] = {
#include "tables/libcname.def"
};

/* Longer ones first, where one begins with another. */
static const char prefixes[][12] = {
	"__x64_sys_", "__ia32_sys_", "__se_sys_", "__do_sys_", "__sys_",
	"__NR3264_",  "__NR_",       "SCMP_SYS(", "SYS_",      "sys_",
	"ksys_",      "NR_",         "trace=",    "~",         "!",
	"-",          "+",           "%",
};

const struct libcname *libcname_at(size_t i)
{
	return i < ARRAY_SIZE(rows) ? &rows[i] : NULL;
}

const char *libcname_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (streq(rows[i].name, name))
			return rows[i].write;
	return NULL;
}

const char *call_prefix_at(size_t i)
{
	return i < ARRAY_SIZE(prefixes) ? prefixes[i] : NULL;
}
