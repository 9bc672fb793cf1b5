#include "learn/seen_read.h"

#include <stdlib.h>

#include "base/jtree.h"
#include "base/util.h"
#include "learn/seen_lines.h"
#include "tables/constant.h"
#include "tables/syscall.h"

enum { ROWS_LIMIT = 8192 };

/* A row, and what is wrong with it: "syscall: no such call: 'opennat'". */
struct reading {
	const struct jtree *row;
	struct seen_call call;
	char *wrong;
};

static bool refuse(struct reading *r, const char *member, const char *what,
		   const char *text)
{
	if (!r->wrong)
		r->wrong = text ? xasprintf("%s: %s: '%.60s'", member, what,
					    text)
				: xasprintf("%s: %s", member, what);
	return false;
}

/* Not of a policy's world: another ABI's (x32), a kill that nobody saw, a call
 * that a debugger skipped. */
static bool is_foreign(const struct jtree *row)
{
	const char *abi = jtree_text(row, "abi");
	const char *name = jtree_text(row, "syscall");
	int64_t number;

	return (abi && abi_by_name(abi) < 0) || (name && streq(name, "?")) ||
	       (jtree_number(row, "number", &number) && number == -1);
}

static bool read_abi(struct reading *r)
{
	const char *name = jtree_text(r->row, "abi");

	if (!name && jtree_has(r->row, "abi"))
		return refuse(r, "abi", "no name", NULL);
	r->call.abi = name ? (enum abi_id)abi_by_name(name) : ABI_NATIVE;
	return true;
}

/* Number and name must be of one call; without a name ("462") they are the
 * same. */
static bool read_call(struct reading *r)
{
	const char *name = jtree_text(r->row, "syscall");
	unsigned long long bare;
	int64_t number;

	if (!name)
		return refuse(r, "syscall", "no name of a call", NULL);
	r->call.call = syscall_by_name(name);
	if (r->call.call == CALL_NONE && parse_u64(name, &bare) &&
	    bare < X32_BIT)
		r->call.call = syscall_by_number(r->call.abi, (uint32_t)bare);
	if (r->call.call == CALL_NONE)
		return refuse(r, "syscall", "no such call", name);
	if (jtree_has(r->row, "number") &&
	    (!jtree_number(r->row, "number", &number) || number < 0 ||
	     number >= X32_BIT ||
	     syscall_by_number(r->call.abi, (uint32_t)number) != r->call.call))
		return refuse(r, "number", "not that of the call", name);
	return true;
}

static bool read_hits(struct reading *r)
{
	int64_t hits;

	if (!jtree_number(r->row, "hits", &hits) || hits < 0)
		return refuse(r, "hits", "no count", NULL);
	r->call.hits = (uint64_t)hits;
	return true;
}

/* None but those that the call can carry. */
static bool read_powers(struct reading *r)
{
	const struct jtree *list = jtree_list(r->row, "powers");
	powers can = powers_of(r->call.call);

	if (!list && jtree_has(r->row, "powers"))
		return refuse(r, "powers", "no list", NULL);
	r->call.uses.powers = powers_always(r->call.call);
	r->call.uses.harmless = list && jtree_count(list) == 0;
	for (size_t i = 0; i < jtree_count(list); i++) {
		const char *name = jtree_text_at(list, i);
		int power = name ? power_by_name(name) : -1;

		if (name && streq(name, "none")) {
			r->call.uses.harmless = true;
			continue;
		}
		if (power < 0 || !(can & POWER_SET(power)))
			return refuse(r, "powers", "no power of the call",
				      name);
		r->call.uses.powers |= POWER_SET(power);
	}
	return true;
}

/* 21505, "0x5401" or "TCGETS". */
static bool value_at(const struct jtree *list, size_t i, uint64_t *value)
{
	const char *text = jtree_text_at(list, i);
	unsigned long long parsed;
	int64_t number;

	if (text && constant_find(text, value))
		*value &= UINT32_MAX;
	else if (text && parse_u64(text, &parsed))
		*value = parsed;
	else if (jtree_number_at(list, i, &number) && number >= 0)
		*value = (uint64_t)number;
	else
		return false;
	return *value <= UINT32_MAX;
}

static bool read_values(struct reading *r)
{
	const struct jtree *list = jtree_list(r->row, "values");
	size_t n = jtree_count(list);
	uint64_t value;

	if (!list && jtree_has(r->row, "values"))
		return refuse(r, "values", "no list", NULL);
	if (n && use_selector(r->call.call) < 0)
		return refuse(r, "values", "the call selects nothing", NULL);
	if (n > USES_VALUES)
		return refuse(r, "values", "too many", NULL);
	r->call.uses.more_values = jtree_has(r->row, "more_values");
	for (size_t i = 0; i < n; i++) {
		if (!value_at(list, i, &value))
			return refuse(r, "values", "no value of 32 bits",
				      jtree_text_at(list, i));
		uses_add_value(&r->call.uses, value);
	}
	return true;
}

/* "openat(AT_FDCWD, NULL, O_RDONLY)", of its words. */
static char *first_of(const struct jtree *row)
{
	const struct jtree *first = jtree_object(row, "first");
	const struct jtree *args = first ? jtree_list(first, "args") : NULL;
	const char *name = jtree_text(row, "syscall");
	const char *whole = jtree_text(row, "call");
	char *text;

	if (!args)
		return whole ? xstrdup(whole) : NULL;
	text = xasprintf("%s(", name);
	for (size_t i = 0; i < jtree_count(args); i++)
		reprint(&text, "%s%s%s", text, i ? ", " : "",
			jtree_text_at(args, i) ? jtree_text_at(args, i) : "_");
	reprint(&text, "%s)", text);
	return text;
}

