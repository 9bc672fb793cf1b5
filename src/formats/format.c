#include "formats/format.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/util.h"

static const struct format formats[] = {
	{.name = "ini", .is_input = true},
};

const struct format *format_of(const char *text, size_t n)
{
	for (size_t i = 1; i < ARRAY_SIZE(formats); i++)
		if (formats[i].is && formats[i].is(text, n))
			return &formats[i];
	return &formats[0];
}

const struct format *format_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (streq(formats[i].name, name))
			return &formats[i];
	return NULL;
}

int import_read(const struct format *format, struct import *import,
		const char *text, size_t n)
{
	int ret;

	import->out = xmemstream(&import->text, &import->size);
	ret = format->read(import, text, n);
	fclose(import->out);
	return ret;
}

void import_release(struct import *import)
{
	free(import->places);
	arena_free(&import->memory);
	free(import->text);
	diags_free(&import->notes);
}

/* Lines of the same place, one behind the other, share its text. */
static void end_line(struct import *import, const char *place)
{
	cleanup_free char *text = xasprintf("%s: %s", import->file, place);
	const char *last = import->n ? import->places[import->n - 1] : "";

	putc('\n', import->out);
	import->places = grow(import->places, import->n, &import->cap,
			      sizeof(*import->places));
	import->places[import->n++] =
		streq(text, last) ? last : arena_strdup(&import->memory, text);
}

void import_line(struct import *import, const char *place, const char *section,
		 const char *fmt, ...)
{
	va_list args;

	if (!streq(import->section, section)) {
		snprintf(import->section, sizeof(import->section), "%s",
			 section);
		fprintf(import->out, "[%s]", section);
		end_line(import, place);
	}
	va_start(args, fmt);
	vfprintf(import->out, fmt, args);
	va_end(args);
	end_line(import, place);
}

static int add(struct import *import, struct diags *diags, const char *place,
	       const char *fmt, va_list args)
{
	cleanup_free char *text = xvasprintf(fmt, args);
	cleanup_free char *file = place ? xasprintf("%s: %s", import->file, place)
					: xstrdup(import->file);

	return diag_add(diags, (struct source){file, 0}, "%s", text);
}

int import_wrong(struct import *import, const char *place, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add(import, import->diags, place, fmt, args);
	va_end(args);
	return -1;
}

void import_note(struct import *import, const char *place, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add(import, &import->notes, place, fmt, args);
	va_end(args);
}

/* A line of the policy file that was made becomes a place of the text, the same
 * for all lines of it: their first. */
static void set_place(const struct import *import, struct source *at)
{
	size_t i = (size_t)at->line - 1;

	if (at->line <= 0 || i >= import->n)
		return;
	while (i > 0 && import->places[i - 1] == import->places[i])
		i--;
	*at = (struct source){import->places[i], -(int)(i + 1)};
}

void import_place(struct import *import, struct layer *layer,
		  struct diags *diags)
{
	for (size_t i = 0; i < layer->n_rules; i++)
		set_place(import, &layer->rules[i]->at);
	for (int id = 0; id < SET_COUNT; id++)
		set_place(import, &layer->settings[id].at);
	for (size_t i = 0; i < diags->n; i++) {
		struct diag *d = &diags->items[i];
		struct source at = {d->file, d->line};

		set_place(import, &at);
		if (at.line >= 0)
			continue;
		free(d->file);
		d->file = xstrdup(at.file);
		d->line = d->column = 0;
	}
	arena_take(&layer->memory, &import->memory);
}
