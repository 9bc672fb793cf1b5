#include "model/layers.h"

#include <errno.h>

#include "base/util.h"

/* What an entry does at its level, in the order in which it is asked.  Lines
 * have no order: of two denies that answer differently, the one with an errno
 * of its own goes first, and of two such the one with a condition.  An
 * outright allow goes before the conditional ones because those then need no
 * look at arguments.  "Unaskable" entries come after their like: what the
 * others allow is known to be meant. */
enum step {
	KILL,
	DENY_OWN_IF, DENY_OWN, DENY,
	LOG, LOG_IF, LOG_UNASKABLE,
	ALLOW, ALLOW_IF, ALLOW_UNASKABLE,
	CLOSE, /* the other half of `only if` */
};

/* A set of steps has a bit for each, and above them as many for what names a
 * group with the call: it comes after all that names the call. */
#define GROUPS 16
_Static_assert(CLOSE < GROUPS, "steps of two levels would be one");

enum form { ALWAYS, IF, UNASKABLE, FORM_COUNT };

/* A deny or kill whose condition cannot be asked holds for every argument,
 * the strictest reading. */
static const enum step steps[ACTION_COUNT][FORM_COUNT] = {
	[ACTION_KILL] = {KILL, KILL, KILL},
	[ACTION_DENY] = {DENY, DENY, DENY},
	[ACTION_LOG] = {LOG, LOG_IF, LOG_UNASKABLE},
	[ACTION_ALLOW] = {ALLOW, ALLOW_IF, ALLOW_UNASKABLE},
};
static const enum step own_errno[FORM_COUNT] = {DENY_OWN, DENY_OWN_IF, DENY_OWN};

void writer_add(struct writer *writer, const struct cond *cond,
		struct verdict verdict)
{
	struct decision *out = writer->out;

	if (writer->closed || cond == &cond_never)
		return;
	out->clauses = grow(out->clauses, out->n, &out->cap,
			    sizeof(*out->clauses));
	out->clauses[out->n++] = (struct clause){cond, verdict};
	writer->closed = !cond;
}

void add_implicit(struct writer *writer)
{
	writer_add(writer, NULL, (struct verdict){
		.action = ACTION_ALLOW, .kind = BY_IMPLICIT});
}

static enum step step_of(const struct rule *rule, const struct cond *cond)
{
	enum form form = !cond ? ALWAYS
			 : cond == &cond_unaskable ? UNASKABLE
						   : IF;

	if (rule->action == ACTION_DENY && rule->err != ERRNO_UNSET)
		return own_errno[form];
	return steps[rule->action][form];
}

static int denial_errno(const struct policy *policy, const struct rule *rule,
			enum step step)
{
	const struct setting *own = &rule->layer->settings[SET_ERRNO];

	if (step == LOG_UNASKABLE || step == ALLOW_UNASKABLE)
		return ENOSYS;
	if (rule->err != ERRNO_UNSET)
		return rule->err;
	return own->at.file ? own->value : policy->effective[SET_ERRNO].value;
}

/* The set of steps that an entry takes.  For an implicit call only rules that
 * name it alone are asked. */
static inline unsigned steps_of(const struct writer *writer,
				const struct entry *entry)
{
	const struct rule *rule = entry->rule;
	unsigned taken = 1u << step_of(rule, entry->cond[writer->abi]);

	if ((writer->implicit && !rule->alone) ||
	    rule == writer->policy->without)
		return 0;
	if (rule->action == ACTION_ALLOW && rule->only)
		taken |= 1u << CLOSE;
	return rule->group ? taken << GROUPS : taken;
}

static void add_entry(struct writer *writer, const struct entry *entry,
		      enum step step)
{
	const struct rule *rule = entry->rule;
	const struct cond *cond = entry->cond[writer->abi];
	struct verdict verdict = {
		.action = rule->action,
		.kind = rule->group ? BY_GROUP : BY_RULE,
		.rule = rule,
		.at = rule->at,
	};