static char *label_of(const struct jtree *row, uint32_t call)
{
	const char *name = jtree_text(row, "syscall");
	const char *abi = jtree_text(row, "abi");
	char buf[16];

	if (call != CALL_NONE)
		name = syscall_name(call, buf);
	if (!abi || streq(abi, abis[ABI_NATIVE].name))
		return xstrdup(name ? name : "?");
	return xasprintf("%s (%s)", name ? name : "?", abi);
}

static void row_free(struct seen_row *row)
{
	uses_release(&row->call.uses);
	free(row->label);
	free(row->first);
}

/* Adds one row; what is wrong with it, malloc'd, or NULL. */
static char *read_row(const struct jtree *row, struct seen_rows *rows)
{
	struct reading r = {.row = row};
	struct seen_row out;

	if (!row)
		return xstrdup("no object");
	if (is_foreign(row))
		r.call.call = CALL_NONE;
	else if (!read_abi(&r) || !read_call(&r) || !read_hits(&r) ||
		 !read_powers(&r) || !read_values(&r)) {
		uses_release(&r.call.uses);
		return r.wrong;
	}
	out = (struct seen_row){r.call, label_of(row, r.call.call),
				first_of(row),
				jtree_has(row, "powers")};
	rows->items = grow(rows->items, rows->n, &rows->cap,
			   sizeof(*rows->items));
	rows->items[rows->n++] = out;
	return NULL;
}

static int read_list(const struct jtree *root, const char *name,
		     struct seen_rows *rows, char **wrong)
{
	const struct jtree *list = jtree_list(root, name);

	if (!list && jtree_has(root, name)) {
		*wrong = xasprintf("%s: no list", name);
		return -1;
	}
	if (jtree_count(list) > ROWS_LIMIT) {
		*wrong = xasprintf("%s: too long", name);
		return -1;
	}
	for (size_t i = 0; i < jtree_count(list); i++) {
		cleanup_free char *row = read_row(jtree_object_at(list, i),
						  rows);

		if (!row)
			continue;
		*wrong = xasprintf("%s[%zu]%s%s", name, i,
				   has_prefix(row, "no object") ? ": " : ".",
				   row);
		return -1;
	}
	return 0;
}

/* What says nothing of its arguments is no use for a policy. */
static void drop_unknown(struct seen_rows *rows)
{
	size_t n = 0;

	for (size_t i = 0; i < rows->n; i++)
		if (rows->items[i].has_uses)
			rows->items[n++] = rows->items[i];
		else
			row_free(&rows->items[i]);
	rows->n = n;
}

/* all: of counts[] also what no policy can use. */
static int read_root(const struct jtree *root, bool all, bool denied,
		     struct seen_rows *rows, char **wrong)
{
	int64_t version;

	if (!jtree_number(root, "version", &version) || version != 1) {
		*wrong = xstrdup("it has no \"version\": 1, so it is no report "
				 "that is known here");
		return -1;
	}
	if (read_list(root, "counts", rows, wrong) < 0)
		return -1;
	if (!all)
		drop_unknown(rows);
	return denied ? read_list(root, "denied", rows, wrong) : 0;
}

/* JSON, or what is made of lines; NULL with what is wrong. */
static struct jtree *root_of(const char *text, size_t n, bool lines,
			     char **wrong)
{
	if (n > SEEN_LIMIT) {
		*wrong = xstrdup("it is too long");
		return NULL;
	}
	if (lines && text[strspn(text, " \t\r\n")] != '{')
		return seen_lines(text, n, wrong);
	return jtree_read(text, n, wrong);
}

int seen_read(const char *name, const char *text, size_t n, bool denied,
	      struct seen *seen, char **why)
{
	struct seen_rows rows = {0};
	char *wrong = NULL;
	struct jtree *root = root_of(text, n, false, &wrong);
	int ret = root ? read_root(root, true, denied, &rows, &wrong) : -1;

	for (size_t i = 0; ret == 0 && i < rows.n; i++)
		if (rows.items[i].call.call != CALL_NONE)
			seen_add(seen, &rows.items[i].call);
	if (ret < 0)
		*why = xasprintf("%s: %s", name, wrong);
	free(wrong);
	seen_rows_free(&rows);
	if (root)
		jtree_free(root);
	return ret;
}

int seen_read_rows(const char *text, size_t n, struct seen_rows *rows,
		   char **why)
{
	struct jtree *root = root_of(text, n, true, why);
	struct seen_rows one = {0};
	int ret = root ? read_root(root, false, true, &one, why) : -1;

	for (size_t i = 0; ret == 0 && i < one.n; i++) {
		rows->items = grow(rows->items, rows->n, &rows->cap,
				   sizeof(*rows->items));
		rows->items[rows->n++] = one.items[i];
	}
	if (ret == 0)
		one.n = 0;
	seen_rows_free(&one);
	if (root)
		jtree_free(root);
	return ret;
}

void seen_rows_free(struct seen_rows *rows)
{
	for (size_t i = 0; i < rows->n; i++)
		row_free(&rows->items[i]);
	free(rows->items);
	*rows = (struct seen_rows){0};
}
