#include "formats/ini.h"

#include <ini.h>
#include <stdlib.h>

#include "base/text.h"
#include "formats/spelling.h"

enum {
	NAME_LIMIT = 49,  /* inih keeps section and key in char[50] */
	WORD_LIMIT = 180, /* of what is handed on at once */
};
_Static_assert(WORD_LIMIT + 3 <= INI_MAX_LINE, "inih would cut our lines");

static const char blanks[] = " \t";

/* What is being handed to inih: a header, or a key's value as whole
 * words, some at a time. It calls back for each. */
struct feed {
	char *next;    /* the lines not yet looked at, NULL at the end */
	char *text;    /* the line in hand, without comment and outer blanks */
	int line;      /* its number: what a person counts in an editor */
	int column;    /* of its first byte, from 1 */
	char head[NAME_LIMIT + 3]; /* "[section]", "key =", or "" */
	const char *words, *rest;  /* handed on last; and what is left */
	bool starts;        /* a key's value begins */
	bool has_key;       /* an indented line would go on with it */
	bool skip_indented; /* after a line that was refused */
	bool skip_section;  /* after a header that was refused */
	int key_line;
	struct ini_file *out;
	const char *file;
	struct diags *diags;
};

#define complain(feed, ...)                                                    \
	diag_add((feed)->diags, (struct source){(feed)->file, (feed)->line},   \
		 __VA_ARGS__)

/* ------------------------------------------------------------------- lines */

/* Where the comment begins, or the end: at ';' or '#' at the start of a line or
 * after a blank. */
static size_t comment(const char *s)
{
	size_t n = strcspn(s, ";#");

	while (s[n] && n > 0 && !strchr(blanks, s[n - 1]))
		n += 1 + strcspn(s + n + 1, ";#");
	return n;
}

/* Goes to the next line that holds something. */
static bool cut_line(struct feed *feed)
{
	while (feed->next) {
		char *s = strsep(&feed->next, "\n");
		size_t indent = strspn(s, blanks), n = strlen(s);

		feed->line++;
		if (n > 0 && s[n - 1] == '\r')
			s[n - 1] = '\0';
		for (n = comment(s); n > indent && strchr(blanks, s[n - 1]); n--)
			;
		s[n] = '\0';
		feed->text = s + indent;
		feed->column = (int)indent + 1;
		if (n > indent)
			return true;
	}
	return false;
}

/* What a terminal would act upon could make a policy look like another. */
static int check_characters(struct feed *feed)
{
	size_t n;

	for (const char *p = feed->text;; p += n) {
		unsigned char c;

		while (is_printable(*p) || *p == '\t')
			p++;
		c = (unsigned char)*p;
		if (!c)
			return 0;
		if (!is_unfit(p, &n))
			continue;
		if (c < 0x80)
			return complain(feed, "control character 0x%02x", c);
		if (n == 1)
			return complain(feed, "byte 0x%02x is not valid UTF-8",
					c);
		return complain(feed, "invisible character %.*s: it may hide "
				"what stands here", (int)n, p);
	}
}

/* 0 if every byte and word of the line can be handed on as it is. */
static int check_text(struct feed *feed)
{
	size_t n;

	if (check_characters(feed) < 0)
		return -1;
	if (strlen(feed->text) <= WORD_LIMIT)
		return 0;
	for (const char *s = feed->text; *s; s += n + strspn(s + n, blanks)) {
		n = strcspn(s, blanks);
		if (n > WORD_LIMIT)
			return complain(feed, "'%.20s…' is too long: %zu bytes "
					"without a blank, at most %d are read",
					s, n, WORD_LIMIT);
	}
	return 0;
}

