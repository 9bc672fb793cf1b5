#include "learn/amend.h"

#include <stdlib.h>

#include "base/util.h"
#include "formats/callexpr.h"
#include "formats/condition.h"
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
};

struct amending {
	struct edit *edit;
	const struct opened *opened;
	struct amended *out;
	struct survey survey; /* of the edit's policy */
	struct seen granted; /* what this file shall allow … */
	struct seen outer;   /* … and an outer one could */
	struct seen closed;  /* what --open is for */
};

/* ------------------------------------------------------------------ --open */

char *opened_add(struct opened *opened, const char *name)
{
	struct scope none = {.machine = ABI_NATIVE};
	released_by(diags_free) struct diags diags = DIAGS_INIT;
	int power = power_by_name(name);

	if (power >= 0)
		opened->powers |= POWER_SET(power);
	if (name_resolve(&none, name, (struct source){0}, &opened->calls,
			 &diags) == 0 || power >= 0)
		return NULL;
	return xasprintf("%s, and no power has that name: see 'sandbox groups "
			 "--powers'", diags.items[0].text);
}

static powers may_open(const struct amending *m, uint32_t call)
{
	return calls_has(&m->opened->calls, call) ? ~(powers)0
						  : m->opened->powers;
}

/* ------------------------------------------------------------------- words */

/* Once each, sorted. */
static void printf_like(2, 3) note(struct amending *m, const char *fmt, ...)
{
	struct amended *out = m->out;
	cleanup_free char *text = NULL;
	va_list args;
	size_t i = 0;

	va_start(args, fmt);
	text = xvasprintf(fmt, args);
	va_end(args);
	while (i < out->n && strcmp(out->notes[i], text) < 0)
		i++;
	if (i < out->n && streq(out->notes[i], text))
		return;
	push(out->notes, out->n, out->cap) = NULL;
	memmove(&out->notes[i + 1], &out->notes[i],
		(out->n - 1 - i) * sizeof(char *));
	out->notes[i] = steal(text);
}

static void note_kernel(struct amending *m, const struct seen_row *row)
{
	const struct syscall_row *known = syscall_row(row->call.call);
	const struct setting *kernel = &m->edit->policy->effective[SET_KERNEL];
	cleanup_free char *now = setting_text(SET_KERNEL, kernel->value);
	cleanup_free char *since = NULL;

	if (!known) {
		note(m, "%s has no name and is answered ENOSYS: give --open %s",
		     row->label, row->label);
		return;
	}
	since = setting_text(SET_KERNEL, known->since[row->call.abi]);
	note(m, "%s is newer than the policy's kernel = %s and is answered "
		"ENOSYS, so that programs use an older call; if one fails, "
		"give --open %s, or write kernel = %s under [policy] and amend "
		"again", row->label, now, row->label, since);
}

/* Why the row is not allowed. */
static void note_kind(struct amending *m, const struct seen_row *row,
		      unsigned kind, struct source at)
{
	const char *label = row->label, *abi = abis[row->call.abi].name;
	cleanup_free char *place = at.file ? source_text(at) : xstrdup("?");

	if (kind == DECIDED)
		note(m, "%s is denied by name (%s), on purpose: an outer "
			"policy can allow it", label, place);
	else if (kind == OUTSIDE)
		note(m, "%s is denied by %s, outside this file: an outer "
			"policy can allow it", label, place);
	else if (kind == FINAL)
		note(m, "%s is denied by %s, which is final: only a change "
			"of that file can allow it", label, place);
	else if (kind == NEWER)
		note_kernel(m, row);
	else if (kind == FOREIGN)
		note(m, "%s is a call of %s, which the policy does not admit: "
			"architectures = native %s", label, abi, abi);
	else
		note(m, "%s is denied by several rules, and the report does "
			"not say with which arguments: use one of -t "
			"--format=json", label);
}

/* ---------------------------------------------------------- what denies it */

