#include "report/remedy.h"

#include <stdlib.h>

#include "base/text.h"
#include "base/util.h"
#include "report/report_words.h"

/* Each case is one line of advice, and one for each of its texts. */
enum list {
	CALLS,  /* as a policy names them */
	LABELS, /* with their ABI */
	ABIS,
	LINES,  /* of the rules: "web.ini:14" */
	FILES,  /* of the groups' rules: "web.ini" */
	GROUPS, /* "@exec" */
	TEXTS,  /* sentences about one call each */
	LISTS
};

/* The rows of one remedy that open the same. */
struct case_of {
	const struct row_remedy *remedy; /* one of theirs */
	char *lists[LISTS];
};

/* Puts a text on the list, unless it is there.  Takes it. */
static void add(char **list, const char *separator, char *text)
{
	size_t n = strlen(text), gap = strlen(separator);
	const char *at = *list;

	while (at && (strncmp(at, text, n) != 0 ||
		      (at[n] && !has_prefix(at + n, separator))))
		at = (at = strstr(at, separator)) ? at + gap : NULL;
	if (!at)
		reprint(list, "%s%s%s", *list, **list ? separator : "", text);
	free(text);
}

/* " (opens: starting programs; …)", or "". */
static char *opens_text(powers set)
{
	char *text = powers_text(set);

	if (set)
		reprint(&text, " (opens: %s)", text);
	return text;
}

/* What is said of one call alone; NULL: nothing. */
static char *sentence(const struct row_remedy *remedy,
		      const struct tally_row *row)
{
	cleanup_free char *call = row_label(row);
	cleanup_free char *text =
		remedy->text ? escape_utf8(remedy->text, true) : NULL;
	cleanup_free char *opens = opens_text(remedy->powers);

	switch (remedy->kind) {
	case REMEDY_NAME:
		return text ? xasprintf("To allow %s as it was used%s, add "
					"under [allow]:  %s", call, opens, text)
			    : NULL;
	case REMEDY_NARROW:
		return xasprintf("To allow %s without a hole%s, add under "
				 "[allow]:  %s", call, opens, text);
	case REMEDY_HOLE:
		return xasprintf("No proposal for %s, since allowing it would be "
				 "a hole: %s", call, text);
	case REMEDY_NONE:
		return xasprintf("Nothing to do for %s: %s", call, text);
	default:
		return NULL;
	}
}

static char *shown_place(struct source at)
{
	cleanup_free char *label = source_label(at);

	return escape_utf8(label, true);
}

static void gather(struct case_of *c, const struct row_remedy *remedy,
		   const struct tally_row *row)
{
	struct source at = row->verdict.at;
	const char *group = verdict_group(&row->verdict);
	bool is_option = remedy->kind == REMEDY_OPTION ||
			 remedy->kind == REMEDY_LAYER;
	char *text = sentence(remedy, row);

	if (text) {
		add(&c->lists[TEXTS], "\n", text);
		return;
	}
	add(&c->lists[CALLS], is_option ? "," : " ", xstrdup(row_name(row)));
	add(&c->lists[LABELS], " ", row_label(row));
	add(&c->lists[ABIS], " ", xstrdup(row_abi(row)));
	if (row->verdict.final && !at.file)
		at.file = row->verdict.final->file;
	if (at.file && (row->verdict.rule || row->verdict.final))
		add(&c->lists[LINES], "\n", shown_place(at));
	at.line = 0;
	if (group)
		add(&c->lists[GROUPS], " ", xstrdup(group));
	if (group && at.file)
		add(&c->lists[FILES], "\n", shown_place(at));
}

/* A file's name may have a comma, but no newline. */
static void write_lines(const char *lines, FILE *out)
{
	fputs(", change ", out);
	for (; *lines; lines++)
		fputs(*lines == '\n' ? ", " : (char[]){*lines, '\0'}, out);
}

