#include "base/wrap.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/text.h"
#include "base/util.h"
#include "base/screen.h"

struct page page_start(FILE *out, int indent)
{
	struct screen screen = screen_on(out);

	return (struct page){
		.out = out,
		.indent = indent,
		.width = screen.width == SIZE_MAX ? 80 : screen.width,
	};
}

void page_word(struct page *page, const char *word)
{
	size_t columns = utf8_columns(word);

	if (page->column && page->column + 1 + columns >= page->width)
		page_end(page);
	if (page->column)
		page->column += (size_t)fprintf(page->out, " ") + columns;
	else
		page->column = (size_t)fprintf(page->out, "%*s", page->indent,
					       "") + columns;
	fputs(word, page->out);
}

void page_end(struct page *page)
{
	if (page->column)
		fputc('\n', page->out);
	page->column = 0;
}

void page_words(struct page *page, const char *text)
{
	cleanup_free char *copy = xstrdup(text);
	char *save, *word = strtok_r(copy, " ", &save);

	for (; word; word = strtok_r(NULL, " ", &save))
		page_word(page, word);
}

void page_entry(FILE *out, const char *term, const char *text)
{
	enum { TERM = 22, NARROW = 60 };
	struct page page = page_start(out, 2 + TERM + 2);

	if (screen_on(out).width == SIZE_MAX) {
		fprintf(out, "  %-*s  %s\n", TERM, term, text);
		return;
	}
	if (page.width < NARROW) {
		fprintf(out, "  %s\n", term);
		page.indent = 6;
	} else {
		page.column = (size_t)fprintf(out, "  %-*s ", TERM, term);
	}
	page_words(&page, text);
	page_end(&page);
}

void page_text(FILE *out, const char *text)
{
	struct page page = page_start(out, 0);

	page_words(&page, text);
	page_end(&page);
}
