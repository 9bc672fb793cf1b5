/* What a policy says: layers of rules with their places in the files.
 *
 * Plain data without I/O.  formats/ fills it, decide.h gives it meaning,
 * everything else asks decide.  A policy owns all strings, rules and
 * conditions in it; pointers handed out live as long as the policy.
 *
 * Building: policy_add_layer() from the innermost file outward, set the
 * layer's fields, policy_add_rule() and rule_add_call() for its rules, then
 * policy_check() once, which reports contradictions. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "model/cond.h"
#include "tables/action.h"
#include "tables/syscall.h"

enum { ERRNO_UNSET = -1 };

/* One line of an action section: for each call that it names, in a list,
 * alone or through a group. */
struct rule {
	enum action action;
	int err;     /* a deny's own errno; ERRNO_UNSET: the layer's */
	bool only;   /* an allow written `only if` */
	bool alone;  /* the call is the key of its line, or of a list of one:
	                what the implicit calls ask for */
	const char *group; /* the group's name if the line names one, else NULL */
	struct source at;  /* line 0: the command line */
	int key_line;      /* where its list begins, if that has several lines */
	struct layer *layer;
	size_t place; /* among the layer's rules */
};

/* One rule's word on one call.  Conditions are resolved for each ABI; a
 * condition that cannot be asked on an ABI is &cond_unaskable there. */
struct entry {
	uint32_t call;
	const struct rule *rule;
	const struct cond *const *cond; /* ABI_COUNT of them, NULL: always;
	                                   without any: cond_always */
	struct entry *next; /* the next entry of the same call in this layer */
	/* of the first entry of a call: the last one, and the first entry of
	 * another raw number of this layer */
	struct entry *last, *next_raw;
};
extern const struct cond cond_unaskable;
extern const struct cond *const cond_always[ABI_COUNT];

/* A setting with the place that set it; at.file NULL: nobody did. */
struct setting {
	int value;
	struct source at;
};

enum setting_id {
	SET_DEFAULT,       /* enum action */
	SET_ERRNO,         /* 0-511 */
	SET_KERNEL,        /* KERNEL(major, minor) */
	SET_FOREIGN,       /* ACTION_KILL or ACTION_DENY */
	SET_ARCHITECTURES, /* bit mask of 1 << abi_id */
	SET_PRIVILEGES,    /* 1: keep */
	SET_SPECULATION,   /* 1: allow */
	SET_FINAL,         /* FINAL_…; meant for its own layer only */
	SET_COUNT
};

enum { FINAL_NO, FINAL_YES, FINAL_ALL };

struct layer {
	char *file; /* as shown in messages, owned */
	char *description;
	bool is_ini; /* else of another format, or typed on the spot */
	struct setting settings[SET_COUNT];
	size_t place; /* among the policy's layers */
	struct rule **rules;
	size_t n_rules, cap_rules;
	/* the first entry of each table call, by row, and of each raw number,
	 * linked by next_raw; see layer_entries() */
	struct entry **by_call;
	struct entry *raw;
	/* `quiet`: the words of the list as rules, each call as an entry.  What
	 * they are of denies nothing.  NULL: there is none. */
	struct layer *quiet;
	struct arena memory; /* of its rules and entries */
};

struct policy {
	struct layer **layers; /* the innermost first, the outermost last */
	size_t n_layers, cap_layers;
	struct arena conds;
	/* after policy_check(): each from the outermost layer that sets it,
	 * else the built-in value with at.file NULL */
	struct setting effective[SET_COUNT];
	enum abi_id machine; /* whose `native` it is: abis[].machine */
	unsigned tracer_rules; /* ADD_…, set by who runs it with a tracer */
	/* Not heeded, as if its line were missing: what `check` asks to find
	 * rules that change nothing.  NULL: all rules count. */
	const struct rule *without;
	/* By row of the table, where the call runs whatever the rules say: what
	 * would come of allowing it.  &cond_never: nowhere.  NULL: none is
	 * opened. */
	const struct cond *const *opened;
};

