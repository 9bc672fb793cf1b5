#include "report/escape.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/util.h"

static void escape_byte(FILE *out, unsigned char c)
{
	fprintf(out, "\\x%02x", c);
}

void escape_quoted(FILE *out, const char *bytes, size_t n)
{
	static const char plain[] = "\n\t\r\"\\", letters[] = "ntr\"\\";

	for (size_t i = 0; i < n; i++) {
		const char *at = bytes[i] ? strchr(plain, bytes[i]) : NULL;

		if (at)
			fprintf(out, "\\%c", letters[at - plain]);
		else if (bytes[i] >= ' ' && bytes[i] < 0x7f)
			fputc(bytes[i], out);
		else
			escape_byte(out, (unsigned char)bytes[i]);
	}
}

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* The length of the valid UTF-8 sequence at s and its character; 0 if there
 * is none (RFC 3629: no overlong forms, no surrogates, up to U+10FFFF). */
static size_t sequence(const char *s, uint32_t *character)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned char c = (unsigned char)*s;
	size_t n = c < 0x80 ? 1
		   : c >> 5 == 6 ? 2
		   : c >> 4 == 14 ? 3
		   : c >> 3 == 30 ? 4 : 0;
	uint32_t value = n > 1 ? c & (0x7f >> n) : c;

	for (size_t i = 1; i < n; i++) {
		if (!is_continuation(s[i]))
			return 0;
		value = value << 6 | ((unsigned char)s[i] & 0x3f);
	}
	if (n > 1 && (value < least[n] || value > 0x10ffff ||
		      (value >= 0xd800 && value < 0xe000)))
		return 0;
	*character = value;
	return n;
}

/* What a terminal may act upon instead of showing it: C0 and C1 controls, and
 * the marks that turn the direction of writing round. */
static bool is_control(uint32_t character)
{
	return character < 0x20 || (character >= 0x7f && character < 0xa0) ||
	       (character >= 0x200b && character <= 0x200f) ||
	       (character >= 0x2028 && character <= 0x202e) ||
	       (character >= 0x2066 && character <= 0x2069) ||
	       character == 0xfeff;
}

char *escape_utf8(const char *text, bool for_terminal)
{
	char *result;
	size_t size;
	FILE *out = open_memstream(&result, &size);

	if (!out)
		return xstrdup("");
	while (*text) {
		uint32_t character = 0;
		size_t n = sequence(text, &character);

		if (n && !(for_terminal && is_control(character))) {
			fwrite(text, 1, n, out);
		} else {
			n = n ? n : 1;
			for (size_t i = 0; i < n; i++)
				escape_byte(out, (unsigned char)text[i]);
		}
		text += n;
	}
	fclose(out);
	return result;
}

size_t utf8_columns(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += !is_continuation(*text);
	return n;
}

size_t utf8_prefix(const char *text, size_t columns)
{
	size_t n = 0;

	while (text[n] && (columns || is_continuation(text[n]))) {
		columns -= !is_continuation(text[n]);
		n++;
	}
	return n;
}
