#include "formats/value.h"

#include <ctype.h>
#include <string.h>

#include "base/util.h"
#include "formats/spelling.h"
#include "tables/constant.h"

size_t word_length(const char *s)
{
	size_t n = 0;

	while (isalnum((unsigned char)s[n]) || s[n] == '_')
		n++;
	return n;
}

char *word_shown(const char *s)
{
	size_t n = word_length(s);

	if (!*s)
		return xstrdup("the end");
	if (n == 0)
		n = strcspn(s, " \t_(");
	return xasprintf("'%.*s'", (int)(n > 40 ? 40 : n ? n : 1), s);
}

static char *number_value(const char *word, bool negative, uint64_t *bits)
{
	cleanup_free char *advice = NULL;
	unsigned long long n;

	if (parse_u64(word, &n) && !(negative && n > (uint64_t)INT64_MAX + 1)) {
		*bits = negative ? -(uint64_t)n : n;
		return NULL;
	}
	advice = negative ? NULL : spelling_of_number(word);
	return xasprintf("'%s%s' is not a number of 64 bits%s%s",
			 negative ? "-" : "", word, advice ? ": " : "",
			 advice ? advice : "");
}

static char *symbol_value(const char *word, const char *otherwise,
			  uint64_t *bits)
{
	cleanup_free char *advice = NULL;

	*bits = 0;
	if (streq(word, "NULL") || constant_find(word, bits))
		return NULL;
	advice = spelling_of_symbol(word);
	return advice ? xasprintf("unknown symbol '%s' (%s)", word, advice)
		      : xasprintf("unknown symbol '%s': write %s", word,
				  otherwise);
}

char *word_value(const char *word, bool negative, const char *otherwise,
		 uint64_t *bits, bool *is_negative)
{
	char *wrong;

	if (isdigit((unsigned char)*word)) {
		wrong = number_value(word, negative, bits);
		*is_negative = negative && *bits;
		return wrong;
	}
	wrong = symbol_value(word, otherwise, bits);
	*is_negative = (int64_t)*bits < 0;
	return wrong;
}