static int take_section(struct feed *feed)
{
	const char *s = feed->text + 1, *end = strchr(s, ']');
	struct ini_file *out = feed->out;
	size_t n;

	feed->has_key = false;
	feed->skip_section = true;
	if (!end)
		return complain(feed, "']' is missing after '[%.*s'",
				NAME_LIMIT, s);
	if (end[1])
		return complain(feed, "unexpected '%.*s' after ']'", NAME_LIMIT,
				end + 1 + strspn(end + 1, blanks));
	s += strspn(s, blanks);
	for (n = (size_t)(end - s); n > 0 && strchr(blanks, s[n - 1]); n--)
		;
	if (n > NAME_LIMIT)
		return complain(feed, "section name of %zu bytes: at most %d "
				"are read", n, NAME_LIMIT);
	feed->skip_section = false;
	push(out->sections, out->n_sections, out->cap_sections) =
		(struct ini_section){xstrndup(s, n), feed->line};
	snprintf(feed->head, sizeof(feed->head), "[%.*s]", (int)n, s);
	feed->rest = "";
	return 0;
}

static int refuse_line(struct feed *feed)
{
	const struct ini_file *out = feed->out;
	const char *s = feed->text;
	cleanup_free char *advice = spelling_of_line(
		s, out->n_sections ? out->sections[out->n_sections - 1].name
				   : NULL);

	return complain(feed, "expected 'key = value', found '%.40s%s'%s%s%s",
			s, strlen(s) > 40 ? "…" : "", advice ? " (" : "",
			advice ? advice : "", advice ? ")" : "");
}

static int take_key(struct feed *feed)
{
	const char *s = feed->text, *equals = strchr(s, '=');
	size_t n = strcspn(s, "= \t:");

	if (!equals || n == 0 || equals[1] == '=' ||
	    s + n + strspn(s + n, blanks) != equals)
		return refuse_line(feed);
	if (n > NAME_LIMIT)
		return complain(feed, "key of %zu bytes: at most %d are read",
				n, NAME_LIMIT);
	if (feed->out->n_sections == 0 && !feed->skip_section)
		return complain(feed, "'%.*s' stands before the first "
				"[section]", (int)n, s);
	snprintf(feed->head, sizeof(feed->head), "%.*s =", (int)n, s);
	feed->rest = equals + 1 + strspn(equals + 1, blanks);
	feed->has_key = feed->starts = true;
	feed->key_line = feed->line;
	return 0;
}

/* inih takes an indented line for more of the value above, whatever it looks
 * like; nobody who writes a key or a section there means that. */
static int take_continuation(struct feed *feed)
{
	const char *s = feed->text;
	size_t n = strcspn(s, "= \t"), m = n + strspn(s + n, blanks);

	if (*s == '[' || (n > 0 && s[m] == '=' && s[m + 1] != '='))
		return complain(feed, "'%.*s' would continue line %d, because "
				"its line is indented: remove the blanks "
				"before it", *s == '[' ? NAME_LIMIT : (int)n, s,
				feed->key_line);
	feed->rest = s;
	return 0;
}

/* Prepares the line in hand; -1 if nothing of it is handed on. */
static int take_line(struct feed *feed)
{
	bool more = feed->column > 1 && (feed->has_key || feed->skip_indented);
	int ret = check_text(feed);

	if (ret == 0 && more && feed->skip_indented)
		return -1;
	if (ret == 0)
		ret = more                   ? take_continuation(feed)
		      : feed->text[0] == '[' ? take_section(feed)
					     : take_key(feed);
	if (!more)
		feed->skip_indented = ret < 0;
	return feed->skip_section ? -1 : ret;
}

/* ------------------------------------------------------------------ to inih */

/* How much of s fits into room bytes without cutting a word. */
static size_t whole_words(const char *s, size_t room)
{
	size_t n = strlen(s);

	if (n <= room)
		return n;
	for (n = room; n > 0 && !strchr(blanks, s[n]); n--)
		;
	while (n > 0 && strchr(blanks, s[n - 1]))
		n--;
	return n;
}

/* The reader inih calls for each line, with fgets()'s contract.  The blank
 * before the words makes it go on with the value. */