static unsigned kind_of(const struct amending *m, const struct verdict *verdict)
{
	const struct rule *rule = verdict->rule;
	const struct layer *own = m->edit->policy->layers[m->edit->layer];

	if (action_runs(verdict->action))
		return RUNS;
	if (verdict->kind == BY_NEW)
		return NEWER;
	if (verdict->kind == BY_FOREIGN)
		return FOREIGN;
	if (verdict->final && verdict->final != own)
		return FINAL;
	if (!rule)
		return OMITTED;
	if (rule->layer->place > own->place)
		return OUTSIDE;
	return rule_refuses(rule) && !rule->group ? DECIDED : OMITTED;
}

/* All kinds of answers that the call gets in a region of its arguments; *at is
 * where the first denial is written. */
static unsigned kinds_in(struct amending *m, diagram region, struct source *at)
{
	struct diagram_store *store = m->survey.store;
	const struct decision *decision = &m->survey.decision;
	unsigned all = 0;

	for (size_t i = 0; i < decision->n; i++) {
		const struct clause *clause = &decision->clauses[i];
		diagram here = diagram_of_cond(store, clause->cond);

		if (diagram_and(store, region, here) == DIAGRAM_FALSE)
			continue;
		if (!(all & ~RUNS))
			*at = clause->verdict.at;
		all |= kind_of(m, &clause->verdict);
		region = diagram_and(store, region, diagram_not(store, here));
	}
	return all;
}

/* What the call is wanted for, and no other. */
static struct wanted_list wanted_of(struct seen_call *call, powers allowed)
{
	struct seen one = {.calls = call, .n = 1};
	struct wanted_list list;

	wanted_find(&one, &(struct wanted_how){.exact = true,
					       .allowed = allowed}, &list);
	return list;
}

/* The one thing that denies the row; RUNS: it runs; else 0: cannot be told. */
static unsigned denied_by(struct amending *m, struct seen_row *row,
			  const struct callexpr *first, struct source *at)
{
	struct diagram_store *store = m->survey.store;
	released_by(wanted_release) struct wanted_list list = {0};
	diagram all; /* arguments that the row stands for */
	unsigned kinds;

	m->survey.abi = row->call.abi;
	if (!survey_decide(&m->survey, row->call.call))
		return FOREIGN;
	diagram_store_reset(store);
	list = wanted_of(&row->call, ~(powers)0);
	all = list.n ? DIAGRAM_FALSE : DIAGRAM_TRUE;
	for (size_t i = 0; i < list.n; i++)
		all = diagram_or(store, all,
				 diagram_of_cond(store, list.wanted[i].cond));
	kinds = kinds_in(m, all, at);
	if (kinds != RUNS)
		kinds &= ~RUNS;
	if (kinds & (kinds - 1)) /* then what is known of its first hit */
		kinds = kinds_in(m, first->has_args ? callexpr_meant(first, store)
						    : DIAGRAM_FALSE, at);
	return kinds & (kinds - 1) ? 0 : kinds;
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

	for (; known < first->n_args &&
	       first->args[known].kind != CALLEXPR_ANY; known++)
		args[known] = first->args[known].kind == CALLEXPR_POINTER
				      ? 1 : first->args[known].value;
	if (signature && known >= signature->n)
		uses_add(&row->call.uses, row->call.abi, row->call.call, args);
	else
		row->call.uses.powers = powers_of(row->call.call);
}

/* Into granted if something of it may be opened; into closed what may not. */
static void sort_row(struct amending *m, const struct seen_row *row,
		     struct seen *granted)
{
	struct seen_call call = row->call;
	powers allowed = may_open(m, call.call);
	bool harmless = !powers_of(call.call) ||
			(call.uses.harmless &&
			 !(powers_always(call.call) & ~allowed));

	/* policies do not tell ABIs apart */
	if (syscall_number(call.call, ABI_NATIVE) >= 0)
		call.abi = ABI_NATIVE;
	if (call.uses.powers & allowed || harmless)
		seen_add(granted, &call);
	call.uses = (struct uses){.powers = call.uses.powers & ~allowed};
	if (call.uses.powers)
		seen_add(&m->closed, &call);
}

