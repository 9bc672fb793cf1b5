/* A decision list: what a policy answers to one call, as decide.h has it. */
#ifndef SANDBOX_DECISION_H
#define SANDBOX_DECISION_H

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

void decision_free(struct decision *decision);

/* The verdict at these arguments. */
struct verdict decision_at(const struct decision *decision,
			   const uint64_t args[static 6]);

/* What a setting that is an action answers. */
struct verdict verdict_of_setting(const struct policy *policy,
				  enum setting_id id, enum verdict_kind kind);

/* Equal in effect: same action, and same errno for a deny. */
bool verdict_same(const struct verdict *a, const struct verdict *b);

#endif
