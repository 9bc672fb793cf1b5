#include "learn/seen_read.h"

#include <stdlib.h>

#include "base/jtree.h"
#include "base/util.h"
#include "report/journal.h"
#include "report/report_words.h"
#include "tables/constant.h"
#include "tables/syscall.h"

enum { ROWS_LIMIT = 8192 };

/* ".syscall: no such call: 'opennat'" */
static char *refuse(const char *member, const char *what, const char *text)
{
	return text ? xasprintf(".%s: %s: '%.60s'", member, what, text)
		    : xasprintf(".%s: %s", member, what);
}

/* Not of a policy's world: another ABI's (x32), a kill that nobody saw, a call
 * that a debugger skipped. */
static bool is_foreign(const struct jtree *row, const char *name,
		       const char *abi)
{
	int64_t number;

	return (abi && abi_by_name(abi) < 0) || (name && streq(name, "?")) ||
	       (jtree_number(row, "number", &number) && number == -1);
}

/* The parts of a row: what is wrong with them, or NULL.
 *
 * Number and name must be of one call; without a name ("462") they are the
 * same. */
static char *read_call(const struct jtree *row, const char *name,
		       const char *abi, struct seen_call *call)
{
	unsigned long long bare;
	int64_t number, hits;

	if (!abi && jtree_has(row, "abi"))
		return refuse("abi", "no name", NULL);
	if (!name)
		return refuse("syscall", "no name of a call", NULL);
	call->abi = abi ? (enum abi_id)abi_by_name(abi) : ABI_NATIVE;
	call->call = syscall_by_name(name);
	if (call->call == CALL_NONE && parse_u64(name, &bare) && bare < X32_BIT)
		call->call = syscall_by_number(call->abi, (uint32_t)bare);
	if (call->call == CALL_NONE)
		return refuse("syscall", "no such call", name);
	if (jtree_has(row, "number") &&
	    (!jtree_number(row, "number", &number) || number < 0 ||
	     number >= X32_BIT ||
	     syscall_by_number(call->abi, (uint32_t)number) != call->call))
		return refuse("number", "not that of the call", name);
	if (!jtree_number(row, "hits", &hits) || hits < 0)
		return refuse("hits", "no count", NULL);
	call->hits = (uint64_t)hits;
	return NULL;
}

/* None but those that the call can carry. */
static char *read_powers(const struct jtree *row, struct seen_call *call)
{
	const struct jtree *list = jtree_list(row, "powers");
	size_t n = jtree_count(list);

	if (!list && jtree_has(row, "powers"))
		return refuse("powers", "no list", NULL);
	call->uses.powers = powers_always(call->call);
	call->uses.harmless = list && !n;
	for (size_t i = 0; i < n; i++) {
		const char *name = jtree_text_at(list, i);
		int power = name ? power_by_name(name) : -1;

		if (name && streq(name, "none"))
			call->uses.harmless = true;
		else if (power >= 0 && powers_of(call->call) & POWER_SET(power))
			call->uses.powers |= POWER_SET(power);
		else
			return refuse("powers", "no power of the call", name);
	}
	return NULL;
}

/* 21505, "0x5401" or "TCGETS". */
static bool value_at(const struct jtree *list, size_t i, enum abi_id abi,
		     uint64_t *value)
{
	const char *text = jtree_text_at(list, i);
	unsigned long long parsed;
	int64_t number;

	if (text && constant_find(text, abi, value))
		*value &= UINT32_MAX;
	else if (text && parse_u64(text, &parsed))
		*value = parsed;
	else if (jtree_number_at(list, i, &number) && number >= 0)
		*value = (uint64_t)number;
	else
		return false;
	return *value <= UINT32_MAX;
}

static char *read_values(const struct jtree *row, struct seen_call *call)
{
	const struct jtree *list = jtree_list(row, "values");
	size_t n = jtree_count(list);
	uint64_t value;

	if (!list && jtree_has(row, "values"))
		return refuse("values", "no list", NULL);
	if (n && use_selector(call->call) < 0)
		return refuse("values", "the call selects nothing", NULL);
	if (n > USES_VALUES)
		return refuse("values", "too many", NULL);
	call->uses.more_values = jtree_has(row, "more_values");
	for (size_t i = 0; i < n; i++) {
		if (!value_at(list, i, call->abi, &value))
			return refuse("values", "no value of 32 bits",
				      jtree_text_at(list, i));
		uses_add_value(&call->uses, value);
	}
	return NULL;
}

