#include "learn/amend.h"

#include <stdlib.h>

#include "base/util.h"
#include "formats/callexpr.h"
#include "formats/condition_print.h"
#include "formats/settings.h"
#include "learn/wanted.h"
#include "review/survey.h"
#include "tables/signature.h"

/* What stands against a call, a bit each. */
enum {
	RUNS = 1 << 0,
	OMITTED = 1 << 1,  /* nothing in this file or below it speaks for it */
	DECIDED = 1 << 2,  /* a rule that names it denies it */
	OUTSIDE = 1 << 3,  /* a file outside this one does */
	FINAL = 1 << 4,    /* a final layer does */
	NEWER = 1 << 5,    /* than `kernel`: ENOSYS */
	FOREIGN = 1 << 6,  /* its ABI is not admitted */
	KINDS = 7,
};

struct amending {
	struct edit *edit;
	const struct opened *opened;
	struct amended *out;
	struct diagram_store *store;
	struct decision decision;
	struct seen granted; /* what this file shall allow … */
	struct seen outer;   /* … and an outer one could */
	struct seen closed;  /* what --open is for */
};

/* ------------------------------------------------------------------ --open */

char *opened_add(struct opened *opened, const char *name)
{
	struct scope none = SCOPE_INIT;
	struct diags diags = DIAGS_INIT;
	int power = power_by_name(name);
	int ret = name_resolve(&none, name, (struct source){0}, &opened->calls,
			       &diags);
	char *why = NULL;

	if (power >= 0)
		opened->powers |= POWER_SET(power);
	else if (ret < 0)
		why = xasprintf("%s, and no power has that name: see 'sandbox "
				"groups --powers'", diags.items[0].text);
	diags_free(&diags);
	return why;
}

static powers may_open(const struct amending *m, uint32_t call)
{
	for (size_t i = 0; i < m->opened->calls.n; i++)
		if (m->opened->calls.items[i] == call)
			return ~(powers)0;
	return m->opened->powers;
}

/* ------------------------------------------------------------------- words */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Takes the text; what was said is not said again. */
static void note(struct amending *m, char *text)
{
	struct amended *out = m->out;

	for (size_t i = 0; i < out->n; i++)
		if (streq(out->notes[i], text)) {
			free(text);
			return;
		}
	out->notes = grow(out->notes, out->n, &out->cap, sizeof(char *));
	out->notes[out->n++] = text;
}

static void note_kernel(struct amending *m, const struct seen_row *row)
{
	const struct syscall_row *known = syscall_row(row->call.call);
	const struct setting *kernel = &m->edit->policy->effective[SET_KERNEL];
	cleanup_free char *now = setting_text(SET_KERNEL, kernel->value);
	cleanup_free char *since =
		known ? setting_text(SET_KERNEL,
				     known->since[row->call.abi])
		      : NULL;

	if (known)
		note(m, xasprintf("%s is newer than the policy's kernel = %s "
				  "and is answered ENOSYS, so that programs "
				  "use an older call: write kernel = %s under "
				  "[policy], or give --open %s", row->label,
				  now, since, row->label));
	else
		note(m, xasprintf("%s has no name and is answered ENOSYS: give "
				  "--open %s", row->label, row->label));
}

/* Why the row is not allowed. */
static void note_kind(struct amending *m, const struct seen_row *row,
		      unsigned kind, struct source at)
{
	const char *file = at.file ? at.file : "?";

	switch (kind) {
	case DECIDED:
		note(m, xasprintf("%s is denied by name (%s:%d), on purpose: "
				  "an outer policy can allow it", row->label,
				  file, at.line));
		break;
	case OUTSIDE:
		note(m, xasprintf("%s is denied by %s:%d, outside this file: "
				  "an outer policy can allow it", row->label,
				  file, at.line));
		break;
	case FINAL:
		note(m, xasprintf("%s is denied by %s:%d, which is final: only "
				  "a change of that file can allow it",
				  row->label, file, at.line));
		break;
	case NEWER:
		note_kernel(m, row);
		break;
	case FOREIGN:
		note(m, xasprintf("%s is a call of %s, which the policy does "
				  "not admit: architectures = native %s",
				  row->label, abis[row->call.abi].name,
				  abis[row->call.abi].name));
		break;
	default:
		note(m, xasprintf("%s is denied by several rules, and the "
				  "report does not say with which arguments: "
				  "use one of -t --format=json", row->label));
	}
}

