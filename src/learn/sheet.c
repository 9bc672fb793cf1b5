#include "learn/sheet.h"

#include <stdlib.h>

#include "base/util.h"
#include "formats/ini_write.h"
#include "review/equivalent.h"
#include "tables/power.h"
#include "tables/syscall.h"

/* Where lines of people's policies end. */
enum { WIDTH = 78 };

void sheet_open(struct sheet *sheet, const char *text, uint32_t call)
{
	cleanup_free char *copy = xstrdup(text);
	released_by(diags_free) struct diags diags = DIAGS_INIT;
	const char *line = has_prefix(text, "\xef\xbb\xbf") ? text + 3 : text;

	*sheet = (struct sheet){.text = text, .call = call};
	ini_read(&sheet->ini, copy, strlen(copy), "", &diags);
	while (line) {
		push(sheet->lines, sheet->n, sheet->cap) =
			(size_t)(line - text);
		line = strchr(line, '\n');
		if (line)
			line++;
	}
}

void sheet_close(struct sheet *sheet)
{
	ini_free(&sheet->ini);
	free(sheet->lines);
}

/* ------------------------------------------------------------------- bytes */

char *with_line_ends(const char *ours, const char *like)
{
	const char *newline = strchr(like, '\n');
	bool crlf = newline && newline > like && newline[-1] == '\r';
	char *text = xmalloc(2 * strlen(ours) + 1), *to = text;

	for (; *ours; ours++) {
		if (*ours == '\n' && crlf)
			*to++ = '\r';
		*to++ = *ours;
	}
	*to = '\0';
	return text;
}

/* The sheet's text with more in it, in lines of ours. */
static char *insert(const struct sheet *sheet, size_t at, const char *ours)
{
	cleanup_free char *more = with_line_ends(ours, sheet->text);

	return xasprintf("%.*s%s%s", (int)at, sheet->text, more,
			 sheet->text + at);
}

/* Behind the last byte of a line, without its end. */
static size_t end_of_line(const struct sheet *sheet, int line)
{
	size_t at = sheet->lines[line - 1];
	size_t n = strcspn(sheet->text + at, "\n");

	return at + n - (n && sheet->text[at + n] == '\n' &&
			 sheet->text[at + n - 1] == '\r');
}

/* New lines below this one.  What had no last newline has none afterwards. */
static char *insert_below(const struct sheet *sheet, int line, const char *ours)
{
	cleanup_free char *all = xasprintf("\n%s", ours);

	return insert(sheet, end_of_line(sheet, line), all);
}

/* ------------------------------------------------------------------ values */

/* The bytes of a value that stand in one line. */
struct span {
	int line;
	size_t from, to;
};

static size_t offset_of(const struct sheet *sheet,
			const struct ini_piece *piece)
{
	return sheet->lines[piece->line - 1] + (size_t)piece->column - 1;
}

/* The one that ends with or before the n-th piece, which becomes the first
 * piece of it; lines are joined by one blank. */
static struct span span_before(const struct sheet *sheet,
			       const struct ini_item *item, size_t *n)
{
	const struct ini_piece *last = &item->pieces[*n - 1];
	size_t end = *n == item->n_pieces ? item->len : last[1].offset - 1;
	struct span span = {.line = last->line,
			    .to = offset_of(sheet, last) + end - last->offset};

	while (*n > 0 && item->pieces[*n - 1].line == span.line)
		--*n;
	span.from = offset_of(sheet, &item->pieces[*n]);
	return span;
}

static bool fits(const struct sheet *sheet, const struct span *span,
		 const char *more)
{
	return span->to - sheet->lines[span->line - 1] + strlen(more) <= WIDTH;
}

/* Behind the value, or in a new line of it. */
static char *append(const struct sheet *sheet, const struct ini_item *item,
		    const char *words)
{
	size_t n = item->n_pieces;
	struct span span = span_before(sheet, item, &n);
	const char *start = sheet->text + sheet->lines[span.line - 1];
	cleanup_free char *more = NULL;

	if (fits(sheet, &span, words)) {
		more = xasprintf(" %s", words);
		return insert(sheet, span.to, more);
	}
	if (span.line > item->line)
		more = xasprintf("%.*s%s", (int)strspn(start, " \t"), start,
				 words);
	else
		more = xasprintf("\t%s", words);
	return insert_below(sheet, span.line, more);
}

