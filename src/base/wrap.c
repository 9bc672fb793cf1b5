#include "base/wrap.h"

#include <stdint.h>

#include "base/text.h"
#include "base/util.h"
#include "base/screen.h"

struct wrap wrap_start(FILE *out, int indent)
{
	struct screen screen = screen_on(out);

	return (struct wrap){
		.out = out,
		.indent = indent,
		.width = screen.width == SIZE_MAX ? 80 : screen.width,
	};
}

void wrap_word(struct wrap *wrap, const char *word)
{
	size_t columns = utf8_columns(word);

	if (wrap->column && wrap->column + 1 + columns >= wrap->width)
		wrap_end(wrap);
	if (wrap->column)
		wrap->column += (size_t)fprintf(wrap->out, " ") + columns;
	else
		wrap->column = (size_t)fprintf(wrap->out, "%*s", wrap->indent,
					       "") + columns;
	fputs(word, wrap->out);
}

void wrap_end(struct wrap *wrap)
{
	if (wrap->column)
		fputc('\n', wrap->out);
	wrap->column = 0;
}

void wrap_words(struct wrap *wrap, const char *text)
{
	cleanup_free char *copy = xstrdup(text);
	char *save, *word = strtok_r(copy, " ", &save);

	for (; word; word = strtok_r(NULL, " ", &save))
		wrap_word(wrap, word);
}

void wrap_entry(FILE *out, const char *term, const char *text)
{
	enum { TERM = 22, NARROW = 60 };
	struct wrap wrap = wrap_start(out, 2 + TERM + 2);

	if (screen_on(out).width == SIZE_MAX) {
		fprintf(out, "  %-*s  %s\n", TERM, term, text);
		return;
	}
	if (wrap.width < NARROW) {
		fprintf(out, "  %s\n", term);
		wrap.indent = 6;
	} else {
		wrap.column = (size_t)fprintf(out, "  %-*s ", TERM, term);
	}
	wrap_words(&wrap, text);
	wrap_end(&wrap);
}

void wrap_text(FILE *out, const char *text)
{
	struct wrap wrap = wrap_start(out, 0);

	wrap_words(&wrap, text);
	wrap_end(&wrap);
}
