#include "base/diag.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/text.h"

enum { SHOWN = 100 };

char *source_text(struct source at)
{
	if (at.line >= PLACE_RULE)
		return xasprintf("%s: syscalls[%d]", at.file,
				 at.line - PLACE_RULE);
	return at.line ? xasprintf("%s:%d", at.file, at.line)
		       : xstrdup(at.file);
}

char *source_line(struct source at)
{
	if (at.line >= PLACE_RULE)
		return xasprintf("in syscalls[%d]", at.line - PLACE_RULE);
	return at.line ? xasprintf("on line %d", at.line)
		       : xstrdup("in the same place");
}

int diag_add_column(int column, struct diags *diags, struct source at,
		    const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	push(diags->items, diags->n, diags->cap) = (struct diag){
		.file = at.file ? xstrdup(at.file) : NULL,
		.line = at.line,
		.column = column,
		.text = xvasprintf(fmt, args),
	};
	va_end(args);
	return -1;
}

void diags_move(struct diags *to, struct diags *from)
{
	for (size_t i = 0; i < from->n; i++)
		push(to->items, to->n, to->cap) = from->items[i];
	from->n = 0;
	diags_free(from);
}

static bool same_file(const struct diag *a, const struct diag *b)
{
	return a->file && b->file ? streq(a->file, b->file)
				  : a->file == b->file;
}

/* Stable insertion by line among the mistakes of the same file: a later pass
 * over the same file may find something on an earlier line. */
static void sort_lines(struct diags *diags)
{
	for (size_t i = 1; i < diags->n; i++) {
		struct diag d = diags->items[i];
		size_t j = i;

		while (j > 0 && same_file(&diags->items[j - 1], &d) &&
		       diags->items[j - 1].line > d.line) {
			diags->items[j] = diags->items[j - 1];
			j--;
		}
		diags->items[j] = d;
	}
}

void diags_print(struct diags *diags, FILE *out)
{
	sort_lines(diags);
	for (size_t i = 0; i < diags->n && i < SHOWN; i++) {
		const struct diag *d = &diags->items[i];
		struct source at = {d->file ? d->file : "sandbox", d->line};
		cleanup_free char *place =
			d->column ? xasprintf("%s:%d:%d", at.file, at.line,
					      d->column)
				  : source_text(at);

		say_on(out, "%s: %s", place, d->text);
	}
	if (diags->n > SHOWN)
		say_on(out, "sandbox: and %zu more", diags->n - SHOWN);
}

void diags_free(struct diags *diags)
{
	for (size_t i = 0; i < diags->n; i++) {
		free(diags->items[i].file);
		free(diags->items[i].text);
	}
	free(diags->items);
	*diags = DIAGS_INIT;
}

void diags_tell(struct diags *diags)
{
	diags_print(diags, stderr);
	diags_free(diags);
}