/* Takes bytes out; of a line that keeps nothing but blanks, all. */
static void take_out(const struct sheet *sheet, char **text, int line,
		     size_t from, size_t to)
{
	size_t start = sheet->lines[line - 1], end = end_of_line(sheet, line);

	if (from - start == strspn(*text + start, " \t") &&
	    end - to == strspn(*text + to, " \t")) {
		from = start;
		to = (size_t)line < sheet->n ? sheet->lines[line]
					     : strlen(sheet->text);
	}
	reprint(text, "%.*s%s", (int)from, *text, *text + to);
}

/* The value becomes another one; NULL: the key goes too.  Bytes before it stay
 * where they are. */
static void set_value(const struct sheet *sheet, char **text,
		      const struct ini_item *item, const char *value)
{
	for (size_t n = item->n_pieces; n > 0;) {
		struct span span = span_before(sheet, item, &n);

		if (n == 0 && value) {
			reprint(text, "%.*s%s%s", (int)span.from, *text, value,
				*text + span.to);
			return;
		}
		if (span.line == item->line)
			span.from = sheet->lines[span.line - 1];
		take_out(sheet, text, span.line, span.from, span.to);
	}
	if (item->pieces[0].line != item->line)
		take_out(sheet, text, item->line, sheet->lines[item->line - 1],
			 end_of_line(sheet, item->line));
}

/* ------------------------------------------------------------------- kinds */

/* A call by name or number, or CALL_NONE. */
static uint32_t call_of(const char *word, size_t n)
{
	cleanup_free char *text = xstrndup(word, n);
	uint32_t call = syscall_by_word(word, n);
	unsigned long long nr;

	if (call == CALL_NONE && parse_u64(text, &nr) && nr < CALL_RAW)
		call = syscall_by_number(ABI_NATIVE, (uint32_t)nr);
	return call;
}

static unsigned likeness(const struct sheet *sheet,
			 const struct calls *siblings, const char *word,
			 size_t n)
{
	uint32_t other = call_of(word, n);

	if (other == CALL_NONE)
		return 0;
	if (calls_has(siblings, other))
		return 8;
	return syscall_row(sheet->call) && syscall_row(other) &&
	       powers_of(sheet->call) == powers_of(other);
}

static bool is_list(const struct ini_item *item)
{
	return streq(item->key, "syscalls");
}

/* How much of the call's kind is there. */
static unsigned kind_in(const struct sheet *sheet, const struct ini_item *item,
			const struct calls *siblings)
{
	struct ini_word word = {0};
	unsigned sum = 0;

	if (!is_list(item))
		return likeness(sheet, siblings, item->key, strlen(item->key));
	while (ini_next_word(item, &word))
		sum += likeness(sheet, siblings, word.text, word.len);
	return sum;
}

/* The list or the key of [allow] that has most of it, the last of equal ones;
 * NULL: there is none. */
static const struct ini_item *best_place(const struct sheet *sheet, bool list,
					 unsigned *kind)
{
	released_by(calls_free) struct calls siblings = {0};
	const struct ini_item *best = NULL;

	*kind = 0;
	siblings_add(sheet->call, &siblings);
	for (size_t i = 0; i < sheet->ini.n_items; i++) {
		const struct ini_item *item = &sheet->ini.items[i];
		unsigned n;

		if (!streq(item->section, "allow") || is_list(item) != list)
			continue;
		n = kind_in(sheet, item, &siblings);
		if (n >= *kind) {
			*kind = n;
			best = item;
		}
	}
	return best;
}

/* -------------------------------------------------------------------- ways */

