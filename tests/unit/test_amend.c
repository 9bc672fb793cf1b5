/* Random policies and random denials: what an edit changes is what was denied,
 * widened to its powers, for all arguments of all calls; and nothing else in
 * the file changes.
 *
 * SEED=N begins elsewhere; a failure prints its seed and the files. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "formats/load.h"
#include "learn/amend.h"
#include "load_fixture.h"
#include "model/power_cond.h"
#include "random_policy.h"
#include "review/survey.h"

enum { POLICIES = 1000, DENIALS = 6 };

struct denial {
	uint32_t call;
	uint64_t args[6];
	bool is_omission; /* else a decision, or of a file outside … */
};

struct subject {
	uint64_t seed;
	struct random_policy text;
	char *named; /* the file that is edited, as it is on disk */
	const char *names[3];
	struct policy_request request;
	struct kept_files kept;
	struct edit edit;
	struct policy *old;
	struct denial denials[DENIALS];
	size_t n;
	struct opened opened;
	struct amended amended;
	struct diagram_store *store;
};

static struct {
	unsigned policies, nested, edits, refused, kept_closed, decided,
		changed;
	unsigned long long seed; /* of the last one */
} totals;

static const char *name_of(uint32_t call)
{
	static char buf[16];

	return syscall_name(call, buf);
}

/* --------------------------------------------------------------- the files */

/* The way people write: tabs, comments, blank and continuation lines. */
static char *dress(struct subject *s, const char *plain)
{
	struct random_policy *p = &s->text;
	bool crlf = one_in(p, 3), bare = one_in(p, 3);
	char *text = NULL;
	size_t size, mark = 0, n;
	FILE *out = open_memstream(&text, &size);

	for (; *plain; plain += n + 1) {
		const char *value =
			memchr(plain, '=', n = strcspn(plain, "\n"));
		size_t at = value ? (size_t)(value - plain) + 1 : n;

		fprintf(out, "%.*s", (int)at, plain);
		if (at < n && !strncmp(plain, "syscalls", 8) && one_in(p, 3))
			fprintf(out, "%s   ", crlf ? "\r\n" : "\n");
		else if (at < n && one_in(p, 3))
			fputc('\t', out);
		fprintf(out, "%.*s", (int)(n - at), plain + at);
		if (one_in(p, 3))
			fprintf(out, "\t; mark %zu #", mark++);
		if (plain[n + 1] || !bare)
			fputs(crlf ? "\r\n" : "\n", out);
		if (one_in(p, 6) && plain[n + 1])
			fprintf(out, "%s# mark %zu%s", crlf ? "\r\n" : "\n",
				mark++, crlf ? "\r\n" : "\n");
	}
	fclose(out);
	return text;
}

/* "[policy]\ninclude = …\n…" of "[policy]\n…"; its group needs a name of
 * its own, and it decides a call. */
static char *including(struct random_policy *p, const char *text,
		       const char *file)
{
	char *own = xasprintf("[policy]\ninclude = %s\n", file);
	const char *at;

	for (text += strlen("[policy]\n"); (at = strstr(text, "@own"));
	     text = at + strlen("@own"))
		reprint(&own, "%s%.*s@%c-own", own, (int)(at - text), text,
			*file);
	reprint(&own, "%s%s", own, text);
	if (one_in(p, 2))
		reprint(&own, "%s[deny]\n%s = if arg0 == %d\n", own,
			call_name(p), (int)remember(p, rng_below(&p->rng, 9)));
	return own;
}

/* One file includes the other, or they are -p's, of which the first is
 * edited. */
static void write_files(struct subject *s)
{
	static const char *const files[] = {"0.ini", "1.ini", "2.ini"};
	struct random_policy *p = &s->text;
	bool nested = p->n > 1 && one_in(p, 2);
	size_t edited = nested ? p->n - 1 : 0;

	for (size_t i = 0; i < p->n; i++) {
		cleanup_free char *text =
			nested && i ? including(p, p->files[i], files[i - 1])
				    : xstrdup(p->files[i]);
		char *dressed = dress(s, text);

		write_text(files[i], dressed);
		if (i == edited)
			s->named = dressed;
		else
			free(dressed);
		s->names[i] = files[i];
	}
	s->request = (struct policy_request){
		.policies = nested ? &s->names[edited] : s->names,
		.n = nested ? 1 : p->n};
}

