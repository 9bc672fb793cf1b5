#include "formats/scan.h"

#include <ctype.h>
#include <stdarg.h>

#include "formats/spelling.h"
#include "tables/constant.h"

int scan_fail(struct scan *scan, size_t at, const char *fmt, ...)
{
	va_list args;

	if (scan->error)
		return -1;
	va_start(args, fmt);
	scan->error = xvasprintf(fmt, args);
	va_end(args);
	scan->error_at = at;
	return -1;
}

int scan_expected(struct scan *scan, const char *expected)
{
	const char *s = scan->text + scan->at;
	size_t n = word_length(s);

	if (!*s)
		return scan_fail(scan, scan->at, "expected %s, found the end",
				 expected);
	if (iscntrl((unsigned char)*s))
		return scan_fail(scan, scan->at, "expected %s", expected);
	if (n == 0)
		n = strcspn(s, " \t_(");
	return scan_fail(scan, scan->at, "expected %s, found '%.*s'", expected,
			 (int)(n > 40 ? 40 : n ? n : 1), s);
}

void scan_blanks(struct scan *scan)
{
	const char *s = scan->text + scan->at, *end;

	for (;;) {
		s += strspn(s, scan->has_remarks ? " \t\n" : " \t");
		end = scan->has_remarks && has_prefix(s, "/*")
			      ? strstr(s + 2, "*/")
			      : NULL;
		if (!end)
			break;
		s = end + 2;
	}
	scan->at = (size_t)(s - scan->text);
}

bool scan_token(struct scan *scan, const char *token)
{
	scan_blanks(scan);
	if (!has_prefix(scan->text + scan->at, token))
		return false;
	scan->at += strlen(token);
	scan_blanks(scan);
	return true;
}

size_t word_length(const char *s)
{
	size_t n = 0;

	while (isalnum((unsigned char)s[n]) || s[n] == '_')
		n++;
	return n;
}

static int take_number(struct scan *scan, const char *word, bool negative,
		       struct value *value)
{
	cleanup_free char *advice = NULL;
	unsigned long long n;

	if (parse_u64(word, &n) && !(negative && n > (uint64_t)INT64_MAX + 1)) {
		value->bits = negative ? -(uint64_t)n : n;
		value->is_negative = negative && n;
		return 0;
	}
	advice = negative ? NULL : spelling_of_number(word);
	return scan_fail(scan, scan->at,
			 "'%s%s' is not a number of 64 bits%s%s",
			 negative ? "-" : "", word, advice ? ": " : "",
			 advice ? advice : "");
}

static int take_symbol(struct scan *scan, const char *word,
		       const char *otherwise, struct value *value)
{
	cleanup_free char *advice = NULL;

	if (streq(word, "NULL") || constant_find(word, scan->abi, &value->bits)) {
		value->is_negative = (int64_t)value->bits < 0;
		return 0;
	}
	advice = spelling_of_symbol(word);
	if (advice)
		return scan_fail(scan, scan->at, "unknown symbol '%s' (%s)",
				 word, advice);
	return scan_fail(scan, scan->at, "unknown symbol '%s': write %s",
			 word, otherwise);
}

int scan_value(struct scan *scan, const char *expected, const char *otherwise,
	       struct value *value)
{
	cleanup_free char *word = NULL;
	bool negative;
	size_t n;
	int ret;

	*value = (struct value){.at = scan->at};
	negative = scan_token(scan, "-");
	n = word_length(scan->text + scan->at);
	word = xstrndup(scan->text + scan->at, n);
	if (n == 0)
		return scan_expected(scan, expected);
	if (negative && !isdigit((unsigned char)*word))
		return scan_expected(scan, "a number after '-'");
	ret = isdigit((unsigned char)*word)
		      ? take_number(scan, word, negative, value)
		      : take_symbol(scan, word, otherwise, value);
	scan->at += n;
	scan_blanks(scan);
	return ret;
}