static void take_row(struct amending *m, struct seen_row *row)
{
	released_by(callexpr_free) struct callexpr first = {0};
	struct source at = {0};
	unsigned kind;

	if (row->call.call == CALL_NONE) {
		note(m, "%s: no policy can allow it", row->label);
		return;
	}
	if (callexpr_parse(&first, ABI_NATIVE, row->first ? row->first : "") < 0)
		callexpr_free(&first); /* it knows nothing then */
	if (!row->has_uses)
		guess_uses(row, &first);
	kind = denied_by(m, row, &first, &at);
	if (kind == NEWER && may_open(m, row->call.call) == ~(powers)0)
		kind = OMITTED;
	if (kind == OMITTED)
		sort_row(m, row, &m->granted);
	else if (kind != RUNS)
		note_kind(m, row, kind, at);
	if (kind == DECIDED || kind == OUTSIDE)
		sort_row(m, row, &m->outer);
}

/* ------------------------------------------------------------------- calls */

/* Into this file, or as a line of an outer one. */
static void take_call(struct amending *m, uint32_t call,
		      const struct cond *cond, char **outer)
{
	cleanup_free char *text = NULL, *why = NULL;
	const char *name = syscall_text(call);
	int ret;

	if (outer) {
		text = condition_text(cond, ABI_NATIVE, call);
		reprint(outer, "%s%s = %s%s\n", *outer, name,
			cond ? "if " : "", text);
		return;
	}
	ret = edit_allow(m->edit, call, cond, &why);
	m->out->calls += ret > 0;
	if (ret < 0)
		note(m, "%s: %s", name, why);
}

/* clone3, whose flags no filter sees; or a report that hides powers. */
static void take_unseen(struct amending *m, uint32_t call, char **outer)
{
	const char *name = syscall_text(call);

	if (may_open(m, call) == ~(powers)0)
		take_call(m, call, NULL, outer);
	else if (powers_always(call))
		note(m, "%s: no filter sees what it is asked for: write %s = "
			"ENOSYS under [deny], so that programs use an older "
			"call, or give --open %s", name, name, name);
	else
		note(m, "%s: the report does not say what it was asked for",
		     name);
}

static void take_calls(struct amending *m, const struct seen *seen,
		       char **outer)
{
	for (size_t i = 0; i < seen->n; i++) {
		uint32_t call = seen->calls[i].call;
		released_by(wanted_release) struct wanted_list list =
			wanted_of(&seen->calls[i], may_open(m, call));

		for (size_t j = 0; j < list.n; j++)
			take_call(m, call, list.wanted[j].cond, outer);
		if (!list.n)
			take_unseen(m, call, outer);
	}
}

void amend(struct edit *edit, struct seen_rows *rows,
	   const struct opened *opened, struct amended *out)
{
	struct amending m = {.edit = edit, .opened = opened, .out = out};

	*out = (struct amended){0};
	survey_open(&m.survey, edit->policy, NULL);
	for (size_t i = 0; i < rows->n; i++)
		take_row(&m, &rows->items[i]);
	survey_close(&m.survey);
	take_calls(&m, &m.granted, NULL);
	if (m.outer.n)
		out->outer = xstrdup("[allow]\n");
	take_calls(&m, &m.outer, &out->outer);
	for (size_t i = 0; i < m.closed.n; i++) {
		const struct seen_call *call = &m.closed.calls[i];
		cleanup_free char *opens = xstrdup("");

		for_powers (p, call->uses.powers)
			reprint(&opens, "%s%s%s (--open %s)", opens,
				*opens ? ", " : "", power_opens(p),
				power_name(p));
		note(&m, "left denied: %s for %s",
		     syscall_text(call->call), opens);
	}
	seen_release(&m.granted);
	seen_release(&m.outer);
	seen_release(&m.closed);
}

void amended_free(struct amended *amended)
{
	for (size_t i = 0; i < amended->n; i++)
		free(amended->notes[i]);
	free(amended->notes);
	free(amended->outer);
}