/* ------------------------------------------------------------- the denials */

static powers may_open(const struct subject *s, uint32_t call)
{
	for (size_t i = 0; i < s->opened.calls.n; i++)
		if (s->opened.calls.items[i] == call)
			return ~(powers)0;
	return s->opened.powers;
}

/* Of the file's own omission?  A call that is newer than the policy is one only
 * if it was asked for. */
static bool is_omission(const struct subject *s,
			const struct policy *policy, uint32_t call,
			const struct verdict *verdict)
{
	const struct rule *rule = verdict->rule;
	const struct layer *own = policy->layers[s->edit.layer];

	if (verdict->kind == BY_NEW)
		return may_open(s, call) == ~(powers)0;
	if (action_runs(verdict->action) || verdict->kind == BY_FOREIGN)
		return false;
	if (verdict->final && verdict->final != own)
		return false;
	if (!rule)
		return true;
	if (rule->layer != own) {
		for (size_t i = s->edit.layer + 1; i < policy->n_layers; i++)
			if (policy->layers[i] == rule->layer)
				return false;
	}
	return rule->group || action_runs(rule->action);
}

static void find_denials(struct subject *s)
{
	struct random_policy *p = &s->text;

	for (int tries = 0; tries < 40 && s->n < DENIALS; tries++) {
		struct denial *d = &s->denials[s->n];
		struct verdict verdict;

		d->call = syscall_by_name(call_name(p));
		for (int i = 0; i < 6; i++)
			d->args[i] = random_register(p);
		verdict = decide(s->old, abis[ABI_NATIVE].audit_arch,
				 (uint32_t)syscall_number(d->call, ABI_NATIVE),
				 d->args);
		if (action_runs(verdict.action))
			continue;
		d->is_omission = is_omission(s, s->old, d->call, &verdict);
		totals.decided += !d->is_omission;
		s->n++;
	}
}

static char *call_text(const struct denial *d)
{
	const struct signature *signature = signature_of(ABI_NATIVE, d->call);
	char *text = xasprintf("%s(", name_of(d->call));

	for (int i = 0; i < signature->n; i++)
		reprint(&text, "%s%s%#llx", text, i ? ", " : "",
			(unsigned long long)d->args[i]);
	reprint(&text, "%s)", text);
	return text;
}

/* A row for each, in one order or the other. */
static void make_rows(const struct subject *s, struct seen_rows *rows,
		      bool backwards)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct denial *d =
			&s->denials[backwards ? s->n - 1 - i : i];
		struct seen_row row = {
			.call = {.call = d->call, .hits = 1},
			.label = xstrdup(name_of(d->call)),
			.first = call_text(d),
			.has_uses = true,
		};

		uses_add(&row.call.uses, ABI_NATIVE, d->call, d->args);
		rows->items = grow(rows->items, rows->n, &rows->cap,
				   sizeof(*rows->items));
		rows->items[rows->n++] = row;
	}
}

/* -------------------------------------------------------- what is expected */

/* Where the reports say that the call was denied, widened to its powers; for
 * powers that were not opened nothing. */
static diagram reported(struct subject *s, uint32_t call)
{
	struct arena arena = ARENA_INIT;
	powers granted = 0, open = may_open(s, call);
	int selector = use_selector(call);
	diagram all = DIAGRAM_FALSE;
	bool any = false;

	for (size_t i = 0; i < s->n; i++) {
		const struct denial *d = &s->denials[i];
		powers carries = powers_at(ABI_NATIVE, d->call, d->args);
		struct field field = {(uint8_t)selector, 0, 32, UINT32_MAX, 0};

		if (d->call != call || !d->is_omission)
			continue;
		if (carries & ~open) {
			totals.kept_closed++;
			/* what of its powers may be opened is */
			if (!(carries & open) || selector >= 0)
				continue;
		}
		granted |= carries & open;
		any = true;
		if (selector >= 0)
			all = diagram_or(s->store, all, diagram_compare(
				s->store, COMPARE_EQ, field,
				d->args[selector] & UINT32_MAX));
	}
	if (any && selector < 0)
		all = diagram_of_cond(s->store,
				      power_cond(&arena, call, granted));
	arena_free(&arena);
	return all;
}

