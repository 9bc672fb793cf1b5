#include "report/remedy.h"

#include <stdlib.h>

#include "base/text.h"
#include "base/util.h"
#include "report/report_words.h"

/* Different texts in the order they came. */
struct names {
	char **items;
	size_t n, cap;
};

/* Takes name. */
static void names_add(struct names *names, char *name)
{
	for (size_t i = 0; i < names->n; i++) {
		if (streq(names->items[i], name)) {
			free(name);
			return;
		}
	}
	push(names->items, names->n, names->cap) = name;
}

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
	struct names lists[LISTS];
};

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

static void add_source(struct names *list, struct source at)
{
	cleanup_free char *label = source_label(at);

	names_add(list, escape_utf8(label, true));
}

static void gather(struct case_of *c, const struct row_remedy *remedy,
		   const struct tally_row *row)
{
	struct source at = row->verdict.at;
	const char *group = verdict_group(&row->verdict);
	char *text = sentence(remedy, row);

	if (text) {
		names_add(&c->lists[TEXTS], text);
		return;
	}
	names_add(&c->lists[CALLS], xstrdup(row_name(row)));
	names_add(&c->lists[LABELS], row_label(row));
	names_add(&c->lists[ABIS], xstrdup(row_abi(row)));
	if (row->verdict.final && !at.file)
		at.file = row->verdict.final->file;
	if (at.file && (row->verdict.rule || row->verdict.final))
		add_source(&c->lists[LINES], at);
	if (group)
		names_add(&c->lists[GROUPS], xstrdup(group));
	if (group && at.file)
		add_source(&c->lists[FILES], (struct source){at.file, 0});
}

/* Lists are never cut: they are there to be pasted. */
static void write_calls(const struct case_of *c, char *const texts[LISTS],
			FILE *out)
{
	cleanup_free char *opens = opens_text(c->remedy->powers);
	/* Beside a default any file will do.  Where a group denies, it must be
	 * the file of the group, or one outside it. */
	const struct names *files = &c->lists[FILES];
	cleanup_free char *where =
		files->n == 1 ? xasprintf(" in %s", files->items[0])
			      : xstrdup(files->n ? " in the outermost file" : "");
	const char *calls = texts[CALLS], *lines = texts[LINES];

	if (c->remedy->kind <= REMEDY_FINAL)
		fprintf(out, "To allow them%s", opens);
	switch (c->remedy->kind) {
	case REMEDY_NAME:
		fprintf(out, ", add under [allow]%s:  syscalls = %s\n", where,
			calls);
		break;
	case REMEDY_OPTION:
		fprintf(out, ":  --allow %s\n", calls);
		break;
	case REMEDY_LAYER:
		fprintf(out, ", change %s, or add an outer layer:  "
			"--allow %s\n", lines, calls);
		break;
	case REMEDY_UNTYPE:
		fprintf(out, ", leave them out of --deny:  %s", calls);
		if (*texts[GROUPS])
			fprintf(out, " (name the other members of %s instead)",
				texts[GROUPS]);
		fputc('\n', out);
		break;
	case REMEDY_FINAL:
		fprintf(out, ", change %s (in a final layer, which no other "
			"file can undo):  %s\n", lines, calls);
		break;
	case REMEDY_ABI:
		fprintf(out, "To admit their ABI, set under [policy]:  "
			"architectures = native %s   (for %s)\n", texts[ABIS],
			texts[LABELS]);
		break;
	case REMEDY_BUILD:
		fprintf(out, "No policy can allow them; build the program for "
			"another ABI:  %s\n", texts[LABELS]);
		break;
	default: /* REMEDY_LOOK; the others are sentences of their own */
		fputs("The call that killed the program was not seen; "
		      "--trace=ptrace names it\n", out);
	}
}

/* And frees its lists. */
static void write_case(struct case_of *c, FILE *out)
{
	const enum remedy kind = c->remedy->kind;
	const bool is_option = kind == REMEDY_OPTION || kind == REMEDY_LAYER;
	const char *const separators[LISTS] = {
		[CALLS] = is_option ? "," : " ",
		[LABELS] = " ", [ABIS] = " ", [LINES] = ", ",
		[FILES] = " ", [GROUPS] = " ", [TEXTS] = "\n",
	};
	char *texts[LISTS];

	for (int i = 0; i < LISTS; i++)
		texts[i] = joined(c->lists[i].items, c->lists[i].n,
				  separators[i]);
	if (*texts[CALLS])
		write_calls(c, texts, out);
	if (*texts[TEXTS])
		fprintf(out, "%s\n", texts[TEXTS]);
	for (int i = 0; i < LISTS; i++) {
		free(texts[i]);
		for (size_t j = 0; j < c->lists[i].n; j++)
			free(c->lists[i].items[j]);
		free(c->lists[i].items);
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

void advice_write(FILE *out, const struct run_info *run,
		  const struct tally_row *const *rows, size_t n)
{
	struct row_remedy *remedies = remedies_find(run, rows, n);
	const struct row_remedy *at = NULL;
	bool amends = false;

	while ((at = next_of(remedies, n, at))) {
		struct case_of c = {.remedy = at};

		for (size_t i = 0; i < n; i++)
			if (compare(&remedies[i], at) == 0)
				gather(&c, &remedies[i], rows[i]);
		write_case(&c, out);
		/* what amend can write is what a rule can say */
		amends |= at->kind == REMEDY_NAME || at->kind == REMEDY_NARROW ||
			  at->kind == REMEDY_LAYER;
	}
	/* a JSON profile is not amended, nor is a unit */
	if (amends && run->n_policies &&
	    !has_suffix(run->policies[run->n_policies - 1], ".json") &&
	    !has_suffix(run->policies[run->n_policies - 1], ".service") &&
	    !has_suffix(run->policies[run->n_policies - 1], ".conf")) {
		cleanup_free char *file =
			escape_utf8(run->policies[run->n_policies - 1], true);

		fprintf(out, "Or, with a report by -r REPORT --format json:  "
			"sandbox amend %s REPORT\n", file);
	}
	remedies_free(remedies, n);
}