	if (step == CLOSE || cond == &cond_unaskable)
		cond = NULL;
	if (step == CLOSE || step == LOG_UNASKABLE || step == ALLOW_UNASKABLE)
		verdict.action = ACTION_DENY;
	if (verdict.action == ACTION_DENY)
		verdict.err = denial_errno(writer->policy, rule, step);
	writer_add(writer, cond, verdict);
}

static void add_layer(struct writer *writer, const struct entry *first)
{
	unsigned left = 0;

	for (const struct entry *e = first; e; e = e->next)
		left |= steps_of(writer, e);
	for (; left && !writer->closed; left &= left - 1) {
		unsigned bit = left & -left;

		for (const struct entry *e = first; e; e = e->next)
			if (steps_of(writer, e) & bit)
				add_entry(writer, e, __builtin_ctz(bit) % GROUPS);
	}
}

/* What this layer alone would deny: its list without what it lets run, each
 * denial under the condition that nothing before it let the call run. */
static void add_denials(struct writer *writer, const struct entry *first)
{
	struct decision *out = writer->out;
	size_t start = out->n, keep = out->n;
	const struct cond *runs = &cond_never;

	add_layer(writer, first);
	writer->closed = false;
	for (size_t i = start; i < out->n && runs; i++) {
		struct clause c = out->clauses[i];

		if (action_runs(c.verdict.action)) {
			runs = cond_or(&out->conds, c.cond, runs);
			continue;
		}
		c.cond = cond_and(&out->conds, c.cond,
				  cond_not(&out->conds, runs));
		if (c.cond == &cond_never)
			continue;
		out->clauses[keep++] = c;
		writer->closed = !c.cond;
	}
	out->n = keep;
}

static void add_layers(struct writer *writer, uint32_t call)
{
	struct layer *const *layers = writer->policy->layers;
	size_t n = writer->policy->n_layers;

	/* a raw number means something else on an ABI with numbers of its own */
	if (call & CALL_RAW && syscall_number(call, writer->abi) < 0)
		return;
	for (size_t i = n; i-- > 0 && !writer->closed;)
		if (layers[i]->settings[SET_FINAL].value)
			add_denials(writer, layer_entries(layers[i], call));
	for (size_t i = n; i-- > 0 && !writer->closed;)
		add_layer(writer, layer_entries(layers[i], call));
}

static bool is_new(const struct writer *writer, uint32_t call)
{
	const struct setting *set = writer->policy->effective;
	const struct syscall_row *row = syscall_row(call);

	if (action_runs(set[SET_DEFAULT].value) ||
	    policy_names(writer->policy, call))
		return false;
	if (row)
		return row->since[writer->abi] > set[SET_KERNEL].value;
	return (call & ~CALL_RAW) > syscall_last(writer->abi);
}

static void add_rest(struct writer *writer, uint32_t call)
{
	const struct setting *set = writer->policy->effective;

	if (!is_new(writer, call))
		writer_add(writer, NULL,
			   verdict_of_setting(writer->policy, SET_DEFAULT,
					      BY_DEFAULT));
	else
		writer_add(writer, NULL, (struct verdict){
			.action = ACTION_DENY,
			.err = ENOSYS,
			.kind = BY_NEW,
			.at = syscall_row(call) ? set[SET_KERNEL].at
						: (struct source){0},
		});
}

void add_call(struct writer *writer, uint32_t call)
{
	const struct cond *const *opened = writer->policy->opened;

	writer->implicit = syscall_has(call, SYSCALL_IMPLICIT);
	if (opened && syscall_row(call))
		writer_add(writer, opened[call], (struct verdict){
			.action = ACTION_ALLOW, .kind = BY_DEFAULT});
	if (!writer->closed)
		add_layers(writer, call);
	if (writer->implicit)
		add_implicit(writer);
	if (!writer->closed)
		add_rest(writer, call);
}