/* Where what denies the call is an omission. */
static diagram omitted(struct subject *s, const struct policy *policy,
		       uint32_t call,
		       const struct decision *decision)
{
	diagram all = DIAGRAM_FALSE, rest = DIAGRAM_TRUE;

	for (size_t i = 0; i < decision->n; i++) {
		diagram here = diagram_and(s->store, rest, diagram_of_cond(
			s->store, decision->clauses[i].cond));

		if (is_omission(s, policy, call, &decision->clauses[i].verdict))
			all = diagram_or(s->store, all, here);
		rest = diagram_and(s->store, rest,
				   diagram_not(s->store, here));
	}
	return all;
}

/* What files below deny by name, be it hidden by an `only if` above. */
static diagram decided_below(struct subject *s, uint32_t call)
{
	diagram all = DIAGRAM_FALSE;

	for (size_t i = 0; i < s->edit.layer; i++)
		for (const struct entry *e =
			     layer_entries(s->old->layers[i], call);
		     e; e = e->next)
			if (rule_refuses(e->rule) && !e->rule->group)
				all = diagram_or(s->store, all, diagram_of_cond(
					s->store, e->cond[ABI_NATIVE]));
	return all;
}

static bool is_refused(const struct subject *s, uint32_t call)
{
	cleanup_free char *start = xasprintf("%s: ", name_of(call));

	for (size_t i = 0; i < s->amended.n; i++)
		if (has_prefix(s->amended.notes[i], start))
			return true;
	return false;
}

static void show(const struct subject *s, uint32_t call)
{
	fprintf(stderr, "\nseed %llu: %s is not as expected\n",
		(unsigned long long)s->seed, name_of(call));
	for (size_t i = 0; i < s->text.n; i++)
		fprintf(stderr, "; --- %zu.ini\n%s", i, s->text.files[i]);
	for (size_t i = 0; i < s->n; i++) {
		cleanup_free char *text = call_text(&s->denials[i]);

		fprintf(stderr, "denied: %s\n", text);
	}
	for (size_t i = 0; i < s->amended.n; i++)
		fprintf(stderr, "%s\n", s->amended.notes[i]);
	fprintf(stderr, "edited, for powers %#llx:\n%s",
		(unsigned long long)s->opened.powers, s->edit.text);
}

static diagram outside(struct subject *s, diagram where, diagram effects)
{
	return diagram_ite(s->store, where, DIAGRAM_FALSE, effects);
}

static void check_number(struct subject *s, uint32_t nr)
{
	uint32_t arch = abis[ABI_NATIVE].audit_arch;
	uint32_t call = syscall_by_number(ABI_NATIVE, nr);
	struct decision old = {0}, new = {0};
	diagram before, after, where, still, decided;

	diagram_store_reset(s->store);
	decide_call(s->old, arch, nr, &old);
	decide_call(s->edit.policy, arch, nr, &new);
	before = effect_diagram(s->store, &old);
	after = effect_diagram(s->store, &new);
	where = diagram_and(s->store, reported(s, call),
			    omitted(s, s->old, call, &old));
	decided = decided_below(s, call);
	where = diagram_and(s->store, where, diagram_not(s->store, decided));
	/* a file outside may have something to say now */
	still = omitted(s, s->edit.policy, call, &new);
	totals.changed += before != after;
	if (is_refused(s, call)) {
		totals.refused++;
		where = DIAGRAM_FALSE;
	}
	if (outside(s, where, after) != outside(s, where, before) ||
	    diagram_and(s->store, where, still) != DIAGRAM_FALSE ||
	    after == DIAGRAM_NONE || where == DIAGRAM_NONE) {
		show(s, call);
		fail();
	}
	decision_free(&old);
	decision_free(&new);
}

/* --------------------------------------------------------------- the bytes */

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	while ((text = strstr(text, what))) {
		n++;
		text += strlen(what);
	}
	return n;
}

static bool ends_line(const char *text)
{
	return *text && text[strlen(text) - 1] == '\n';
}

static bool may_change(const struct subject *s, const char *line)
{
	if (has_prefix(line, "syscalls") || *line == ' ' || *line == '\t')
		return true;
	for (size_t i = 0; i < s->n; i++)
		if (has_prefix(line, name_of(s->denials[i].call)))
			return true;
	return false;
}

