#include "formats/spelling.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/util.h"
#include "tables/action.h"
#include "tables/alias.h"
#include "tables/constant.h"
#include "tables/errname.h"
#include "tables/group.h"
#include "tables/syscall.h"
#include "tables/words.h"

static char *meant(const char *word)
{
	return word ? xasprintf("did you mean '%s'?", word) : NULL;
}

static char *with_case(const char *word, int (*to)(int))
{
	char *copy = xstrdup(word);

	for (char *c = copy; *c; c++)
		*c = (char)to((unsigned char)*c);
	return copy;
}

/* ------------------------------------------------------------------- calls */

/* The word without what does not belong to a name: "__NR_", "(2)". */
static char *bare(const char *word)
{
	static const char *const prefixes[] = {
		"__NR_", "SYS_", "sys_", "__x64_sys_", "~", "!"};

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (has_prefix(word, prefixes[i])) {
			word += strlen(prefixes[i]);
			break;
		}
	return xstrndup(word, strcspn(word, "(;"));
}

/* A call or a group that is really there, or NULL; malloc'd. */
static char *real_name(const char *word)
{
	cleanup_free char *lower = with_case(word, tolower);
	cleanup_free char *as_group = xasprintf("@%s", lower);
	char of_libc[WORDS_VALUE];

	if (syscall_by_name(lower) != CALL_NONE || group_find(lower))
		return steal(lower);
	if (libcname_find(lower, of_libc))
		return xstrdup(of_libc);
	return group_find(as_group) ? steal(as_group) : NULL;
}

/* "read:EPERM", as systemd and strace write a call with its errno. */
static char *with_errno(const char *word)
{
	const char *colon = strpbrk(word, ":=");
	cleanup_free char *left = NULL, *name = NULL, *upper = NULL;

	if (!colon || colon == word)
		return NULL;
	left = xstrndup(word, (size_t)(colon - word));
	name = real_name(left);
	upper = with_case(colon + 1, toupper);
	return name && errno_parse(upper) > 0
		       ? xasprintf("write '%s = %s' under [deny]", name, upper)
		       : NULL;
}

char *spelling_of_call(const char *word)
{
	cleanup_free char *plain = bare(word), *name = NULL;
	char *text = with_errno(word);

	if (text)
		return text;
	name = real_name(plain);
	if (name && (*word == '~' || *word == '!'))
		return xasprintf("to deny %s, write it under [deny]", name);
	return meant(name            ? name
		     : *plain == '@' ? group_suggest(plain)
				     : syscall_suggest(plain));
}

/* ------------------------------------------------------ numbers and symbols */

/* "0o644", as Python and YAML have it. */
char *spelling_of_number(const char *word)
{
	unsigned long long value;
	char *end;

	if (!has_prefix(word, "0o") || !word[2])
		return NULL;
	value = strtoull(word + 2, &end, 8);
	return *end ? NULL : xasprintf("write 0%llo", value);
}

char *spelling_of_symbol(const char *word)
{
	cleanup_free char *upper = with_case(word, toupper);
	uint64_t value;

	if (constant_find(upper, ABI_NATIVE, &value) || streq(upper, "NULL"))
		return meant(upper);
	return meant(constant_suggest(word));
}

/* ------------------------------------------------------------------- values */

/* "fd == 3": a name, then what compares. */
static bool is_condition(const char *value)
{
	size_t n = strcspn(value, " \t=!<>&");

	n += strspn(value + n, " \t");
	return n > 0 && value[n] && (strchr("!<>&", value[n]) ||
				     has_prefix(value + n, "==") ||
				     has_prefix(value + n, "in "));
}

char *spelling_of_value(const char *value, const char *section)
{
	size_t n = strcspn(value, " \t(");
	cleanup_free char *word = xstrndup(value, n), *lower = NULL;
	cleanup_free char *upper = NULL;

	if (!*value)
		return xstrdup("write 'always'");
	lower = with_case(word, tolower);
	upper = with_case(*word == '-' ? word + 1 : word, toupper);
	if (!value[n] && words_find("yes true on all any always", lower, NULL))
		return xstrdup("write 'always'");
	if (!value[n] && action_parse(lower) >= 0)
		return streq(lower, section)
			       ? xstrdup("write 'always'")
			       : xasprintf("write 'always' under [%s]", lower);
	if ((streq(lower, "if") || streq(lower, "only")) && !streq(word, lower))
		return xasprintf("write '%s%s'", lower, value + n);
	if (errno_parse(upper) > 0 && !streq(section, "deny"))
		return xstrdup("an errno belongs under [deny]");
	if (errno_parse(upper) > 0 && !streq(word, upper))
		return xasprintf("write '%s%s'", upper, value + n);
	return is_condition(value) ? xasprintf("write 'if %s'", value) : NULL;
}

/* -------------------------------------------------------------------- lines */

char *spelling_of_line(const char *line, const char *section)
{
	size_t n = strcspn(line, " \t:=");
	const char *op = line + n + strspn(line + n, " \t");

	if (*op == ':' && n)
		return xasprintf("write '%.*s =' with '=' for ':'", (int)n,
				 line);
	if (has_prefix(op, "=="))
		return xasprintf("write '%.*s =' with one '='", (int)n, line);
	if (!section || action_parse(section) < 0 || strchr(line, '='))
		return NULL;
	return xasprintf("write 'syscalls = %s'", line);
}
