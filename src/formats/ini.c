#include "formats/ini.h"

#include <ini.h>
#include <stdlib.h>

#include "base/text.h"
#include "formats/lines.h"
#include "formats/spelling.h"

enum {
	NAME_LIMIT = 49,   /* inih keeps section and key in char[50] */
	WORD_LIMIT = 180,  /* what is never cut in two */
	CHUNK_LIMIT = 190, /* what inih is handed at once */
};
_Static_assert(CHUNK_LIMIT + 3 <= INI_MAX_LINE, "inih would cut our lines");

/* What is being handed to inih. It calls back for each line, so the place of
 * a value is that of the line handed on last. */
struct feed {
	const struct lines *lines;
	size_t next;              /* the first line not yet looked at */
	const struct line *line;  /* the line in hand */
	char head[NAME_LIMIT + 3]; /* "[section]", "key =", or "" */
	const char *rest;         /* what is left of its value */
	int column;               /* of the chunk handed on */
	bool starts;              /* the chunk begins a key's value */
	bool has_key;             /* an indented line would go on with it */
	bool skip_indented;       /* after a line that was refused */
	bool skip_section;        /* after a header that was refused */
	int key_line;
	struct ini_file *out;
	const char *file;
	struct diags *diags;
};

#define complain(feed, ...)                                                    \
	diag_add((feed)->diags,                                                \
		 (struct source){(feed)->file, (feed)->line->number},          \
		 __VA_ARGS__)

static size_t word_length(const char *s)
{
	return strcspn(s, " \t");
}

/* What a terminal would act upon could make a policy look like another. */
static int check_characters(struct feed *feed)
{
	const char *p = feed->line->text;
	size_t n;

	for (;; p += n) {
		cleanup_free char *bytes = NULL;

		while (is_printable(*p) || *p == '\t')
			p++;
		if (!*p)
			return 0;
		if (!is_unfit(p, &n))
			continue;
		bytes = xstrndup(p, n);
		if (n == 1 && (unsigned char)*p < 0x80)
			complain(feed, "control character 0x%02x",
				 (unsigned char)*p);
		else if (n == 1)
			complain(feed, "byte 0x%02x is not valid UTF-8",
				 (unsigned char)*p);
		else
			complain(feed, "invisible character %s: it may hide "
				 "what stands here", bytes);
		return -1;
	}
}

/* 0 if every byte and word of the line can be handed on as it is. */
static int check_text(struct feed *feed)
{
	const char *s = feed->line->text;

	if (check_characters(feed) < 0)
		return -1;
	if (feed->line->len <= WORD_LIMIT)
		return 0;
	for (; *s; s += strspn(s, " \t")) {
		size_t n = word_length(s);

		if (n > WORD_LIMIT) {
			complain(feed, "'%.20s…' is too long: %zu bytes "
				 "without a blank, at most %d are read",
				 s, n, WORD_LIMIT);
			return -1;
		}
		s += n;
	}
	return 0;
}

static int take_section(struct feed *feed)
{
	const char *s = feed->line->text + 1, *end = strchr(s, ']');
	struct ini_file *out = feed->out;
	size_t n;

	feed->has_key = false;
	feed->skip_section = true;
	if (!end) {
		complain(feed, "']' is missing after '[%.*s'", NAME_LIMIT, s);
		return -1;
	}
	if (end[1]) {
		complain(feed, "unexpected '%.*s' after ']'", NAME_LIMIT,
			 end + 1 + strspn(end + 1, " \t"));
		return -1;
	}
	s += strspn(s, " \t");
	for (n = (size_t)(end - s); n > 0 && is_blank(s[n - 1]); n--)
		;
	if (n > NAME_LIMIT) {
		complain(feed, "section name of %zu bytes: at most %d are read",
			 n, NAME_LIMIT);
		return -1;
	}
	feed->skip_section = false;
	out->sections = grow(out->sections, out->n_sections,
			     &out->cap_sections, sizeof(*out->sections));
	out->sections[out->n_sections++] = (struct ini_section){
		.name = xstrndup(s, n),
		.line = feed->line->number,
	};
	snprintf(feed->head, sizeof(feed->head), "[%.*s]", (int)n, s);
	feed->rest = end + 1;
	return 0;
}