/* Lines stay, but those of calls that were denied, and lists that grew. */
static void check_text(struct subject *s)
{
	const char *old = s->named, *new = s->edit.text;
	size_t n, changed = 0;

	assert_string_equal(s->edit.before, s->named);
	assert_int_equal(count(new, "\r\n") > 0, count(old, "\r\n") > 0);
	if (count(old, "\r\n"))
		assert_int_equal(count(new, "\n"), count(new, "\r\n"));
	assert_int_equal(ends_line(new), ends_line(old));
	assert_int_equal(count(new, "mark"), count(old, "mark"));
	for (; *old; old += n) {
		cleanup_free char *line = NULL;
		const char *found;

		n = strcspn(old, "\n");
		line = xasprintf("\n%.*s", (int)n, old);
		n += old[n] == '\n';
		found = old == s->named ? new : strstr(new, line);
		if (found) {
			new = found + 1;
			continue;
		}
		changed++;
		assert_true(may_change(s, line + 1));
	}
	assert_true(changed <= 3 * s->n);
}

/* --------------------------------------------------------------------- one */

static void run(struct subject *s, bool backwards)
{
	struct diags diags = DIAGS_INIT;
	struct seen_rows rows = {0};

	assert_int_equal(edit_open(&s->edit, &s->request, &s->kept, &diags),
			 0);
	diags_free(&diags);
	if (!backwards)
		find_denials(s);
	make_rows(s, &rows, backwards);
	amend(&s->edit, &rows, &s->opened, &s->amended);
	seen_rows_free(&rows);
}

static void end_run(struct subject *s)
{
	amended_free(&s->amended);
	edit_close(&s->edit);
	kept_free(&s->kept);
}

static void choose_opened(struct subject *s)
{
	struct random_policy *p = &s->text;

	s->opened.powers = one_in(p, 2)	  ? 0
			   : one_in(p, 2) ? POWER_SET(POWER_COUNT) - 1
					  : rng_next(&p->rng) >> 1;
	if (one_in(p, 3))
		assert_null(opened_add(&s->opened, call_name(p)));
}

static void check(struct subject *s)
{
	cleanup_free char *first = NULL;

	s->store = diagram_store_new(DIAGRAM_BUDGET);
	choose_opened(s);
	run(s, false);
	for (uint32_t nr = 0; nr <= syscall_last(ABI_NATIVE) + 1; nr++)
		check_number(s, nr);
	check_text(s);
	first = xstrdup(s->edit.text);
	totals.edits += !streq(first, s->named);
	end_run(s);
	run(s, true);
	assert_string_equal(s->edit.text, first);
	end_run(s);
	diagram_store_free(s->store);
	calls_free(&s->opened.calls);
}

static void one_policy(uint64_t seed)
{
	struct subject s = {.seed = seed};
	struct diags diags = DIAGS_INIT;

	random_policy(&s.text, seed);
	write_files(&s);
	s.old = policy_load(&s.request, &diags);
	diags_free(&diags);
	if (s.old) {
		totals.policies++;
		totals.nested += s.old->n_layers > 1 && s.request.n == 1;
		totals.seed = seed;
		check(&s);
	}
	policy_free(s.old);
	free(s.named);
	random_policy_free(&s.text);
}

static void test_random(void **state)
{
	const char *text = getenv("SEED");
	uint64_t seed = text ? strtoull(text, NULL, 10) : 1;

	(void)state;
	while (totals.policies < POLICIES)
		one_policy(seed++);
	fprintf(stderr, "%u policies (%u with includes): %u edited, %u calls "
		"changed, %u denials left closed, %u decided, %u calls "
		"refused\n", totals.policies, totals.nested, totals.edits,
		totals.changed, totals.kept_closed, totals.decided,
		totals.refused);
	assert_true(totals.nested > POLICIES / 20);
	assert_true(totals.edits > POLICIES / 3);
	/* a file outside has an `if` that would add nothing any more, or logs */
	assert_true(totals.refused * 25 < totals.changed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_scratch(test_random),
	};

	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	if (failed)
		fprintf(stderr, "SEED=%llu\n", totals.seed);
	return failed;
}
