/* The meaning of a policy, in one place.
 *
 * decide_call() turns a policy into a decision list for one number of one ABI:
 * clauses asked in order, the first whose condition holds decides, the last
 * has none.  Everything else is read off that list: decide() evaluates it for
 * one call; the proof folds it into a decision diagram; explain walks it; the
 * compiler lowers it.  So there is one text, and they cannot disagree.
 *
 * The order (doc/sandbox.policy.5 has it in full): a layer marked final gets
 * its denials in first; then the layers from the outermost inward, in each the
 * rules that name the call before those that name a group with it; at one
 * level kill, deny, log, allow, then the closing half of `only if`.  Then the
 * implicit calls, the calls newer than the policy (ENOSYS), the default.  What is
 * less strict than the own answer of a layer that is final for all becomes that.
 *
 * `quiet` changes no answer: a layer's list speaks of its calls' denials whatever
 * layer they are from.
 *
 * What a tracer adds (policy->tracer_rules) takes away from what would run and
 * changes no denial. */
#pragma once

#include "model/cond.h"
#include "model/policy.h"

enum verdict_kind {
	BY_RULE,     /* a rule that names the call */
	BY_GROUP,    /* a rule that names a group with it */
	BY_DEFAULT,  /* `default` */
	BY_NEW,      /* newer than `kernel`: ENOSYS */
	BY_FOREIGN,  /* an ABI that is not admitted, x32 included */
	BY_IMPLICIT, /* allowed because nothing can live without it */
	BY_TRACER,   /* a tracer's rule */
	BY_COUNT
};

/* As in the report's JSON: "rule", "group" ... */
extern const char *const verdict_kind_names[BY_COUNT];

struct verdict {
	enum action action;
	int err; /* of a deny: 0-511 */
	enum verdict_kind kind;
	const struct rule *rule; /* BY_RULE and BY_GROUP, else NULL */
	struct source at;        /* the rule's or setting's line, if any */
	const struct layer *final; /* of a denial: no other layer can undo it */
	bool quiet; /* of a deny: the kernel answers, and nobody hears of it */
	bool told; /* BY_TRACER: the tracer answers, and its report says so */
};

struct clause {
	const struct cond *cond; /* NULL: always */
	struct verdict verdict;
};

struct decision {
	struct clause *clauses;
	size_t n, cap;
	struct arena conds; /* what decide had to build itself */
};

/* Fills *out for (audit arch, number).  out must be zeroed or come from an
 * earlier call; free with decision_free().  Its memory is used again: a
 * condition of out->conds lives until the next call only, and another one may
 * then stand at its address. */
void decide_call(const struct policy *policy, uint32_t audit_arch, uint32_t nr,
		 struct decision *out);
void decision_free(struct decision *decision);

/* The verdict at these arguments: of the list, of a call. */
struct verdict decision_at(const struct decision *decision,
			   const uint64_t args[static 6]);
struct verdict decide(const struct policy *policy, uint32_t audit_arch,
		      uint32_t nr, const uint64_t args[static 6]);

/* What a setting that is an action answers. */
struct verdict verdict_of_setting(const struct policy *policy,
				  enum setting_id id, enum verdict_kind kind);

/* Equal in effect: same action, and same errno for a deny. */
bool verdict_same(const struct verdict *a, const struct verdict *b);

/* --------------------------------- writing a list; private to this room */

struct writer {
	const struct policy *policy;
	enum abi_id abi;
	struct decision *out;
	bool implicit; /* the call in question is */
	bool quiet;    /* its denials are */
	bool closed; /* the last clause has no condition: nothing may follow */
};

/* Adds a clause unless the list is closed or the condition never holds. */
void writer_add(struct writer *writer, const struct cond *cond,
		struct verdict verdict);

/* The whole list of one call, up to a clause without a condition.  CALL_NONE:
 * a number that no rule can name. */
void writer_add_call(struct writer *writer, uint32_t call);

/* The list of one number, without what lowers it and without tracer rules. */
void writer_add_number(struct writer *writer, uint32_t nr);

/* What the finished list answers, no less strict than `final = all` says. */
void lower_to_ceilings(struct writer *writer, uint32_t nr);

/* i386's socketcall and ipc carry other calls, and this is their list then;
 * false, and nothing added, for any other number. */
bool add_multiplexed(struct writer *writer, uint32_t nr, uint32_t call);

/* What the finished list would run is denied where a tracer rule says so. */
void insert_tracer_rules(struct writer *writer, uint32_t call);