const struct ini_item *sheet_keyed(const struct sheet *sheet, size_t i)
{
	for (size_t k = sheet->ini.n_items; k-- > 0;) {
		const struct ini_item *item = &sheet->ini.items[k];

		if (streq(item->section, "allow") && item->n_pieces &&
		    !streq(item->value, "always") &&
		    call_of(item->key, strlen(item->key)) == sheet->call &&
		    i-- == 0)
			return item;
	}
	return NULL;
}

/* "A, B" of "cmd in (A, B)" and "A" of "cmd == A". */
static char *values_of(const char *cond)
{
	const char *in = strstr(cond, " in ("), *is = strstr(cond, " == ");

	if (in && has_suffix(cond, ")"))
		return xstrndup(in + 5, strlen(in + 5) - 1);
	return is ? xstrdup(is + 4) : NULL;
}

char *sheet_grow(const struct sheet *sheet, const struct ini_item *item,
		 const char *cond)
{
	cleanup_free char *values = cond ? values_of(cond) : NULL;
	size_t n = item->n_pieces;
	struct span span = span_before(sheet, item, &n);
	cleanup_free char *more = NULL;

	if (!values || !strstr(item->value, "in (") ||
	    !has_suffix(item->value, ")"))
		return NULL;
	more = xasprintf(fits(sheet, &span, values) ? ", %s" : ",\n\t%s",
			 values);
	return insert(sheet, span.to - 1, more);
}

char *sheet_or(const struct sheet *sheet, const struct ini_item *item,
	       const char *cond)
{
	cleanup_free char *words = cond ? xasprintf("or %s", cond) : NULL;

	return words ? append(sheet, item, words) : NULL;
}

/* "if cmd == TCGETS", or "always". */
static char *value_of(const char *prefix, const char *cond)
{
	return cond ? xasprintf("%s %s", prefix, cond) : xstrdup("always");
}

char *sheet_set(const struct sheet *sheet, const struct ini_item *item,
		const char *cond)
{
	bool only = has_prefix(item->value, "only");
	cleanup_free char *value = value_of(only ? "only if" : "if", cond);
	char *text = xstrdup(sheet->text);
	const struct ini_item *other;

	for (size_t i = 0; (other = sheet_keyed(sheet, i)); i++)
		set_value(sheet, &text, other, other == item ? value : NULL);
	return text;
}

char *sheet_join(const struct sheet *sheet)
{
	unsigned kind;
	const struct ini_item *list = best_place(sheet, true, &kind);
	bool has_power = syscall_row(sheet->call) && powers_of(sheet->call);

	/* A power is not hidden among harmless calls. */
	return list && (kind || !has_power) ? append(sheet, list, syscall_text(sheet->call))
					    : NULL;
}

/* The line below which a new one of [allow] belongs; 0: there is no [allow]. */
static int place_of_line(const struct sheet *sheet, bool list)
{
	unsigned kind;
	const struct ini_item *item = best_place(sheet, list, &kind);
	int line = 0;

	if (!item)
		item = best_place(sheet, !list, &kind);
	if (item)
		return item->n_pieces ? item->pieces[item->n_pieces - 1].line
				      : item->line;
	for (size_t i = 0; i < sheet->ini.n_sections; i++)
		if (streq(sheet->ini.sections[i].name, "allow"))
			line = sheet->ini.sections[i].line;
	return line;
}

char *sheet_line(const struct sheet *sheet, const char *prefix,
		 const char *cond)
{
	const char *name = syscall_text(sheet->call);
	bool list = !*prefix;
	int below = place_of_line(sheet, list);
	cleanup_free char *value = list ? xstrdup(name)
					: value_of(prefix, cond);
	cleanup_free char *line = NULL;
	FILE *out = text_stream(&line);
	int last = (int)sheet->n;

	ini_write_line(out, list ? "syscalls" : name, value);
	fclose(out);
	line[strlen(line) - 1] = '\0'; /* its newline */
	if (below)
		return insert_below(sheet, below, line);
	/* at the end, with or without a last newline, as it was */
	reprint(&line, "\n[allow]\n%s", line);
	if (last > 1 && !sheet->text[sheet->lines[last - 1]])
		last--;
	return insert_below(sheet, last, line);
}