static char *next_chunk(char *out, int size, void *stream)
{
	struct feed *feed = stream;
	size_t n, head;

	if (!*feed->rest && !*feed->head)
		do {
			if (!cut_line(feed))
				return NULL;
		} while (take_line(feed) < 0);
	head = strlen(feed->head);
	n = whole_words(feed->rest, (size_t)size - head - 2);
	memcpy(out, feed->head, head);
	out[head] = ' ';
	memcpy(out + head + 1, feed->rest, n);
	out[head + 1 + n] = '\0';
	feed->head[0] = '\0';
	feed->words = feed->rest;
	feed->rest += n + strspn(feed->rest + n, blanks);
	return out;
}

/* Appends words: columns of one line stay apart as they were. */
static void add_words(const struct feed *feed, struct ini_item *item,
		      const char *words)
{
	const struct ini_piece *last =
		item->n_pieces ? &item->pieces[item->n_pieces - 1] : NULL;
	int column = feed->column + (int)(feed->words - feed->text);
	bool goes_on = last && last->line == feed->line;
	size_t n = strlen(words), pad = item->len > 0;

	if (goes_on)
		pad = (size_t)(column - last->column) -
		      (item->len - last->offset);
	if (item->len + pad + n >= item->cap) {
		item->cap = (item->len + pad + n + 1) * 2;
		item->value = xreallocarray(item->value, 1, item->cap);
	}
	memcpy(item->value + item->len, goes_on ? feed->words - pad : " ", pad);
	item->len += pad;
	memcpy(item->value + item->len, words, n + 1);
	if (!goes_on)
		push(item->pieces, item->n_pieces, item->cap_pieces) =
			(struct ini_piece){item->len, feed->line, column};
	item->len += n;
}

static int on_value(void *user, const char *section, const char *name,
		    const char *value)
{
	struct feed *feed = user;
	struct ini_file *out = feed->out;

	if (feed->starts) {
		push(out->items, out->n_items, out->cap_items) = (struct ini_item){
			.section = xstrdup(section),
			.key = xstrdup(name),
			.line = feed->line,
			.value = xstrdup(""),
		};
		feed->starts = false;
	}
	if (*value)
		add_words(feed, &out->items[out->n_items - 1], value);
	return 1;
}

int ini_read(struct ini_file *out, char *text, size_t n, const char *file,
	     struct diags *diags)
{
	size_t before = diags->n;
	const char *nul = memchr(text, '\0', n);
	struct feed feed = {
		.next = text,
		.rest = "",
		.out = out,
		.file = file,
		.diags = diags,
	};
	int error;

	/* What follows a NUL would be invisible to every string function, so that
	 * an editor shows rules which no reader sees. */
	if (nul) {
		feed.line = 1;
		for (const char *p = text; p < nul; p++)
			feed.line += *p == '\n';
		return complain(&feed, "not a text file: it holds a NUL byte");
	}
	if (has_prefix(text, "\xef\xbb\xbf"))
		feed.next += 3;
	error = ini_parse_stream(next_chunk, &feed, on_value, &feed);
	if (error && diags->n == before)
		diag_add(diags, (struct source){file, 0},
			 "libinih refuses this file (its code %d)", error);
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
	*ini = (struct ini_file){0};
}

struct ini_piece ini_place(const struct ini_item *item, size_t offset)
{
	const struct ini_piece *p = item->pieces;

	if (!item->n_pieces)
		return (struct ini_piece){offset, item->line, 0};
	while (p + 1 < item->pieces + item->n_pieces &&
	       p[1].offset <= offset)
		p++;
	return (struct ini_piece){offset, p->line,
				  p->column + (int)(offset - p->offset)};
}

bool ini_next_word(const struct ini_item *item, struct ini_word *word)
{
	const char *s = word->len ? word->text + word->len : item->value;

	word->text = s + strspn(s, " \t,");
	word->len = strcspn(word->text, " \t,");
	for (; word->piece < item->n_pieces &&
	       item->value + item->pieces[word->piece].offset <= word->text;
	     word->piece++)
		word->line = item->pieces[word->piece].line;
	return word->len > 0;
}
