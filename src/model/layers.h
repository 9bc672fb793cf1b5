/* Writing a decision list; private to this room.
 *
 * decide.c starts it, layers.c asks the layers, multiplex.c stands in for
 * them where one number carries many calls, tracer_rules.c has the last word. */
#ifndef SANDBOX_LAYERS_H
#define SANDBOX_LAYERS_H

#include "model/decision.h"

struct writer {
	const struct policy *policy;
	enum abi_id abi;
	struct decision *out;
	bool implicit; /* of the call in question */
	bool closed; /* the last clause has no condition: nothing may follow */
};

/* Adds a clause unless the list is closed or the condition never holds. */
void writer_add(struct writer *writer, const struct cond *cond,
		struct verdict verdict);

/* Adds that the call is allowed because nothing can live without it. */
void add_implicit(struct writer *writer);

/* The whole list of one call, up to a clause without a condition.  CALL_NONE:
 * a number that no rule can name. */
void add_call(struct writer *writer, uint32_t call);

/* i386's socketcall and ipc carry other calls, and this is their list then;
 * false, and nothing added, for any other number. */
bool add_multiplexed(struct writer *writer, uint32_t nr, uint32_t call);

/* What the finished list would run is denied where a tracer rule says so. */
void insert_tracer_rules(struct writer *writer, uint32_t call);

#endif
