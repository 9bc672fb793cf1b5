#include "model/policy.h"

#include <stdlib.h>

#include "base/util.h"

/* Only its address counts. */
const struct cond cond_unaskable = {
	.kind = COND_TEST, .bits = 64, .op = OP_EQ, .mask = 0, .value = 1,
};
const struct cond *const cond_always[ABI_COUNT];

struct policy *policy_new(enum abi_id machine)
{
	struct policy *policy = xcalloc(1, sizeof(*policy));

	policy->machine = machine;
	return policy;
}

static void free_layer(struct layer *layer)
{
	if (layer->quiet)
		free_layer(layer->quiet);
	arena_free(&layer->memory);
	free(layer->by_call);
	free(layer->rules);
	free(layer->description);
	free(layer->file);
	free(layer);
}

void policy_free(struct policy *policy)
{
	if (!policy)
		return;
	for (size_t i = 0; i < policy->n_layers; i++)
		free_layer(policy->layers[i]);
	free(policy->layers);
	arena_free(&policy->conds);
	free(policy);
}

void cleanup_policy_impl(struct policy **policy)
{
	policy_free(*policy);
}

static struct layer *new_layer(const char *file)
{
	struct layer *layer = xcalloc(1, sizeof(*layer));

	layer->file = xstrdup(file);
	layer->by_call = xcalloc(syscall_count(), sizeof(struct entry *));
	return layer;
}

struct layer *layer_add_quiet(struct layer *layer)
{
	if (!layer->quiet)
		layer->quiet = new_layer(layer->file);
	return layer->quiet;
}

struct layer *policy_add_layer(struct policy *policy, const char *file)
{
	struct layer *layer = new_layer(file);

	layer->place = policy->n_layers;
	return push(policy->layers, policy->n_layers, policy->cap_layers) =
		       layer;
}

struct rule *policy_add_rule(struct layer *layer, struct rule rule)
{
	struct rule *copy = arena_alloc(&layer->memory, sizeof(*copy));

	*copy = rule;
	copy->group = rule.group ? arena_strdup(&layer->memory, rule.group)
				 : NULL;
	copy->layer = layer;
	copy->place = layer->n_rules;
	if (!copy->at.file)
		copy->at.file = layer->file;
	return push(layer->rules, layer->n_rules, layer->cap_rules) = copy;
}

/* Where the list of a call begins, or would begin. */
static struct entry **find_first(const struct layer *layer, uint32_t call)
{
	struct entry **place = (struct entry **)&layer->raw;

	if (!(call & CALL_RAW))
		return &layer->by_call[call];
	while (*place && (*place)->call != call)
		place = &(*place)->next_raw;
	return place;
}

struct entry *rule_add_call(struct rule *rule, uint32_t call,
			    const struct cond *const *cond)
{
	struct arena *memory = &rule->layer->memory;
	size_t size = ABI_COUNT * sizeof(*cond);
	struct entry *entry = arena_alloc(memory, sizeof(*entry));
	struct entry **first = find_first(rule->layer, call);

	entry->call = call;
	entry->rule = rule;
	entry->cond = cond ? memcpy(arena_alloc(memory, size), cond, size)
			   : cond_always;
	if (*first)
		(*first)->last->next = entry;
	else
		*first = entry;
	(*first)->last = entry;
	return entry;
}

const struct entry *layer_entries(const struct layer *layer, uint32_t call)
{
	return *find_first(layer, call);
}

const struct entry *layer_next(const struct layer *layer,
			       const struct entry *first)
{
	uint32_t call = first ? first->call + 1 : 0;

	if (first && first->call & CALL_RAW)
		return first->next_raw;
	while (call < syscall_count() && !layer->by_call[call])
		call++;
	return call < syscall_count() ? layer->by_call[call] : layer->raw;
}

const struct entry *policy_next(const struct policy *policy,
				const struct entry *first)
{
	size_t i = first ? first->rule->layer->place : 0;

	while (i < policy->n_layers &&
	       !(first = layer_next(policy->layers[i], first)))
		i++;
	return first;
}

uint32_t policy_next_raw(const struct policy *policy, enum abi_id abi,
			 uint32_t above)
{
	uint32_t next = UINT32_MAX;

	for (size_t i = 0; i < policy->n_layers; i++)
		for (const struct entry *e = policy->layers[i]->raw; e;
		     e = e->next_raw) {
			int64_t nr = syscall_number(e->call, abi);

			if (nr > above && nr < next)
				next = (uint32_t)nr;
		}
	return next;
}

bool policy_names(const struct policy *policy, uint32_t call)
{
	for (size_t i = 0; i < policy->n_layers; i++)
		for (const struct entry *e =
			     layer_entries(policy->layers[i], call);
		     e; e = e->next)
			if (e->rule != policy->without)
				return true;
	return false;
}

bool policy_is_quiet(const struct policy *policy, uint32_t call)
{
	for (size_t i = 0; i < policy->n_layers; i++)
		if (policy->layers[i]->quiet &&
		    layer_entries(policy->layers[i]->quiet, call))
			return true;
	return false;
}

int policy_abi_with(const struct policy *policy, uint32_t call)
{
	for (int i = 0; i < ABI_COUNT; i++) {
		enum abi_id abi = (enum abi_id)((policy->machine + i) % ABI_COUNT);

		if (policy_admits(policy, abi) &&
		    syscall_number(call, abi) >= 0)
			return abi;
	}
	return -1;
}
