#include "report/advice.h"

#include <stdlib.h>

#include "base/text.h"
#include "base/util.h"
#include "report/remedy.h"
#include "report/report_words.h"

/* Different texts in the order they came. */
struct names {
	char **items;
	size_t n, cap;
};

static void names_add(struct names *names, char *name)
{
	for (size_t i = 0; i < names->n; i++) {
		if (streq(names->items[i], name)) {
			free(name);
			return;
		}
	}
	names->items = grow(names->items, names->n, &names->cap,
			    sizeof(*names->items));
	names->items[names->n++] = name;
}

/* Never cut: it is there to be pasted. */
static void names_print(const struct names *names, const char *separator,
			FILE *out)
{
	for (size_t i = 0; i < names->n; i++)
		fprintf(out, "%s%s", i ? separator : "", names->items[i]);
}

static void names_free(struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->items[i]);
	free(names->items);
}

/* The rows of one remedy that open the same. */
struct case_of {
	enum remedy kind;
	powers powers;
	struct names calls;  /* as a policy names them */
	struct names labels; /* with their ABI */
	struct names abis;
	struct names lines;  /* of the rules: "web.ini:14" */
	struct names files;  /* of the groups' rules: "web.ini" */
	struct names groups; /* "@exec" */
	struct names texts;  /* sentences about one call each */
};

/* " (opens: starting programs; …)", or "". */
static char *opens_text(powers set)
{
	char *text = xstrdup(set ? " (opens: " : "");
	const char *between = "";

	for (int p = 0; p < POWER_COUNT; p++) {
		char *longer;

		if (!(set & POWER_SET(p)))
			continue;
		longer = xasprintf("%s%s%s", text, between, power_opens(p));
		free(text);
		text = longer;
		between = "; ";
	}
	if (set) {
		char *closed = xasprintf("%s)", text);

		free(text);
		text = closed;
	}
	return text;
}

