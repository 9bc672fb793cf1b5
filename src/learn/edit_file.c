/* An edit is shown, or written. */
#include "learn/edit.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/place.h"
#include "base/util.h"

/* -------------------------------------------------------------------- diff */

enum { CONTEXT = 3 };

/* The lines of both texts in one row; mark ' ': of both, '-' and '+': of the
 * old or the new one alone. */
struct diff_line {
	char mark;
	const char *text; /* to its end, which it may lack */
};

struct diff {
	struct diff_line *lines;
	size_t n, cap;
};

static size_t line_length(const char *line)
{
	size_t n = strcspn(line, "\n");

	return n + (line[n] == '\n');
}

/* NULL: there are not so many. */
static const char *skip(const char *text, size_t lines)
{
	for (; text && lines; lines--)
		text = *text ? text + line_length(text) : NULL;
	return text;
}

static const char *add(struct diff *diff, char mark, const char *text,
		       size_t lines)
{
	for (; lines; lines--, text += line_length(text))
		push(diff->lines, diff->n, diff->cap) =
			(struct diff_line){mark, text};
	return text;
}

/* How many lines of a, of so many of both, give way to lines of b before both
 * go on alike; -1: they do not. */
static ptrdiff_t taken_out(const char *a, const char *b, size_t both)
{
	for (size_t n = 0; n <= both; n++) {
		const char *x = skip(a, n), *y = skip(b, both - n);

		if (x && y && line_length(x) == line_length(y) &&
		    memcmp(x, y, line_length(x)) == 0)
			return (ptrdiff_t)n;
	}
	return -1;
}

/* Each change takes the fewest lines that can be, since edits only add lines
 * and change single ones. */
static struct diff compare(const char *a, const char *b)
{
	struct diff diff = {0};

	while (*a || *b) {
		size_t both = 0;
		ptrdiff_t out;

		while ((out = taken_out(a, b, both)) < 0)
			both++;
		a = add(&diff, '-', a, (size_t)out);
		b = add(&diff, '+', b, both - (size_t)out);
		if (!both) {
			a = add(&diff, ' ', a, 1);
			b = skip(b, 1);
		}
	}
	return diff;
}

static void put_hunk(FILE *out, const struct diff *diff, size_t from, size_t to)
{
	size_t a[2] = {0}, b[2] = {0}; /* lines before it, and in it */

	for (size_t i = 0; i < to; i++) {
		a[i >= from] += diff->lines[i].mark != '+';
		b[i >= from] += diff->lines[i].mark != '-';
	}
	fprintf(out, "@@ -%zu,%zu +%zu,%zu @@\n", a[0] + (a[1] > 0), a[1],
		b[0] + (b[1] > 0), b[1]);
	for (; from < to; from++) {
		const char *text = diff->lines[from].text;
		size_t n = line_length(text);

		fprintf(out, "%c%.*s", diff->lines[from].mark, (int)n, text);
		if (text[n - 1] != '\n')
			fputs("\n\\ No newline at end of file\n", out);
	}
}

/* The last change of a hunk that begins with this one. */
static size_t last_change(const struct diff *diff, size_t at)
{
	for (size_t i = at; i < diff->n && i - at <= 2 * CONTEXT + 1; i++)
		if (diff->lines[i].mark != ' ')
			at = i;
	return at;
}

void edit_diff(const struct edit *edit, const char *name, FILE *out)
{
	struct diff diff = compare(edit->before, edit->text);

	if (!streq(edit->before, edit->text))
		fprintf(out, "--- %s\n+++ %s\n", name, name);
	for (size_t i = 0; i < diff.n; i++) {
		size_t from = i < CONTEXT ? 0 : i - CONTEXT, to;

		if (diff.lines[i].mark == ' ')
			continue;
		i = last_change(&diff, i);
		to = i + 1 + CONTEXT;
		put_hunk(out, &diff, from, to < diff.n ? to : diff.n);
	}
	free(diff.lines);
}

/* ----------------------------------------------------------------- writing */

char *edit_write(const struct edit *edit)
{
	const char *path = edit->kept->items[0].path;
	released_by(place_free) struct place place = {.dir = -1};
	struct stat st;

	if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
		return xstrdup("a symbolic link: name the file that it leads "
			       "to");
	return place_find(&place, path) ?:
	       place_replace(&place, edit->before, edit->text);
}