static void refuse_line(struct feed *feed)
{
	const struct ini_file *out = feed->out;
	const char *s = feed->line->text;
	cleanup_free char *advice = spelling_of_line(
		s, out->n_sections ? out->sections[out->n_sections - 1].name
				   : NULL);

	complain(feed, "expected 'key = value', found '%.40s%s'%s%s%s", s,
		 strlen(s) > 40 ? "…" : "", advice ? " (" : "",
		 advice ? advice : "", advice ? ")" : "");
}

static int take_key(struct feed *feed)
{
	const char *s = feed->line->text, *equals = strchr(s, '=');
	size_t n = strcspn(s, "= \t:");

	if (!equals || n == 0 || equals[1] == '=' ||
	    s + n + strspn(s + n, " \t") != equals) {
		refuse_line(feed);
		return -1;
	}
	if (n > NAME_LIMIT) {
		complain(feed, "key of %zu bytes: at most %d are read", n,
			 NAME_LIMIT);
		return -1;
	}
	if (feed->out->n_sections == 0 && !feed->skip_section) {
		complain(feed, "'%.*s' stands before the first [section]",
			 (int)n, s);
		return -1;
	}
	snprintf(feed->head, sizeof(feed->head), "%.*s =", (int)n, s);
	feed->rest = equals + 1 + strspn(equals + 1, " \t");
	feed->has_key = true;
	feed->starts = true;
	feed->key_line = feed->line->number;
	return 0;
}

/* inih takes an indented line for more of the value above, whatever it looks
 * like; nobody who writes a key or a section there means that. */
static int take_continuation(struct feed *feed)
{
	const char *s = feed->line->text;
	size_t n = strcspn(s, "= \t"), m = n + strspn(s + n, " \t");

	if (*s == '[' || (n > 0 && s[m] == '=' && s[m + 1] != '=')) {
		complain(feed, "'%.*s' would continue line %d, because its "
			 "line is indented: remove the blanks before it",
			 *s == '[' ? NAME_LIMIT : (int)n, s, feed->key_line);
		return -1;
	}
	feed->head[0] = '\0';
	feed->rest = s;
	return 0;
}

/* Prepares the line in hand; -1 if nothing of it is handed on. */
static int take_line(struct feed *feed)
{
	const struct line *line = feed->line;
	bool more = line->indented && (feed->has_key || feed->skip_indented);
	int ret = check_text(feed);

	if (ret == 0 && more && feed->skip_indented)
		return -1;
	if (ret == 0)
		ret = more                    ? take_continuation(feed)
		      : line->text[0] == '[' ? take_section(feed)
					      : take_key(feed);
	if (!more)
		feed->skip_indented = ret < 0;
	if (feed->skip_section)
		return -1;
	return ret;
}

/* How much of s, which has len bytes, fits into room bytes without cutting a
 * word. */
static size_t chunk_length(const char *s, size_t len, size_t room)
{
	size_t n = 0, end = 0;

	if (len <= room)
		return len;
	while (s[n] && (end = n + word_length(s + n)) <= room)
		n = end + strspn(s + end, " \t");
	while (n > 0 && is_blank(s[n - 1]))
		n--;
	return n;
}

/* Goes to the next line of which something is handed on. */
static bool next_line(struct feed *feed)
{
	while (feed->next < feed->lines->n) {
		feed->line = &feed->lines->items[feed->next++];
		if (take_line(feed) == 0)
			return true;
	}
	return false;
}

/* The reader inih calls for each line, with fgets()'s contract.  An empty head
 * leaves the blank that makes the chunk go on with the value. */
static char *next_chunk(char *out, int size, void *stream)
{
	struct feed *feed = stream;
	const char *text;
	size_t head, n;

	(void)size; /* INI_MAX_LINE */
	if (!*feed->rest && !next_line(feed))
		return NULL;
	text = feed->line->text;
	head = strlen(feed->head);
	n = chunk_length(feed->rest, (size_t)(text + feed->line->len - feed->rest),
			 CHUNK_LIMIT - head - 1);
	feed->column = feed->line->column + (int)(feed->rest - text);
	memcpy(out, feed->head, head);
	out[head] = ' ';
	memcpy(out + head + 1, feed->rest, n);
	out[head + 1 + n] = '\0';
	feed->rest += n + strspn(feed->rest + n, " \t");
	feed->head[0] = '\0';
	return out;
}