/* "openat(AT_FDCWD, NULL, O_RDONLY)", of its words. */
static char *first_of(const struct jtree *row, const char *name)
{
	const struct jtree *args =
		jtree_list(jtree_object(row, "first"), "args");
	const char *whole = jtree_text(row, "call");
	char *text;

	if (!args)
		return whole ? xstrdup(whole) : NULL;
	text = xasprintf("%s(", name);
	for (size_t i = 0; i < 6 && i < jtree_count(args); i++)
		reprint(&text, "%s%s%s", text, i ? ", " : "",
			jtree_text_at(args, i) ? jtree_text_at(args, i) : "_");
	reprint(&text, "%s)", text);
	return text;
}

static char *label_of(uint32_t call, const char *name, const char *abi)
{
	char buf[16];

	if (call != CALL_NONE)
		name = syscall_name(call, buf);
	if (!abi || streq(abi, abis[ABI_NATIVE].name))
		return xstrdup(name ? name : "?");
	return xasprintf("%s (%s)", name ? name : "?", abi);
}

/* Adds one row, if it says what was used or need not. */
static char *read_row(const struct jtree *row, bool with_uses,
		      struct seen_rows *rows)
{
	struct seen_call call = {.call = CALL_NONE};
	const char *name = jtree_text(row, "syscall");
	const char *abi = jtree_text(row, "abi");
	bool has_uses = jtree_has(row, "powers");
	char *wrong = NULL;

	if (!row)
		return xstrdup(": no object");
	if (!is_foreign(row, name, abi))
		wrong = read_call(row, name, abi, &call) ?:
			read_powers(row, &call) ?:
			read_values(row, &call);
	if (wrong || (with_uses && !has_uses)) {
		uses_release(&call.uses);
		return wrong;
	}
	push(rows->items, rows->n, rows->cap) = (struct seen_row){
		call, label_of(call.call, name, abi), first_of(row, name),
		has_uses};
	return NULL;
}

static char *read_list(const struct jtree *root, const char *name,
		       bool with_uses, struct seen_rows *rows)
{
	const struct jtree *list = jtree_list(root, name);

	if (!list && jtree_has(root, name))
		return xasprintf("%s: no list", name);
	if (jtree_count(list) > ROWS_LIMIT)
		return xasprintf("%s: too long", name);
	for (size_t i = 0; i < jtree_count(list); i++) {
		cleanup_free char *wrong =
			read_row(jtree_object_at(list, i), with_uses, rows);

		if (wrong)
			return xasprintf("%s[%zu]%s", name, i, wrong);
	}
	return NULL;
}

/* ------------------------------------------- the journal's entries, audit lines */

/* Those of an entry that matter. */
enum field { ID, SYSCALL, NUMBER, ABI, HITS, POWERS, VALUES, MESSAGE, FIELDS };

static const char *const names[FIELDS] = {
	"MESSAGE_ID", "SYSCALL", "SYSCALL_NUMBER", "SYSCALL_ABI",
	"HITS",	      "POWERS",	 "VALUES",	   "MESSAGE",
};

struct entries {
	struct jtree *list;
	char *fields[FIELDS];
	bool known; /* some line is a journal's or an audit's */
};

static void put_words(struct jtree *row, const char *name, char *words)
{
	struct jtree *list;
	char *word;

	if (!words)
		return;
	list = jtree_put_list(row, name);
	while ((word = strsep(&words, " ")))
		if (*word)
			jtree_add_text(list, word);
}

/* What is no number is left as text, and refused by who reads the row. */
static void put_number(struct jtree *row, const char *name, const char *text)
{
	char *end;
	long long value = text ? strtoll(text, &end, 10) : 0;

	if (text && *text && !*end)
		jtree_put_number(row, name, value);
	else
		jtree_put_text(row, name, text);
}

static void end_entry(struct entries *e)
{
	if (e->fields[ID] && streq(e->fields[ID], JOURNAL_ID_DENIED)) {
		struct jtree *row = jtree_add_object(e->list);
		const char *message = e->fields[MESSAGE];

		jtree_put_text(row, "syscall", e->fields[SYSCALL]);
		put_number(row, "number", e->fields[NUMBER]);
		jtree_put_text(row, "abi", e->fields[ABI]);
		put_number(row, "hits", e->fields[HITS]);
		put_words(row, "powers", e->fields[POWERS]);
		put_words(row, "values", e->fields[VALUES]);
		/* "denied openat(…) = EPERM by …" */
		if (message && has_prefix(message, "denied "))
			jtree_put_text(row, "call", message + 7);
	}
	for (int i = 0; i < FIELDS; i++)
		free(steal(e->fields[i]));
}

