#include "review/sample.h"

#include "tables/argument.h"
#include "tables/syscall.h"

void sample_use(struct sample *sample, const struct decision *decision)
{
	for (size_t i = 0; i < decision->n; i++)
		sample->used |= cond_args(decision->clauses[i].cond);
}

/* The first named value but 0 with which the diagram still holds. */
static void choose(struct sample *sample, const struct diagram_store *store,
		   diagram where, int arg, const struct family *family)
{
	uint64_t found = sample->args[arg];

	for (size_t i = 0; i < family->n; i++) {
		sample->args[arg] = family->rows[i].value;
		if (family->rows[i].value &&
		    diagram_eval(store, where, sample->args))
			return;
	}
	sample->args[arg] = found;
}

bool sample_find(struct sample *sample, struct diagram_store *store,
		 diagram where, uint32_t call)
{
	if (where == DIAGRAM_NONE ||
	    !diagram_differ(store, where, DIAGRAM_FALSE, sample->args))
		return false;
	for (int arg = 0; arg < 6; arg++) {
		const struct family *family =
			syscall_row(call) && sample->used >> arg & 1
				? argument_family(call, arg)
				: NULL;

		if (family && !family->is_flags)
			choose(sample, store, where, arg, family);
	}
	return true;
}

char *sample_text(const struct sample *sample, enum abi_id abi, uint32_t call)
{
	char buf[16];

	return argument_call_text(syscall_name(call, buf), abi, call,
				  sample->args, sample->used, 0);
}
