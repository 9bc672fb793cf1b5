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

char *with_case(const char *word, int (*to)(int))
{
	char *copy = xstrdup(word);

	for (char *c = copy; *c; c++)
		*c = (char)to((unsigned char)*c);
	return copy;
}

/* ------------------------------------------------------------------- calls */

/* As in "__NR_read" and "~@clock"; longer ones first, where one begins with
 * another. */
static const char prefixes[][12] = {
	"__x64_sys_", "__ia32_sys_", "__se_sys_", "__do_sys_", "__sys_",
	"__NR3264_",  "__NR_",       "SCMP_SYS(", "SYS_",      "sys_",
	"ksys_",      "NR_",         "trace=",    "~",         "!",
	"-",          "+",           "%",
};
static const char trailing[] = "\"'();,:.";

/* The word without what does not belong to a name: quotes, "__NR_", "(2)". */
static char *bare(const char *word)
{
	char *copy;
	size_t n;

	word += strspn(word, "\"'");
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (has_prefix(word, prefixes[i])) {
			word += strlen(prefixes[i]);
			break;
		}
	copy = xstrndup(word, strcspn(word, "("));
	for (n = strlen(copy); n > 0 && strchr(trailing, copy[n - 1]); n--)
		copy[n - 1] = '\0';
	return copy;
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
	if (has_suffix(word, "\\"))
		return xstrdup("an indented line continues without '\\'");
	name = real_name(plain);
	if (name && (*word == '~' || *word == '!'))
		return xasprintf("to deny %s, write it under [deny]", name);
	return meant(name            ? name
		     : *plain == '@' ? group_suggest(plain)
				     : syscall_suggest(plain));
}

/* ------------------------------------------------------ numbers and symbols */

/* A number's suffix, and by how many bits that shifts it. */
static const char units[] = "u=0 l=0 ul=0 ull=0 ll=0 k=10 kb=10 kib=10 m=20 "
			    "mb=20 mib=20 g=30 gb=30 gib=30";

/* "1_000K" without what makes it readable, in small letters. */
static char *plain_number(const char *word)
{
	char *copy = xstrdup(word), *to = copy;

	for (; *word; word++)
		if (*word != '_')
			*to++ = (char)tolower((unsigned char)*word);
	*to = '\0';
	return copy;
}

static char *with_unit(const char *digits)
{
	size_t n = strspn(digits, "0123456789");
	cleanup_free char *number = xstrndup(digits, n);
	const char *suffix = digits[n] ? digits + n : "u";
	char found[WORDS_VALUE];
	unsigned long long value;
	int bits;

	if (!parse_u64(number, &value) ||
	    !words_find(units, suffix, found))
		return NULL;
	bits = atoi(found);
	return value > UINT64_MAX >> bits
		       ? NULL : xasprintf("write %llu", value << bits);
}

char *spelling_of_number(const char *word)
{
	cleanup_free char *digits = plain_number(word);
	bool octal = has_prefix(digits, "0o");
	unsigned long long value;
	char *end;

	if (!octal && !has_prefix(digits, "0b"))
		return with_unit(digits);
	value = strtoull(digits + 2, &end, octal ? 8 : 2);
	if (!digits[2] || *end)
		return NULL;
	return octal ? xasprintf("write 0%llo", value)
		     : xasprintf("write 0x%llx", value);
}

/* Symbols of C that belong to no argument. */
static const char limits[] =
	"INT_MAX=0x7fffffff INT32_MAX=0x7fffffff INT_MIN=-0x80000000 "
	"UINT_MAX=0xffffffff UINT32_MAX=0xffffffff "
	"LONG_MAX=0x7fffffffffffffff LLONG_MAX=0x7fffffffffffffff "
	"SSIZE_MAX=0x7fffffffffffffff INT64_MAX=0x7fffffffffffffff "
	"LONG_MIN=-0x8000000000000000 ULONG_MAX=0xffffffffffffffff "
	"ULLONG_MAX=0xffffffffffffffff SIZE_MAX=0xffffffffffffffff "
	"UINT64_MAX=0xffffffffffffffff SHRT_MAX=0x7fff USHRT_MAX=0xffff "
	"UINT16_MAX=0xffff PATH_MAX=4096 PAGE_SIZE=4096 STDIN_FILENO=0 "
	"FALSE=0 STDOUT_FILENO=1 TRUE=1 STDERR_FILENO=2 EOF=-1";

char *spelling_of_symbol(const char *word)
{
	cleanup_free char *upper = with_case(word, toupper);
	char number[WORDS_VALUE];
	uint64_t value;

	if (words_find(limits, upper, number))
		return xasprintf("write %s", number);
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
	if (strpbrk(value, "\"'"))
		return xstrdup("write it without quotes");
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

/* "read EPERM" */
static char *two_words(const char *line, const char *section)
{
	size_t n = strcspn(line, " \t");
	const char *second = line + n + strspn(line + n, " \t");
	bool is_errno = errno_parse(second) > 0;

	if (!n || !(is_errno || streq(second, "always") ||
		    has_prefix(second, "if ")))
		return NULL;
	return xasprintf("write '%.*s = %s'%s", (int)n, line, second,
			 is_errno && !streq(section, "deny") ? " under [deny]"
							     : "");
}

char *spelling_of_line(const char *line, const char *section)
{
	size_t n = strcspn(line, " \t+:=");
	const char *op = line + n + strspn(line + n, " \t");
	char *text;

	if (has_prefix(op, "+="))
		return xasprintf("write '%.*s =' once more: lists add up",
				 (int)n, line);
	if (*op == ':' && n)
		return xasprintf("write '%.*s =' with '=' for ':'", (int)n,
				 line);
	if (has_prefix(op, "=="))
		return xasprintf("write '%.*s =' with one '='", (int)n, line);
	if (!section || action_parse(section) < 0 || strchr(line, '='))
		return NULL;
	text = two_words(line, section);
	return text ? text : xasprintf("write 'syscalls = %s'", line);
}