static void take_field(struct entries *e, const char *line)
{
	size_t n = strcspn(line, "=");

	e->known |= has_prefix(line, "__REALTIME_TIMESTAMP=");
	for (int i = 0; i < FIELDS; i++)
		if (strlen(names[i]) == n && !strncmp(line, names[i], n)) {
			free(e->fields[i]);
			e->fields[i] = xstrdup(line + n + 1);
		}
}

/* The number behind "key=" as a word of the line. */
static bool number_of(const char *line, const char *key, int base,
		      unsigned long *value)
{
	cleanup_free char *word = xasprintf(" %s=", key);
	const char *at = strstr(line, word);
	char *end;

	if (!at)
		return false;
	at += strlen(word);
	*value = strtoul(at, &end, base);
	return end != at && (!*end || *end == ' ');
}

/* Audit knows the call, and nothing of its arguments. */
static void take_audit(struct entries *e, const char *line)
{
	unsigned long arch, nr;
	struct jtree *row;
	int abi;

	if (!number_of(line, "arch", 16, &arch) ||
	    !number_of(line, "syscall", 10, &nr))
		return;
	e->known = true;
	row = jtree_add_object(e->list);
	abi = abi_by_audit_arch((uint32_t)arch);
	jtree_put_text(row, "abi", call_abi(abi, (uint32_t)nr));
	jtree_put_text(row, "syscall",
		       syscall_text(abi < 0 ? CALL_RAW
					    : syscall_by_number(
						      abi, (uint32_t)nr)));
	jtree_put_number(row, "hits", 1);
}

/* A value with bytes of any kind: its name, eight bytes of length, and a
 * newline behind it.  How many bytes are to be passed over. */
static size_t binary_length(const char *from, size_t left)
{
	uint64_t n;

	if (left < sizeof(n))
		return left;
	memcpy(&n, from, sizeof(n));
	return n > left - sizeof(n) ? left : sizeof(n) + (size_t)n;
}

/* The report that would say the same.  To be freed; NULL with why: it is
 * neither. */
static struct jtree *read_lines(const char *text, size_t n, char **why)
{
	struct jtree *root = jtree_new();
	struct entries e = {.list = jtree_put_list(root, "denied")};
	const char *end = text + n;

	while (text < end) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		size_t length = (size_t)((stop ? stop : end) - text);
		cleanup_free char *line = xstrndup(text, length);

		if (!*line)
			end_entry(&e);
		else if (strstr(line, "type=SECCOMP") ||
			 strstr(line, "type=1326"))
			take_audit(&e, line);
		else if (strchr(line, '='))
			take_field(&e, line);
		text += length + 1;
		if (*line && !strchr(line, '=') && text < end)
			text += binary_length(text, (size_t)(end - text));
	}
	end_entry(&e);
	if (e.known)
		return root;
	*why = xstrdup("neither a report in JSON (-r FILE --format json), nor "
		       "the journal's entries (journalctl -o export), nor "
		       "lines of the audit log");
	jtree_free(root);
	return NULL;
}

/* ------------------------------------------------------------------ any of them */

int seen_read(const char *text, size_t n, struct seen_rows *rows, char **why)
{
	bool is_json = text[strspn(text, " \t\r\n")] == '{';
	char *wrong = NULL;
	struct jtree *root = is_json ? jtree_read(text, n, &wrong)
				     : read_lines(text, n, &wrong);
	int64_t version;

	if (root && (!jtree_number(root, "version", &version) || version != 1))
		wrong = xstrdup("it has no \"version\": 1, so it is no report "
				"that is known here");
	else if (root)
		wrong = read_list(root, "counts", true, rows) ?:
			read_list(root, "denied", false, rows);
	jtree_free(root);
	if (wrong)
		*why = wrong;
	return wrong ? -1 : 0;
}

void seen_rows_free(struct seen_rows *rows)
{
	for (size_t i = 0; i < rows->n; i++) {
		uses_release(&rows->items[i].call.uses);
		free(rows->items[i].label);
		free(rows->items[i].first);
	}
	free(rows->items);
	*rows = (struct seen_rows){0};
}