/* What is said of one call alone; NULL: nothing. */
static char *sentence(const struct row_remedy *remedy,
		      const struct tally_row *row)
{
	cleanup_free char *call = call_label(row->abi, row->nr, row->call);
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

static void gather(struct case_of *c, const struct row_remedy *remedy,
		   const struct tally_row *row)
{
	struct source at = row_source(row);
	char *text = sentence(remedy, row);
	char buf[16];

	if (text) {
		names_add(&c->texts, text);
		return;
	}
	names_add(&c->calls, xstrdup(call_name(row->abi, row->nr, row->call,
					     buf)));
	names_add(&c->labels, call_label(row->abi, row->nr, row->call));
	names_add(&c->abis, xstrdup(call_abi(row->abi, row->nr)));
	if (at.file && row->verdict.rule) {
		cleanup_free char *line = source_label(at);

		names_add(&c->lines, escape_utf8(line, true));
	}
	if (row_group(row))
		names_add(&c->groups, xstrdup(row_group(row)));
	if (at.file && row_group(row)) {
		cleanup_free char *file =
			source_label((struct source){at.file, 0});

		names_add(&c->files, escape_utf8(file, true));
	}
}

/* How the lines begin that open calls. */
static void write_start(const struct case_of *c, FILE *out)
{
	cleanup_free char *opens = opens_text(c->powers);

	fprintf(out, "To allow them%s", opens);
}

/* Beside a default any file will do.  Where a group denies, it must be the
 * file of the group, or one outside it. */
static void write_name(const struct case_of *c, FILE *out)
{
	write_start(c, out);
	fputs(", add under [allow]", out);
	if (c->files.n == 1)
		fprintf(out, " in %s", c->files.items[0]);
	else if (c->files.n)
		fputs(" in the outermost file", out);
	fputs(":  syscalls = ", out);
	names_print(&c->calls, " ", out);
}

static void write_option(const struct case_of *c, FILE *out)
{
	write_start(c, out);
	fputs(":  --allow ", out);
	names_print(&c->calls, ",", out);
}

static void write_layer(const struct case_of *c, FILE *out)
{
	write_start(c, out);
	fputs(", change ", out);
	names_print(&c->lines, ", ", out);
	fputs(", or add an outer layer:  --allow ", out);
	names_print(&c->calls, ",", out);
}

static void write_untype(const struct case_of *c, FILE *out)
{
	write_start(c, out);
	fputs(", leave them out of --deny:  ", out);
	names_print(&c->calls, " ", out);
	if (!c->groups.n)
		return;
	fputs(" (name the other members of ", out);
	names_print(&c->groups, " ", out);
	fputs(" instead)", out);
}

static void write_final(const struct case_of *c, FILE *out)
{
	write_start(c, out);
	fputs(", change ", out);
	names_print(&c->lines, ", ", out);
	fputs(" (in a final layer, which no other file can undo):  ", out);
	names_print(&c->calls, " ", out);
}

static void write_abi(const struct case_of *c, FILE *out)
{
	fputs("To admit their ABI, set under [policy]:  architectures = native ",
	      out);
	names_print(&c->abis, " ", out);
	fputs("   (for ", out);
	names_print(&c->labels, " ", out);
	fputc(')', out);
}

static void write_build(const struct case_of *c, FILE *out)
{
	fputs("No policy can allow them; build the program for another ABI:  ",
	      out);
	names_print(&c->labels, " ", out);
}

static void write_look(const struct case_of *c, FILE *out)
{
	(void)c;
	fputs("The call that killed the program was not seen; "
	      "--trace=ptrace names it", out);
}

static void (*const writers[REMEDY_COUNT])(const struct case_of *, FILE *) = {
	[REMEDY_NAME] = write_name,   [REMEDY_OPTION] = write_option,
	[REMEDY_LAYER] = write_layer, [REMEDY_UNTYPE] = write_untype,
	[REMEDY_FINAL] = write_final, [REMEDY_ABI] = write_abi,
	[REMEDY_BUILD] = write_build, [REMEDY_LOOK] = write_look,
};

static void write_case(const struct case_of *c, FILE *out)
{
	if (c->calls.n) {
		writers[c->kind](c, out);
		fputc('\n', out);
	}
	if (c->texts.n) {
		names_print(&c->texts, "\n", out);
		fputc('\n', out);
	}
}

static void free_case(struct case_of *c)
{
	names_free(&c->calls);
	names_free(&c->labels);
	names_free(&c->abis);
	names_free(&c->lines);
	names_free(&c->files);
	names_free(&c->groups);
	names_free(&c->texts);
}

struct cases {
	struct case_of *items;
	size_t n, cap;
};

/* By remedy; what opens nothing first, then by power. */
static int compare(const struct case_of *c, const struct row_remedy *remedy)
{
	if (c->kind != remedy->kind)
		return c->kind < remedy->kind ? -1 : 1;
	return (c->powers > remedy->powers) - (c->powers < remedy->powers);
}

/* In its place: qsort() makes calls that the monitor's cage denies. */
static struct case_of *case_for(struct cases *cases,
				const struct row_remedy *remedy)
{
	size_t i = 0;

	while (i < cases->n && compare(&cases->items[i], remedy) < 0)
		i++;
	if (i < cases->n && compare(&cases->items[i], remedy) == 0)
		return &cases->items[i];
	cases->items = grow(cases->items, cases->n, &cases->cap,
			    sizeof(*cases->items));
	memmove(&cases->items[i + 1], &cases->items[i],
		(cases->n++ - i) * sizeof(*cases->items));
	cases->items[i] = (struct case_of){.kind = remedy->kind,
					   .powers = remedy->powers};
	return &cases->items[i];
}

void advice_write(FILE *out, const struct run_info *run,
		  const struct tally_row *const *rows, size_t n)
{
	struct row_remedy *remedies = remedies_find(run, rows, n);
	struct cases cases = {0};

	for (size_t i = 0; i < n; i++)
		gather(case_for(&cases, &remedies[i]), &remedies[i], rows[i]);
	remedies_free(remedies, n);
	for (size_t i = 0; i < cases.n; i++) {
		write_case(&cases.items[i], out);
		free_case(&cases.items[i]);
	}
	free(cases.items);
}
