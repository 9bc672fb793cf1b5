#include "formats/lines.h"

#include <stdlib.h>

#include "base/util.h"

/* Where the comment begins, or the end. */
static size_t comment(const char *s, size_t n)
{
	for (size_t i = 0; (i += strcspn(s + i, ";#")) < n; i++)
		if (i == 0 || is_blank(s[i - 1]))
			return i;
	return n;
}

static void add_line(struct lines *lines, char *s, size_t n, int number)
{
	size_t indent = strspn(s, " \t");

	if (n > 0 && s[n - 1] == '\r')
		n--;
	for (n = comment(s, n); n > indent && is_blank(s[n - 1]); n--)
		;
	s[n] = '\0';
	if (n <= indent)
		return;
	lines->items = grow(lines->items, lines->n, &lines->cap,
			    sizeof(*lines->items));
	lines->items[lines->n++] = (struct line){
		.number = number,
		.column = (int)indent + 1,
		.indented = indent > 0,
		.text = s + indent,
		.len = n - indent,
	};
}

/* What follows a NUL would be invisible to every string function, so that an
 * editor shows rules which no reader sees. */
static int refuse_nul(const char *text, size_t n, const char *file,
		      struct diags *diags)
{
	const char *nul = memchr(text, '\0', n);
	struct source at = {file, 1};

	if (!nul)
		return 0;
	for (const char *p = text; p < nul; p++)
		at.line += *p == '\n';
	diag_add(diags, at, "not a text file: it holds a NUL byte");
	return -1;
}

int lines_split(struct lines *lines, char *text, size_t n, const char *file,
		struct diags *diags)
{
	char *end;
	int number = 1;

	if (refuse_nul(text, n, file, diags) < 0)
		return -1;
	if (has_prefix(text, "\xef\xbb\xbf"))
		text += 3;
	for (; (end = strchr(text, '\n')); text = end + 1) {
		*end = '\0';
		add_line(lines, text, (size_t)(end - text), number++);
	}
	add_line(lines, text, strlen(text), number);
	return 0;
}

void lines_free(struct lines *lines)
{
	free(lines->items);
	*lines = LINES_INIT;
}
