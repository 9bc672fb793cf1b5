/* `final = all`: whatever the other layers say, no answer is less strict than
 * this one's own.  A layer's own answers are those of the policy that it would be
 * alone, with the built-in values of what it does not set; but without an errno it
 * takes that of the policy, and without a default it leaves alone what its rules
 * do not mention. */
#include "base/util.h"
#include "model/decide.h"

/* Borrows all; layer is in the policy's list. */
static struct policy alone(const struct policy *policy, struct layer **layer)
{
	struct policy own = *policy;

	own.layers = layer;
	own.n_layers = 1;
	policy_settle(&own);
	if (!own.effective[SET_DEFAULT].at.file)
		own.effective[SET_DEFAULT].value = ACTION_ALLOW;
	if (!own.effective[SET_ERRNO].at.file)
		own.effective[SET_ERRNO] = policy->effective[SET_ERRNO];
	return own;
}

static void raise_to(struct setting *setting, const struct setting *own)
{
	if (own->value > setting->value)
		*setting = *own;
}

/* What settings answer is no less strict either.  What neither mentions is new
 * only if it is to both, where the layer would kill it. */
static void bound(struct setting *set, const struct setting *own)
{
	struct setting *admitted = &set[SET_ARCHITECTURES];
	int both = admitted->value & own[SET_ARCHITECTURES].value;

	if (own[SET_DEFAULT].at.file)
		raise_to(&set[SET_DEFAULT], &own[SET_DEFAULT]);
	if (own[SET_DEFAULT].value == ACTION_KILL)
		raise_to(&set[SET_KERNEL], &own[SET_KERNEL]);
	raise_to(&set[SET_FOREIGN], &own[SET_FOREIGN]);
	if (both != admitted->value)
		*admitted = (struct setting){
			both, own[SET_ARCHITECTURES].at};
	/* foreign here, and a rule of the layer may kill there */
	if (both != own[SET_ARCHITECTURES].value)
		set[SET_FOREIGN].value = ACTION_KILL;
}

void policy_bound(struct policy *policy)
{
	/* twice: a later one may leave less than the first has seen */
	for (size_t i = 0; i < 2 * policy->n_layers; i++) {
		struct layer **layer = &policy->layers[i % policy->n_layers];

		if ((*layer)->settings[SET_FINAL].value == FINAL_ALL)
			bound(policy->effective,
			      alone(policy, layer).effective);
	}
}

/* Of two denials the first one's errno stays. */
static struct verdict stricter(struct verdict verdict,
			       const struct verdict *own,
			       const struct layer *layer)
{
	if (own->action > verdict.action)
		verdict = *own;
	if (!action_runs(own->action) && !verdict.final)
		verdict.final = layer;
	return verdict;
}

/* The list, each clause cut up by the layer's own. */
static void lower(struct writer *writer, struct layer **layer, uint32_t nr)
{
	struct policy policy = alone(writer->policy, layer);
	struct decision *out = writer->out, own = {0};
	struct writer below = {
		.policy = &policy, .abi = writer->abi, .out = &own};
	cleanup_free struct clause *old = out->clauses;
	size_t n = out->n;

	writer_add_number(&below, nr);
	out->clauses = NULL;
	out->n = out->cap = 0;
	writer->closed = false;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < own.n; j++)
			writer_add(writer,
				   cond_and(&out->conds, old[i].cond,
					    own.clauses[j].cond),
				   stricter(old[i].verdict,
					    &own.clauses[j].verdict, *layer));
	arena_take(&out->conds, &own.conds);
	decision_free(&own);
}

void lower_to_ceilings(struct writer *writer, uint32_t nr)
{
	struct layer **layers = writer->policy->layers;

	for (size_t i = writer->policy->n_layers; i-- > 0;)
		if (layers[i]->settings[SET_FINAL].value == FINAL_ALL)
			lower(writer, &layers[i], nr);
}