/* "writing or changing files (--open write-files)", …; malloc'd. */
static char *opens_text(powers set)
{
	char *text = xstrdup("");

	for (int p = 0; p < POWER_COUNT; p++)
		if (set & POWER_SET(p))
			reprint(&text, "%s%s%s (--open %s)", text,
				*text ? ", " : "", power_opens(p),
				power_name(p));
	return text;
}

/* ---------------------------------------------------------- what denies it */

static unsigned kind_of(const struct amending *m, const struct verdict *verdict)
{
	const struct rule *rule = verdict->rule;
	const struct policy *policy = m->edit->policy;
	const struct layer *own = policy->layers[m->edit->layer];
	size_t i = 0;

	if (action_runs(verdict->action))
		return RUNS;
	if (verdict->kind == BY_NEW)
		return NEWER;
	if (verdict->kind == BY_FOREIGN)
		return FOREIGN;
	if (!rule)
		return OMITTED;
	while (policy->layers[i] != rule->layer)
		i++;
	if (rule->layer != own && rule->layer->settings[SET_FINAL].value)
		return FINAL;
	if (i > m->edit->layer)
		return OUTSIDE;
	return rule_refuses(rule) && !rule->group ? DECIDED : OMITTED;
}

/* All kinds of answers that the call gets in a region of its arguments; at[] is
 * where the first of each is written. */
static unsigned kinds_in(struct amending *m, diagram region,
			 struct source at[static KINDS])
{
	unsigned all = 0;

	for (size_t i = 0; i < m->decision.n; i++) {
		const struct clause *clause = &m->decision.clauses[i];
		diagram here = diagram_of_cond(m->store, clause->cond);
		unsigned kind = kind_of(m, &clause->verdict);

		if (diagram_and(m->store, region, here) == DIAGRAM_FALSE)
			continue;
		if (!(all & kind))
			at[__builtin_ctz(kind)] = clause->verdict.at;
		all |= kind;
		region = diagram_and(m->store, region,
				     diagram_not(m->store, here));
	}
	return all;
}

/* What the call is wanted for, and no other. */
static struct wanted_list wanted_of(struct seen_call *call)
{
	struct seen one = {.calls = call, .n = 1};
	struct wanted_list list;

	wanted_find(&one, &(struct wanted_how){.exact = true,
					       .allowed = ~(powers)0}, &list);
	return list;
}

/* The class of arguments that the row stands for. */
static diagram class_of(struct amending *m, struct seen_row *row)
{
	struct wanted_list list = wanted_of(&row->call);
	diagram all = list.n ? DIAGRAM_FALSE : DIAGRAM_TRUE;

	for (size_t i = 0; i < list.n; i++)
		all = diagram_or(m->store, all, diagram_of_cond(
					 m->store, list.wanted[i].cond));
	wanted_release(&list);
	return all;
}

/* Its first hit as far as it is known; DIAGRAM_FALSE: not at all. */
static diagram first_of(struct amending *m, const struct callexpr *first)
{
	diagram all = first->has_args ? DIAGRAM_TRUE : DIAGRAM_FALSE;

	for (uint8_t i = 0; i < first->n_args && i < 6; i++) {
		const struct callexpr_arg *arg = &first->args[i];
		struct field field = {i, 0, 64, UINT64_MAX, 0};
		diagram is = diagram_compare(
			m->store, COMPARE_EQ, field,
			arg->kind == CALLEXPR_VALUE ? arg->value : 0);

		if (arg->kind == CALLEXPR_POINTER)
			is = diagram_not(m->store, is);
		if (arg->kind != CALLEXPR_ANY)
			all = diagram_and(m->store, all, is);
	}
	return all;
}

