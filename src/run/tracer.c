#include "run/tracer.h"

#include "base/util.h"
#include "filter/gate.h"
#include "watch/observers.h"

const struct observer *tracer_find(const char *name)
{
	static const struct observer *const tracers[] = {&observer_notify,
							 &observer_ptrace};

	for (size_t i = 0; i < ARRAY_SIZE(tracers); i++)
		if (streq(tracers[i]->name, name))
			return tracers[i];
	return NULL;
}

bool tracer_kills(const struct policy *policy)
{
	for (size_t i = 0; i < policy->n_layers; i++)
		for (size_t j = 0; j < policy->layers[i]->n_rules; j++)
			if (policy->layers[i]->rules[j]->action == ACTION_KILL)
				return true;
	return policy->effective[SET_DEFAULT].value == ACTION_KILL;
}

bool tracer_may_kill(const struct policy *policy)
{
	return tracer_kills(policy) ||
	       policy->effective[SET_FOREIGN].value == ACTION_KILL;
}

const struct observer *tracer_default(const struct policy *policy,
				      bool needs_ptrace)
{
	if (needs_ptrace || tracer_kills(policy) || !notify_is_available())
		return &observer_ptrace;
	return &observer_notify;
}

enum watch tracer_watch(const struct observer *tracer)
{
	return tracer ? tracer->watch : WATCH_NONE;
}

unsigned tracer_rules(const struct observer *tracer)
{
	return tracer ? tracer->tracer_rules : 0;
}

static bool denies_exec(const struct policy *policy)
{
	return gate_needed(policy, GATE_EXECVE, &nobody_watches) & GATE_EXECVE;
}

const struct observer *tracer_of_exec(const struct policy *policy)
{
	return denies_exec(policy) && notify_is_available() && notify_is_free()
		       ? &observer_exec
		       : NULL;
}

bool tracer_exec_by_cookie(const struct policy *policy)
{
	return denies_exec(policy) && !tracer_of_exec(policy);
}
