#include "review/finding.h"

#include <stdlib.h>

#include "base/util.h"
#include "tables/syscall.h"

const char *const severity_names[SEVERITY_COUNT] = {
	[SEVERITY_HOLE] = "hole",
	[SEVERITY_FAULT] = "fault",
	[SEVERITY_NOTE] = "note",
};

const char *const finding_kind_names[FINDING_COUNT] = {
	[FINDING_EQUIVALENT] = "equivalent", [FINDING_IO_URING] = "io-uring",
	[FINDING_REACH] = "reach", [FINDING_TERMINAL] = "terminal",
	[FINDING_EXACT_FLAGS] = "exact-flags",
	[FINDING_READ_ONLY] = "read-only", [FINDING_UNDONE] = "undone",
	[FINDING_LIFE] = "life", [FINDING_FALLBACK] = "fallback",
	[FINDING_NO_EFFECT] = "no-effect", [FINDING_ABSENT] = "absent",
	[FINDING_SHADOWED] = "shadowed", [FINDING_SHARED] = "shared",
	[FINDING_ERRNOS] = "errnos", [FINDING_FOREIGN] = "foreign",
	[FINDING_TOO_LARGE] = "too-large", [FINDING_EXEC] = "exec",
};

const powers finding_without[FINDING_COUNT] = {
	[FINDING_TERMINAL] = POWER_SET(POWER_TERMINAL_INPUT),
};

/* More names than this do not make a sentence clearer. */
enum { SHOWN_ALL = 10, SHOWN_OF_MORE = 8 };

char *calls_text(const struct calls *calls)
{
	size_t shown = calls->n > SHOWN_ALL ? SHOWN_OF_MORE : calls->n;
	char *text = xstrdup("");
	char buf[16];

	for (size_t i = 0; i < shown; i++) {
		const char *between = i == 0	       ? ""
				      : i + 1 < calls->n ? ", "
							: " and ";

		reprint(&text, "%s%s%s", text, between,
			syscall_name(calls->items[i], buf));
	}
	if (shown < calls->n)
		reprint(&text, "%s and %zu more", text, calls->n - shown);
	return text;
}

static const char *file_of(const struct finding *finding)
{
	return finding->at.file ? finding->at.file : "";
}

static bool same_finding(const struct finding *a, const struct finding *b)
{
	return a->kind == b->kind && a->at.line == b->at.line &&
	       streq(file_of(a), file_of(b)) && a->calls.n == b->calls.n &&
	       (a->calls.n == 0 ||
		memcmp(a->calls.items, b->calls.items,
		       a->calls.n * sizeof(*a->calls.items)) == 0);
}

static void free_finding(struct finding *finding)
{
	free(finding->calls.items);
	free(finding->text);
	free(finding->mend);
}

void findings_add(struct findings *findings, struct finding finding)
{
	for (size_t i = 0; i < findings->n; i++)
		if (same_finding(&findings->items[i], &finding)) {
			free_finding(&finding);
			return;
		}
	findings->items = grow(findings->items, findings->n, &findings->cap,
			       sizeof(*findings->items));
	findings->items[findings->n++] = finding;
}

static int compare_findings(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	int order = (int)x->severity - (int)y->severity;

	if (order == 0)
		order = strcmp(file_of(x), file_of(y));
	if (order == 0)
		order = x->at.line - y->at.line;
	if (order == 0)
		order = (int)x->kind - (int)y->kind;
	return order != 0 ? order : strcmp(x->text, y->text);
}

void findings_sort(struct findings *findings)
{
	if (findings->n)
		qsort(findings->items, findings->n, sizeof(*findings->items),
		      compare_findings);
}

size_t findings_count(const struct findings *findings, enum severity severity)
{
	size_t n = 0;

	for (size_t i = 0; i < findings->n; i++)
		n += findings->items[i].severity == severity;
	return n;
}

void findings_free(struct findings *findings)
{
	for (size_t i = 0; i < findings->n; i++)
		free_finding(&findings->items[i]);
	free(findings->items);
	*findings = (struct findings){0};
}
