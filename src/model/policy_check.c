/* What is wrong with a policy as a whole, and what its settings come to. */
#include <errno.h>

#include "model/policy.h"

#include "base/util.h"
#include "tables/alias.h"

/* No value stands in for a missing `default`: this one is only there until
 * the mistake is reported, and is the strictest. */
static const int built_in[SET_COUNT] = {
	[SET_DEFAULT] = ACTION_KILL,
	[SET_ERRNO] = EPERM,
	[SET_KERNEL] = KERNEL(5, 2),
	[SET_FOREIGN] = ACTION_KILL,
};

static const char *const done[ACTION_COUNT] = {
	[ACTION_ALLOW] = "allowed",
	[ACTION_LOG] = "logged",
	[ACTION_DENY] = "denied",
	[ACTION_KILL] = "killed",
};

void policy_settle(struct policy *policy)
{
	struct setting *set = policy->effective;

	for (int id = 0; id < SET_COUNT; id++)
		set[id] = (struct setting){.value = built_in[id]};
	set[SET_ARCHITECTURES].value = 1 << policy->machine;
	for (size_t i = 0; i < policy->n_layers; i++)
		for (int id = 0; id < SET_COUNT; id++)
			if (id != SET_FINAL &&
			    policy->layers[i]->settings[id].at.file)
				set[id] = policy->layers[i]->settings[id];
}

static void check_settings(const struct policy *policy, struct diags *diags)
{
	const struct setting *set = policy->effective;
	struct source at = {0};

	if (policy->n_layers)
		at.file = policy->layers[policy->n_layers - 1]->file;
	if (!set[SET_DEFAULT].at.file)
		diag_add(diags, at,
			 "nothing sets 'default', so calls that no rule "
			 "mentions have no answer: write 'default = deny' (or "
			 "allow, log, kill) under [policy]");
	if (!policy_admits(policy, policy->machine))
		diag_add(diags, set[SET_ARCHITECTURES].at,
			 "'architectures' leaves out %s, this machine's own, "
			 "and nothing could be started: add 'native'",
			 abis[policy->machine].name);
	for (size_t i = 0; i < policy->n_layers; i++) {
		const struct setting *err =
			&policy->layers[i]->settings[SET_ERRNO];

		if (err->at.file && err->value == 0)
			diag_add(diags, err->at,
				 "errno = 0 in [policy] would pretend success "
				 "for every denied call: name an errno here, "
				 "and write 0 beside single calls such as "
				 "fsync");
	}
}

/* An outright denial of a named call and a permission of it in one file. */
static void check_contradiction(const struct entry *first, struct diags *diags)
{
	const struct entry *no = NULL, *yes = NULL;
	cleanup_free char *place = NULL;

	for (const struct entry *e = first; e; e = e->next) {
		if (e->rule->group)
			continue;
		if (!no && rule_refuses(e->rule) && e->cond == cond_always)
			no = e;
		if (!yes && !rule_refuses(e->rule))
			yes = e;
	}
	if (!no || !yes)
		return;
	place = source_line(yes->rule->at);
	diag_add(diags, no->rule->at,
		 "%s is %s here and %s %s: one file can say only one of them, "
		 "so remove a line or give the %s a condition",
		 syscall_text(first->call), done[no->rule->action],
		 done[yes->rule->action], place,
		 action_names[no->rule->action]);
}

static void check_answers(const struct entry *first, struct diags *diags)
{
	const struct entry *seen = NULL;
	cleanup_free char *place = NULL;

	for (const struct entry *e = first; e; e = e->next) {
		if (e->rule->action != ACTION_DENY || e->rule->group ||
		    e->rule->err == ERRNO_UNSET || e->cond != cond_always)
			continue;
		if (!seen)
			seen = e;
		if (seen->rule->err == e->rule->err)
			continue;
		place = source_line(seen->rule->at);
		diag_add(diags, e->rule->at,
			 "%s has one errno here and another %s: remove one of "
			 "them or give it a condition",
			 syscall_text(first->call), place);
		return;
	}
}

/* What a rule that names the call may not ask for. */
static void check_named(const struct entry *entry, struct diags *diags)
{
	const struct rule *rule = entry->rule;

	if (syscall_has(entry->call, SYSCALL_UNFILTERED))
		diag_add(diags, rule->at,
			 "%s cannot be %s: the kernel does not filter it, so "
			 "it is always allowed; remove it here",
			 syscall_text(entry->call), done[rule->action]);
	else if (rule->err == 0 && rule->action == ACTION_DENY &&
		 !syscall_has(entry->call, SYSCALL_ZERO_IS_DONE))
		diag_add(diags, rule->at,
			 "%s cannot answer errno 0: its 0 means more than success "
			 "(a descriptor, a PID, a pointer, a length, or dropped "
			 "privileges), so the caller would be misled; name an "
			 "errno such as EPERM",
			 syscall_text(entry->call));
}