/* Lists are never cut: they are there to be pasted. */
static void write_calls(const struct case_of *c, FILE *out)
{
	cleanup_free char *opens = opens_text(c->remedy->powers);
	const char *calls = c->lists[CALLS];
	const char *labels = c->lists[LABELS], *files = c->lists[FILES];

	if (c->remedy->kind <= REMEDY_FINAL)
		fprintf(out, "To allow them%s", opens);
	switch (c->remedy->kind) {
	case REMEDY_NAME:
		/* Beside a default any file will do.  Where a group denies, it
		 * must be the file of the group, or one outside it. */
		fprintf(out, ", add under [allow]%s%s:  syscalls = %s\n",
			*files ? " in " : "",
			strchr(files, '\n') ? "the outermost file" : files,
			calls);
		break;
	case REMEDY_OPTION:
		fprintf(out, ":  --allow %s\n", calls);
		break;
	case REMEDY_LAYER:
		write_lines(c->lists[LINES], out);
		fprintf(out, ", or add an outer layer:  --allow %s\n", calls);
		break;
	case REMEDY_UNTYPE:
		fprintf(out, ", leave them out of --deny:  %s", calls);
		if (*c->lists[GROUPS])
			fprintf(out, " (name the other members of %s instead)",
				c->lists[GROUPS]);
		fputc('\n', out);
		break;
	case REMEDY_FINAL:
		write_lines(c->lists[LINES], out);
		fprintf(out, " (in a final layer, which no other file can "
			"undo):  %s\n", calls);
		break;
	case REMEDY_ABI:
		fprintf(out, "To admit their ABI, set under [policy]:  "
			"architectures = native %s   (for %s)\n",
			c->lists[ABIS], labels);
		break;
	case REMEDY_BUILD:
		fprintf(out, "No policy can allow them; build the program for "
			"another ABI:  %s\n", labels);
		break;
	default: /* REMEDY_LOOK; the others are sentences of their own */
		fputs("The call that killed the program was not seen; "
		      "--trace=ptrace names it\n", out);
	}
}

/* By kind; what opens nothing first, then by power. */
static int compare(const struct row_remedy *a, const struct row_remedy *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return (a->powers > b->powers) - (a->powers < b->powers);
}

/* The first of those behind last (NULL: of all), or NULL.  No qsort(), which
 * makes calls that the monitor's cage denies. */
static const struct row_remedy *next_of(const struct row_remedy *remedies,
					size_t n, const struct row_remedy *last)
{
	const struct row_remedy *next = NULL;

	for (size_t i = 0; i < n; i++)
		if ((!last || compare(last, &remedies[i]) < 0) &&
		    (!next || compare(&remedies[i], next) < 0))
			next = &remedies[i];
	return next;
}

/* A JSON profile is not amended, nor is a unit. */
static void write_amend(FILE *out, const char *policy)
{
	cleanup_free char *file = escape_utf8(policy, true);

	if (!has_suffix(policy, ".json") && !has_suffix(policy, ".service") &&
	    !has_suffix(policy, ".conf"))
		fprintf(out, "Or, with a report by -r REPORT --format json:  "
			"sandbox amend %s REPORT\n", file);
}

void advice_write(FILE *out, const struct run_info *run,
		  const struct tally_row *const *rows, size_t n)
{
	struct row_remedy *remedies = remedies_find(run, rows, n);
	const struct row_remedy *at = NULL;
	bool amends = false;

	while ((at = next_of(remedies, n, at))) {
		struct case_of c = {.remedy = at};

		for (int i = 0; i < LISTS; i++)
			c.lists[i] = xstrdup("");
		for (size_t i = 0; i < n; i++)
			if (compare(&remedies[i], at) == 0)
				gather(&c, &remedies[i], rows[i]);
		if (*c.lists[CALLS])
			write_calls(&c, out);
		if (*c.lists[TEXTS])
			fprintf(out, "%s\n", c.lists[TEXTS]);
		for (int i = 0; i < LISTS; i++)
			free(c.lists[i]);
		/* what amend can write is what a rule can say */
		amends |= at->kind == REMEDY_NAME || at->kind == REMEDY_NARROW ||
			  at->kind == REMEDY_LAYER;
	}
	if (amends && run->n_policies)
		write_amend(out, run->policies[run->n_policies - 1]);
	remedies_free(remedies, n);
}
