#include "front/page.h"

#include <stdint.h>

#include "base/text.h"
#include "report/screen.h"

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