/* One message for the rule, naming the first member that may not pretend
 * success. */
static void check_group_zero(const struct rule *rule, struct diags *diags)
{
	for_entries (e, layer_next, rule->layer)
		if (e->rule == rule &&
		    !syscall_has(e->call,
				 SYSCALL_UNFILTERED | SYSCALL_ZERO_IS_DONE)) {
			diag_add(diags, rule->at,
				 "%s cannot answer errno 0: %s is in it, and "
				 "its 0 means more than success; name an errno "
				 "such as EPERM, and write 0 beside single "
				 "calls such as fsync",
				 rule->group, syscall_text(e->call));
			return;
		}
}

/* Does the list that the rule is of name anything that exists? */
static bool names_real(const struct policy *policy, const struct rule *rule)
{
	for_entries (e, layer_next, rule->layer)
		if (e->rule->key_line == rule->key_line &&
		    (e->rule->group || e->call & CALL_RAW ||
		     policy_abi_with(policy, e->call) >= 0))
			return true;
	return false;
}

/* Is what the call is for denied all the same?  A call that does its work is, or
 * there is none, and the name is another machine's: a policy may be meant for
 * both. */
static bool is_denied_anyway(const struct policy *policy, uint32_t call,
			     uint32_t native)
{
	for (enum abi_id abi = 0; native == CALL_NONE && abi < ABI_COUNT; abi++)
		if (abi_runs_on((int)abi, abi) && syscall_number(call, abi) >= 0)
			return true;
	for_entries (e, policy_next, policy)
		if (e->call == native && rule_refuses(e->rule))
			return true;
	return false;
}

/* A denial of a name that only other machines have leaves the door open.  A
 * list may be meant for several, if something of it is left. */
static void check_absent(const struct policy *policy,
			 const struct entry *entry, struct diags *diags)
{
	uint32_t native = native_call(entry->call, policy->machine);
	bool is_native = policy->effective[SET_ARCHITECTURES].value ==
			 1 << policy->machine;
	cleanup_free char *hint = NULL;

	if (entry->call & CALL_RAW ||
	    policy_abi_with(policy, entry->call) >= 0 ||
	    (entry->rule->at.line && names_real(policy, entry->rule)) ||
	    is_denied_anyway(policy, entry->call, native))
		return;
	if (native != CALL_NONE)
		hint = xasprintf(" (did you mean '%s'?)",
				 syscall_text(native));
	diag_add(diags, entry->rule->at,
		 "'%s' does nothing here: %s has %s call%s",
		 syscall_text(entry->call),
		 is_native ? abis[policy->machine].name
			   : "none of the admitted architectures",
		 is_native ? "no such" : "such a",
		 hint ? hint : "; remove it");
}

/* Every other number of this kind has one answer, and one kind of answer. */
static void check_quiet(const struct policy *policy, const struct layer *quiet,
			struct diags *diags)
{
	for (const struct entry *e = quiet->raw; e; e = e->next_raw)
		if (!policy_names(policy, e->call))
			diag_add(diags, e->rule->at,
				 "'quiet' cannot speak of number %u, which has "
				 "no name: name it under [deny] as well",
				 e->call & ~CALL_RAW);
}

static void check_layer(const struct policy *policy, const struct layer *layer,
			struct diags *diags)
{
	const struct entry *first = NULL;

	while ((first = layer_next(layer, first))) {
		check_contradiction(first, diags);
		check_answers(first, diags);
		for (const struct entry *e = first; e; e = e->next)
			if (!e->rule->group && rule_refuses(e->rule)) {
				check_named(e, diags);
				check_absent(policy, e, diags);
			}
	}
	if (layer->quiet)
		check_quiet(policy, layer->quiet, diags);
	for (size_t i = 0; i < layer->n_rules; i++) {
		const struct rule *rule = layer->rules[i];

		if (rule->group && rule->action == ACTION_DENY &&
		    rule->err == 0)
			check_group_zero(rule, diags);
	}
}

int policy_check(struct policy *policy, struct diags *diags)
{
	size_t before = diags->n;

	policy_settle(policy);
	policy_bound(policy);
	check_settings(policy, diags);
	for (size_t i = 0; i < policy->n_layers; i++)
		check_layer(policy, policy->layers[i], diags);
	return diags->n > before ? -1 : 0;
}
