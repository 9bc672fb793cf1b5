/* The journal's entries and audit lines, as the JSON report that would say the
 * same. */
#include "learn/seen_read.h"

#include <stdlib.h>

#include "base/util.h"
#include "report/journal.h"
#include "report/report_words.h"
#include "tables/syscall.h"

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

struct jtree *seen_lines(const char *text, size_t n, char **why)
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
