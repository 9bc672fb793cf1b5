/* An edit is shown, or written. */
#include "learn/edit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/place.h"
#include "base/util.h"
#include "formats/search.h"

/* -------------------------------------------------------------------- diff */

enum { CONTEXT = 3 };

struct text_lines {
	const char **items; /* each to its end, which it may lack */
	size_t n, cap;
};

static size_t line_length(const char *line)
{
	size_t n = strcspn(line, "\n");

	return n + (line[n] == '\n');
}

static struct text_lines split(const char *text)
{
	struct text_lines lines = {0};

	for (; *text; text += line_length(text)) {
		lines.items = grow(lines.items, lines.n, &lines.cap,
				   sizeof(*lines.items));
		lines.items[lines.n++] = text;
	}
	return lines;
}

static bool same_line(const char *a, const char *b)
{
	size_t n = line_length(a);

	return n == line_length(b) && memcmp(a, b, n) == 0;
}

/* A place where lines of a gave way to lines of b. */
struct change {
	size_t a, b, n_a, n_b;
};

/* The next one from *at on: the fewest lines taken that can be, since edits
 * only add lines and change single ones. */
static bool next_change(const struct text_lines *a, const struct text_lines *b,
			struct change *at)
{
	size_t i = at->a + at->n_a, j = at->b + at->n_b;

	while (i < a->n && j < b->n && same_line(a->items[i], b->items[j]))
		i++, j++;
	*at = (struct change){i, j, 0, 0};
	if (i == a->n && j == b->n)
		return false;
	for (size_t sum = 1;; sum++)
		for (size_t k = 0; k <= sum; k++) {
			size_t x = i + k, y = j + sum - k;

			if (x > a->n || y > b->n ||
			    (x == a->n) != (y == b->n) ||
			    (x < a->n &&
			     !same_line(a->items[x], b->items[y])))
				continue;
			at->n_a = k;
			at->n_b = sum - k;
			return true;
		}
}

static void put_lines(FILE *out, char mark, const struct text_lines *lines,
		      size_t from, size_t n)
{
	for (size_t i = from; i < from + n; i++) {
		size_t length = line_length(lines->items[i]);

		fprintf(out, "%c%.*s", mark, (int)length, lines->items[i]);
		if (lines->items[i][length - 1] != '\n')
			fputs("\n\\ No newline at end of file\n", out);
	}
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Changes that are near each other, in one hunk; *at becomes the first of the
 * next one.  False: there is none. */
static bool put_hunk(FILE *out, const struct text_lines *a,
		     const struct text_lines *b, struct change *at)
{
	struct change next = *at, first = *at;
	size_t lead = least(CONTEXT, at->a), from = at->a - lead;
	char *text = NULL;
	size_t size, end_a = at->a, end_b = at->b;
	FILE *body = open_memstream(&text, &size);
	bool more = true;

	if (!body)
		abort();
	put_lines(body, ' ', a, from, lead);
	while (more && next.a - end_a <= 2 * CONTEXT) {
		put_lines(body, ' ', a, end_a, next.a - end_a);
		put_lines(body, '-', a, next.a, next.n_a);
		put_lines(body, '+', b, next.b, next.n_b);
		end_a = next.a + next.n_a;
		end_b = next.b + next.n_b;
		more = next_change(a, b, &next);
	}
	put_lines(body, ' ', a, end_a, least(CONTEXT, a->n - end_a));
	end_b += least(CONTEXT, a->n - end_a);
	end_a += least(CONTEXT, a->n - end_a);
	fclose(body);
	fprintf(out, "@@ -%zu,%zu +%zu,%zu @@\n%s",
		from + (end_a > from), end_a - from,
		first.b - lead + (end_b > first.b - lead),
		end_b - (first.b - lead), text);
	free(text);
	*at = next;
	return more;
}

void edit_diff(const struct edit *edit, const char *name, FILE *out)
{
	struct text_lines a = split(edit->before), b = split(edit->text);
	struct change at = {0};
	bool more = next_change(&a, &b, &at);

	if (more)
		fprintf(out, "--- %s\n+++ %s\n", name, name);
	while (more)
		more = put_hunk(out, &a, &b, &at);
	free(a.items);
	free(b.items);
}

/* ----------------------------------------------------------------- writing */

/* Is it the file that was read, and as it was? */
static char *changed(const struct edit *edit, const struct place *place)
{
	const struct kept_file *kept = &edit->kept->items[0];
	cleanup_fd int fd = openat(place->dir, place->name,
				   O_RDONLY | O_CLOEXEC | O_NOFOLLOW |
					   O_NONBLOCK | O_NOCTTY);
	cleanup_free char *now = NULL;
	char *reason = NULL;
	struct stat st;
	size_t n;

	if (fd < 0 || fstat(fd, &st) < 0)
		return xstrdup(strerror(errno));
	now = search_read_text(fd, strlen(edit->before), &n, &reason);
	if (!S_ISREG(st.st_mode))
		reprint(&reason, "not a regular file");
	else if (st.st_dev != kept->dev || st.st_ino != kept->ino || !now ||
		 !streq(now, edit->before))
		reprint(&reason, "it was changed meanwhile");
	return reason;
}

char *edit_write(const struct edit *edit)
{
	const char *path = edit->kept->items[0].path;
	struct place place;
	struct stat st;
	char *why;

	if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
		return xstrdup("a symbolic link: name the file that it leads "
			       "to");
	why = place_find(&place, path);
	if (!why)
		why = changed(edit, &place);
	if (!why && place_write(&place, edit->text, strlen(edit->text)) < 0)
		why = xstrdup(place_error(errno));
	place_free(&place);
	return why;
}