/* The one thing that denies the row; RUNS: it runs; else 0: cannot be told. */
static unsigned denied_by(struct amending *m, struct seen_row *row,
			  const struct callexpr *first, struct source *at)
{
	struct source places[KINDS] = {0};
	int64_t nr = syscall_number(row->call.call, row->call.abi);
	unsigned kinds;

	if (nr < 0)
		return FOREIGN;
	diagram_store_reset(m->store);
	decide_call(m->edit->policy, abis[row->call.abi].audit_arch,
		    (uint32_t)nr, &m->decision);
	kinds = kinds_in(m, class_of(m, row), places);
	if (kinds == RUNS)
		return RUNS;
	kinds &= ~RUNS;
	if (kinds & (kinds - 1) && first)
		kinds = kinds_in(m, first_of(m, first), places);
	if (!kinds || kinds & (kinds - 1))
		return 0;
	*at = places[__builtin_ctz(kinds)];
	return kinds;
}

/* ------------------------------------------------------------------- a row */

/* Of a report that does not say what was used: what the first hit did, if that
 * is known, else everything. */
static void guess_uses(struct seen_row *row, const struct callexpr *first)
{
	const struct signature *signature =
		signature_of(row->call.abi, row->call.call);
	uint64_t args[6] = {0};
	int known = 0;

	while (first && known < first->n_args && known < 6 &&
	       first->args[known].kind != CALLEXPR_ANY) {
		args[known] = first->args[known].kind == CALLEXPR_POINTER
				      ? 1 : first->args[known].value;
		known++;
	}
	if (signature && known >= signature->n)
		uses_add(&row->call.uses, row->call.abi, row->call.call, args);
	else
		row->call.uses.powers = powers_of(row->call.call);
}

/* The part of the row's uses that carries no power but those; what it leaves is
 * in *closed. */
static struct uses part_of(const struct seen_call *call, powers allowed,
			   powers *closed)
{
	int arg = use_selector(call->call);
	struct uses part = {
		.powers = call->uses.powers & allowed,
		.harmless = !powers_of(call->call) ||
			    (call->uses.harmless &&
			     !(powers_always(call->call) & ~allowed)),
		.more_values = call->uses.more_values,
	};

	*closed = call->uses.powers & ~allowed;
	for (unsigned i = 0; i < call->uses.n_values; i++) {
		uint64_t args[6] = {0};

		args[arg] = call->uses.values[i];
		if (!(powers_at(call->abi, call->call, args) & ~allowed))
			uses_add_value(&part, args[arg]);
	}
	return part;
}

/* Into granted what may be opened, into closed what may not. */
static void sort_row(struct amending *m, const struct seen_row *row,
		     struct seen *granted)
{
	struct seen_call part = row->call;
	powers closed;

	part.uses = part_of(&row->call, may_open(m, part.call), &closed);
	/* policies do not tell ABIs apart */
	if (syscall_number(part.call, ABI_NATIVE) >= 0)
		part.abi = ABI_NATIVE;
	if (part.uses.powers || part.uses.harmless)
		seen_add(granted, &part);
	uses_release(&part.uses);
	if (!closed)
		return;
	part.uses = (struct uses){.powers = closed};
	seen_add(&m->closed, &part);
}

static void take_row(struct amending *m, struct seen_row *row)
{
	struct callexpr expr, *first = NULL;
	struct source at = {0};
	unsigned kind;

	if (row->call.call == CALL_NONE) {
		note(m, xasprintf("%s: no policy can allow it", row->label));
		return;
	}
	if (callexpr_parse(&expr, row->first ? row->first : "") == 0)
		first = &expr;
	if (!row->has_uses)
		guess_uses(row, first);
	kind = denied_by(m, row, first, &at);
	if (kind == NEWER && may_open(m, row->call.call) == ~(powers)0)
		kind = OMITTED;
	if (kind == OMITTED)
		sort_row(m, row, &m->granted);
	else if (kind != RUNS)
		note_kind(m, row, kind, at);
	if (kind == DECIDED || kind == OUTSIDE)
		sort_row(m, row, &m->outer);
	callexpr_free(&expr);
}

