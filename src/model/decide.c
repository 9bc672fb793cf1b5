#include "model/decide.h"

#include <errno.h>
#include <stdlib.h>

#include "base/util.h"

const char *const verdict_kind_names[BY_COUNT] = {
	[BY_RULE] = "rule",
	[BY_GROUP] = "group",
	[BY_DEFAULT] = "default",
	[BY_NEW] = "new",
	[BY_FOREIGN] = "foreign",
	[BY_IMPLICIT] = "implicit",
	[BY_TRACER] = "tracer",
};

void decision_free(struct decision *decision)
{
	free(decision->clauses);
	arena_free(&decision->conds);
	*decision = (struct decision){0};
}

struct verdict verdict_of_setting(const struct policy *policy,
				  enum setting_id id, enum verdict_kind kind)
{
	const struct setting *set = policy->effective;

	return (struct verdict){
		.action = (enum action)set[id].value,
		.err = set[id].value == ACTION_DENY ? set[SET_ERRNO].value : 0,
		.kind = kind,
		.at = set[id].at,
	};
}

struct verdict decision_at(const struct decision *decision,
			   const uint64_t args[static 6])
{
	size_t i = 0;

	while (!cond_holds(decision->clauses[i].cond, args))
		i++;
	return decision->clauses[i].verdict;
}

bool verdict_same(const struct verdict *a, const struct verdict *b)
{
	return a->action == b->action &&
	       (a->action != ACTION_DENY || a->err == b->err);
}

/* --------------------------------------------------------------- one layer */

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
enum { OWN_ERRNO = ACTION_COUNT }; /* a deny with one of its own */

/* A deny or kill whose condition cannot be asked holds for every argument,
 * the strictest reading. */
static const enum step steps[ACTION_COUNT + 1][FORM_COUNT] = {
	[ACTION_KILL] = {KILL, KILL, KILL},
	[ACTION_DENY] = {DENY, DENY, DENY},
	[ACTION_LOG] = {LOG, LOG_IF, LOG_UNASKABLE},
	[ACTION_ALLOW] = {ALLOW, ALLOW_IF, ALLOW_UNASKABLE},
	[OWN_ERRNO] = {DENY_OWN, DENY_OWN_IF, DENY_OWN},
};

static const struct verdict implicit = {
	.action = ACTION_ALLOW, .kind = BY_IMPLICIT};

void writer_add(struct writer *writer, const struct cond *cond,
		struct verdict verdict)
{
	struct decision *out = writer->out;

	if (writer->closed || cond == &cond_never)
		return;
	verdict.quiet |= writer->quiet && verdict.action == ACTION_DENY;
	push(out->clauses, out->n, out->cap) = (struct clause){cond, verdict};
	writer->closed = !cond;
}

static int denial_errno(const struct policy *policy, const struct rule *rule)
{
	const struct setting *own = &rule->layer->settings[SET_ERRNO];

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
	const struct cond *cond = entry->cond[writer->abi];
	enum form form = !cond ? ALWAYS
			 : cond == &cond_unaskable ? UNASKABLE
						   : IF;
	bool own = rule->action == ACTION_DENY && rule->err != ERRNO_UNSET;
	unsigned taken = 1u << steps[own ? OWN_ERRNO : (int)rule->action][form];

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
	bool unasked = step == LOG_UNASKABLE || step == ALLOW_UNASKABLE;

	if (step == CLOSE || cond == &cond_unaskable)
		cond = NULL;
	if (step == CLOSE || unasked)
		verdict.action = ACTION_DENY;
	if (verdict.action == ACTION_DENY)
		verdict.err = unasked ? ENOSYS
				      : denial_errno(writer->policy, rule);
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
		c.verdict.final = first->rule->layer;
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
		if (layers[i]->settings[SET_FINAL].value == FINAL_YES)
			add_denials(writer, layer_entries(layers[i], call));
	for (size_t i = n; i-- > 0 && !writer->closed;)
		add_layer(writer, layer_entries(layers[i], call));
}

static void add_rest(struct writer *writer, uint32_t call)
{
	const struct policy *policy = writer->policy;
	const struct setting *kernel = &policy->effective[SET_KERNEL];
	const struct syscall_row *row = syscall_row(call);
	bool is_new = row ? row->since[writer->abi] > kernel->value
			  : (call & ~CALL_RAW) > syscall_last(writer->abi);
	struct verdict verdict =
		verdict_of_setting(policy, SET_DEFAULT, BY_DEFAULT);

	if (is_new && !action_runs(verdict.action) &&
	    !policy_names(policy, call))
		verdict = (struct verdict){
			.action = ACTION_DENY, .err = ENOSYS, .kind = BY_NEW,
			.at = row ? kernel->at : (struct source){0}};
	writer_add(writer, NULL, verdict);
}

void writer_add_call(struct writer *writer, uint32_t call)
{
	const struct cond *const *opened = writer->policy->opened;

	writer->implicit = syscall_has(call, SYSCALL_IMPLICIT);
	writer->quiet = policy_is_quiet(writer->policy, call);
	if (opened && syscall_row(call))
		writer_add(writer, opened[call], (struct verdict){
			.action = ACTION_ALLOW, .kind = BY_DEFAULT});
	add_layers(writer, call);
	if (writer->implicit)
		writer_add(writer, NULL, implicit);
	if (!writer->closed)
		add_rest(writer, call);
}

/* --------------------------------------------------------------- one number */

/* CALL_RAW | nr would be another number's name */
static uint32_t call_of(const struct writer *writer, uint32_t nr)
{
	return nr & CALL_RAW ? CALL_NONE : syscall_by_number(writer->abi, nr);
}

void writer_add_number(struct writer *writer, uint32_t nr)
{
	uint32_t call = call_of(writer, nr);

	if (syscall_has(call, SYSCALL_UNFILTERED))
		writer_add(writer, NULL, implicit);
	else if (!add_multiplexed(writer, nr, call))
		writer_add_call(writer, call);
}

void decide_call(const struct policy *policy, uint32_t audit_arch, uint32_t nr,
		 struct decision *out)
{
	struct writer writer = {.policy = policy, .out = out};
	int abi = abi_by_audit_arch(audit_arch);

	out->n = 0;
	arena_reset(&out->conds);
	if (nr == NR_SKIPPED) {
		writer_add(&writer, NULL, implicit);
	} else if (abi < 0 || !abi_counts(policy, abi) || abi_is_x32(abi, nr)) {
		writer_add(&writer, NULL,
			   verdict_of_setting(policy, SET_FOREIGN, BY_FOREIGN));
	} else {
		writer.abi = (enum abi_id)abi;
		writer_add_number(&writer, nr);
		lower_to_ceilings(&writer, nr);
		writer.quiet = false;
		insert_tracer_rules(&writer, call_of(&writer, nr));
	}
}

struct verdict decide(const struct policy *policy, uint32_t audit_arch,
		      uint32_t nr, const uint64_t args[static 6])
{
	released_by(decision_free) struct decision list = {0};

	decide_call(policy, audit_arch, nr, &list);
	return decision_at(&list, args);
}