/* Appends a chunk so that columns of one line stay apart as they were. */
static void add_piece(struct ini_item *item, const char *text, int line,
		      int column)
{
	size_t pad = item->len > 0, n = strlen(text), need;

	if (item->n_pieces > 0) {
		struct ini_piece *last = &item->pieces[item->n_pieces - 1];

		if (last->line == line)
			pad = (size_t)(column - last->column) -
			      (item->len - last->offset);
	}
	need = item->len + pad + n + 1;
	if (need > item->cap)
		item->value = xreallocarray(item->value, 1,
					    item->cap = need * 2);
	memset(item->value + item->len, ' ', pad);
	memcpy(item->value + item->len + pad, text, n + 1);
	if (n == 0)
		return;
	item->pieces = grow(item->pieces, item->n_pieces, &item->cap_pieces,
			    sizeof(*item->pieces));
	item->pieces[item->n_pieces++] =
		(struct ini_piece){item->len + pad, line, column};
	item->len += pad + n;
}

static int on_value(void *user, const char *section, const char *name,
		    const char *value)
{
	struct feed *feed = user;
	struct ini_file *out = feed->out;

	if (feed->starts) {
		feed->starts = false;
		out->items = grow(out->items, out->n_items, &out->cap_items,
				  sizeof(*out->items));
		out->items[out->n_items++] = (struct ini_item){
			.section = xstrdup(section),
			.key = xstrdup(name),
			.line = feed->line->number,
		};
	}
	add_piece(&out->items[out->n_items - 1], value, feed->line->number,
		  feed->column);
	return 1;
}

int ini_read(struct ini_file *out, char *text, size_t n, const char *file,
	     struct diags *diags)
{
	struct lines lines = LINES_INIT;
	size_t before = diags->n;
	struct feed feed = {
		.lines = &lines,
		.rest = "",
		.out = out,
		.file = file,
		.diags = diags,
	};
	int error;

	if (lines_split(&lines, text, n, file, diags) < 0)
		return -1;
	error = ini_parse_stream(next_chunk, &feed, on_value, &feed);
	if (error && diags->n == before)
		diag_add(diags, (struct source){file, 0},
			 "libinih refuses this file (its code %d)", error);
	lines_free(&lines);
	return diags->n == before ? 0 : -1;
}

void ini_free(struct ini_file *ini)
{
	for (size_t i = 0; i < ini->n_sections; i++)
		free(ini->sections[i].name);
	for (size_t i = 0; i < ini->n_items; i++) {
		struct ini_item *item = &ini->items[i];

		free(item->section);
		free(item->key);
		free(item->value);
		free(item->pieces);
	}
	free(ini->sections);
	free(ini->items);
	*ini = INI_FILE_INIT;
}

struct ini_piece ini_place(const struct ini_item *item, size_t offset)
{
	size_t low = 0, high = item->n_pieces;
	struct ini_piece place = {offset, item->line, 0};

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (item->pieces[middle].offset <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	if (low > 0) {
		const struct ini_piece *p = &item->pieces[low - 1];

		place.line = p->line;
		place.column = p->column + (int)(offset - p->offset);
	}
	return place;
}

static bool is_separator(char c)
{
	return is_blank(c) || c == ',';
}

bool ini_next_word(const struct ini_item *item, struct ini_word *word)
{
	const char *s = word->len ? word->text + word->len : item->value;
	size_t i = word->piece;

	while (is_separator(*s))
		s++;
	word->text = s;
	word->len = strcspn(s, " \t,");
	if (word->len == 0)
		return false;
	while (i + 1 < item->n_pieces &&
	       item->value + item->pieces[i + 1].offset <= word->text)
		i++;
	word->piece = i;
	word->line = item->pieces[i].line;
	return true;
}