/* ------------------------------------------------------------------- calls */

typedef void call_fn(struct amending *m, uint32_t call, const struct cond *cond,
		     FILE *to);

/* clone3, whose flags no filter sees; or a report that hides powers. */
static void take_unseen(struct amending *m, uint32_t call, call_fn *fn,
			FILE *to)
{
	char buf[16];
	const char *name = syscall_name(call, buf);

	if (may_open(m, call) == ~(powers)0)
		fn(m, call, NULL, to);
	else if (powers_always(call))
		note(m, xasprintf("%s: no filter sees what it is asked for: "
				  "write %s = ENOSYS under [deny], so that "
				  "programs use an older call, or give --open "
				  "%s", name, name, name));
	else
		note(m, xasprintf("%s: the report does not say what it was "
				  "asked for", name));
}

static void take_calls(struct amending *m, const struct seen *seen,
		       call_fn *fn, FILE *to)
{
	for (size_t i = 0; i < seen->n; i++) {
		struct wanted_list list = wanted_of(&seen->calls[i]);

		for (size_t j = 0; j < list.n; j++)
			fn(m, list.wanted[j].call, list.wanted[j].cond, to);
		if (!list.n)
			take_unseen(m, seen->calls[i].call, fn, to);
		wanted_release(&list);
	}
}

static void allow(struct amending *m, uint32_t call, const struct cond *cond,
		  FILE *to)
{
	char *why = NULL;
	int ret = edit_allow(m->edit, call, cond, &why);
	char buf[16];

	(void)to;
	m->out->calls += ret > 0;
	if (ret < 0)
		note(m, xasprintf("%s: %s", syscall_name(call, buf), why));
	free(why);
}

static void write_line(struct amending *m, uint32_t call,
		       const struct cond *cond, FILE *to)
{
	cleanup_free char *text =
		cond ? condition_text(cond, ABI_NATIVE, call) : NULL;
	char buf[16];

	(void)m;
	fprintf(to, "%s = %s%s\n", syscall_name(call, buf),
		text ? "if " : "always", text ? text : "");
}

static void write_outer(struct amending *m)
{
	size_t size;
	FILE *out;

	if (!m->outer.n)
		return;
	out = open_memstream(&m->out->outer, &size);
	if (!out)
		abort();
	fputs("[allow]\n", out);
	take_calls(m, &m->outer, write_line, out);
	fclose(out);
}

/* What is left closed, a sentence for each call. */
static void note_closed(struct amending *m)
{
	for (size_t i = 0; i < m->closed.n; i++) {
		const struct seen_call *call = &m->closed.calls[i];
		cleanup_free char *opens = opens_text(call->uses.powers);
		char buf[16];

		note(m, xasprintf("%s is not opened unasked: %s",
				  syscall_name(call->call, buf), opens));
	}
}

void amend(struct edit *edit, struct seen_rows *rows,
	   const struct opened *opened, struct amended *out)
{
	struct amending m = {
		.edit = edit,
		.opened = opened,
		.out = out,
		.store = diagram_store_new(DIAGRAM_BUDGET),
	};

	*out = (struct amended){0};
	for (size_t i = 0; i < rows->n; i++)
		take_row(&m, &rows->items[i]);
	take_calls(&m, &m.granted, allow, NULL);
	write_outer(&m);
	note_closed(&m);
	if (out->n)
		qsort(out->notes, out->n, sizeof(char *), by_text);
	seen_release(&m.granted);
	seen_release(&m.outer);
	seen_release(&m.closed);
	decision_free(&m.decision);
	diagram_store_free(m.store);
}

void amended_free(struct amended *amended)
{
	for (size_t i = 0; i < amended->n; i++)
		free(amended->notes[i]);
	free(amended->notes);
	free(amended->outer);
}