/* What a tracer adds to every policy so that CMD cannot get round it
 * (decide.h has the rules). */
enum {
	ADD_NO_LISTENER = 1 << 0, /* seccomp(NEW_LISTENER): EBUSY */
	/* clone3: ENOSYS, CLONE_UNTRACED: EPERM; PTRACE_TRACEME: EPERM */
	ADD_NO_UNTRACED = 1 << 1,
};

/* ptrace(2)'s PTRACE_TRACEME. */
enum { REQUEST_TRACEME = 0 };

struct policy *policy_new(enum abi_id machine);
void policy_free(struct policy *policy);
#define cleanup_policy released_by(cleanup_policy_impl)
void cleanup_policy_impl(struct policy **policy);

struct layer *policy_add_layer(struct policy *policy, const char *file);
/* Where the words of `quiet` go. */
struct layer *layer_add_quiet(struct layer *layer);
/* group is copied; an at.file of NULL becomes the layer's. */
struct rule *policy_add_rule(struct layer *layer, struct rule rule);
/* cond may be NULL (always on every ABI) or an array of ABI_COUNT. */
struct entry *rule_add_call(struct rule *rule, uint32_t call,
			    const struct cond *const *cond);

/* The entries of a call in a layer, a list in the order they were added. */
const struct entry *layer_entries(const struct layer *layer, uint32_t call);

/* The first entry of each call in a layer, one after the other: those of the
 * table, then the raw ones.  Begins with NULL and ends with it. */
const struct entry *layer_next(const struct layer *layer,
			       const struct entry *first);

/* The same of all layers, the innermost first. */
const struct entry *policy_next(const struct policy *policy,
				const struct entry *first);

/* for_entries (e, layer_next, layer) …: all entries of a layer; or of all, with
 * policy_next and the policy.  No break. */
#define for_entries(e, step, whole)                                            \
	for (const struct entry *e_first = NULL;                               \
	     (e_first = step(whole, e_first));)                                \
		for (const struct entry *e = e_first; e; e = e->next)

/* Does a rule of any layer speak of the call?  A `quiet`? */
bool policy_names(const struct policy *policy, uint32_t call);
bool policy_is_quiet(const struct policy *policy, uint32_t call);
/* The next raw number above this one that it names on the ABI; UINT32_MAX:
 * none. */
uint32_t policy_next_raw(const struct policy *policy, enum abi_id abi,
			 uint32_t above);

/* What the settings of its layers come to; and under the bounds of those that
 * are final for all answers (ceiling.c). */
void policy_settle(struct policy *policy);
void policy_bound(struct policy *policy);

/* Works out the effective settings and reports what is wrong with the whole:
 * contradictions in one file, an errno 0 that would mislead, denials of what is
 * not filtered or not there.  0, or -1 with the mistakes added to diags. */
int policy_check(struct policy *policy, struct diags *diags);

/* Conditions that are well-formed and make no sense (vacuous.c): those that
 * always or never hold, and an `if` that can add nothing because the call is
 * allowed outright beneath it.  As policy_check(), which goes first. */
int vacuous_check(const struct policy *policy, struct diags *diags);

static inline bool rule_refuses(const struct rule *rule)
{
	return !action_runs(rule->action);
}

static inline bool policy_admits(const struct policy *policy, int abi)
{
	return policy->effective[SET_ARCHITECTURES].value >> abi & 1;
}

/* Is the ABI admitted, and can its programs run on the machine?  The others
 * meet `foreign`. */
static inline bool abi_counts(const struct policy *policy, int abi)
{
	return policy_admits(policy, abi) && abi_runs_on(abi, policy->machine);
}

/* for_abis (abi, policy) …: the machine's own comes first */
#define for_abis(abi, policy)                                                  \
	for (enum abi_id abi = 0; abi < ABI_COUNT; abi++)                      \
		if (abi_counts(policy, (int)abi))

/* The first ABI that the policy admits and that has the call, ours before
 * others; -1: none. */
int policy_abi_with(const struct policy *policy, uint32_t call);
