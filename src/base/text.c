#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>

void escape_quoted(FILE *out, const char *bytes, size_t n)
{
	static const char plain[] = "\n\t\r\"\\", letters[] = "ntr\"\\";

	for (size_t i = 0; i < n; i++) {
		const char *at = bytes[i] ? strchr(plain, bytes[i]) : NULL;

		if (at)
			fprintf(out, "\\%c", letters[at - plain]);
		else if (is_printable(bytes[i]))
			fputc(bytes[i], out);
		else
			fprintf(out, "\\x%02x", (unsigned char)bytes[i]);
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
	       character == 0x61c ||
	       (character >= 0x200b && character <= 0x200f) ||
	       (character >= 0x2028 && character <= 0x202e) ||
	       (character >= 0x2066 && character <= 0x2069) ||
	       character == 0xfeff;
}

bool is_unfit(const char *text, size_t *n)
{
	uint32_t character = 0;

	*n = sequence(text, &character);
	if (*n)
		return is_control(character);
	*n = 1;
	return true;
}

static char *escape(char *to, size_t size, const char *text, bool for_terminal)
{
	size_t n = 0, used;

	for (; *text; text += used) {
		uint32_t character = 0;
		size_t length = sequence(text, &character);
		/* JSON has a way of its own to write the other controls. */
		bool unfit = !length || (for_terminal ? is_control(character)
						      : character == 0x7f);

		used = length ? length : 1;
		if (n + (unfit ? 4 : 1) * used >= size)
			break;
		for (size_t i = 0; i < used; i++)
			if (unfit)
				n += (size_t)sprintf(to + n, "\\x%02x",
						     (unsigned char)text[i]);
			else
				to[n++] = text[i];
	}
	to[n] = '\0';
	return to;
}

char *escape_utf8(const char *text, bool for_terminal)
{
	size_t size = 4 * strlen(text) + 1;

	return escape(xmalloc(size), size, text, for_terminal);
}

char *escape_into(char *to, size_t size, const char *text)
{
	return escape(to, size, text, true);
}

void say_on(FILE *out, const char *fmt, ...)
{
	cleanup_free char *text = NULL, *shown = NULL;
	va_list args;

	va_start(args, fmt);
	text = xvasprintf(fmt, args);
	va_end(args);
	shown = escape_utf8(text, true);
	fprintf(out, "%s\n", shown);
}

const char *own_name(void)
{
	const char *name = program_invocation_short_name;

	/* whoever calls it can make up any */
	for (const char *c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("._+-", *c))
			return "sandbox";
	return *name ? name : "sandbox";
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

char *shell_word(const char *word)
{
	char *text;

	if (*word && !word[strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "abcdefghijklmnopqrstuvwxyz0123456789"
				  "@%_+=:,./-")])
		return xstrdup(word);
	text = xstrdup("'");
	for (; *word; word++)
		if (*word == '\'')
			reprint(&text, "%s'\\''", text);
		else
			reprint(&text, "%s%c", text, *word);
	reprint(&text, "%s'", text);
	return text;
}
