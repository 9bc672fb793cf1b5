#include "formats/kept.h"

#include <stdlib.h>

#include "base/util.h"

static char *copy(const char *bytes, size_t n)
{
	return bytes ? memcpy(xmalloc(n + 1), bytes, n + 1) : NULL;
}

static char *copy_text(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

void kept_add(struct kept_files *kept, struct kept_file file)
{
	if (!kept)
		return;
	file.name = copy_text(file.name);
	file.within = copy_text(file.within);
	file.path = copy_text(file.path);
	file.text = copy(file.text, file.n);
	kept->items = grow(kept->items, kept->n, &kept->cap,
			   sizeof(*kept->items));
	kept->items[kept->n++] = file;
}

const struct kept_file *kept_find(const struct kept_files *kept,
				  const char *name, const char *within)
{
	for (size_t i = 0; kept && i < kept->n; i++) {
		const struct kept_file *file = &kept->items[i];

		if (streq(file->name, name) && !file->within == !within &&
		    (!within || streq(file->within, within)))
			return file;
	}
	return NULL;
}

void kept_replace(struct kept_files *kept, const char *text)
{
	free((char *)kept->items[0].text);
	kept->items[0].text = xstrdup(text);
	kept->items[0].n = strlen(text);
}

void kept_free(struct kept_files *kept)
{
	for (size_t i = 0; i < kept->n; i++) {
		struct kept_file *file = &kept->items[i];

		free((char *)file->name);
		free((char *)file->within);
		free((char *)file->path);
		free((char *)file->text);
	}
	free(kept->items);
	*kept = KEPT_FILES_INIT;
}
