/* The policies that the cages are made of: base.ini, and what the pieces of
 * run/cage.h add to it.  For `make cage` and the test
 * that proves its result; sandbox itself has the programs alone. */
#ifndef SANDBOX_CAGE_PIECES_H
#define SANDBOX_CAGE_PIECES_H

#include <stdlib.h>

#include "base/util.h"
#include "formats/load.h"
#include "run/cage.h"

/* From the innermost layer outward. */
static const struct {
	const char *name;
	unsigned pieces; /* which need it; 0: it is always there */
} cage_layers[] = {
	{"base", 0},
	{"threads", CAGE_NOTIFY | CAGE_PTRACE | CAGE_EXEC | CAGE_SOCKETS},
	{"monitor", CAGE_NOTIFY | CAGE_PTRACE},
	{"notify", CAGE_NOTIFY | CAGE_EXEC},
	{"ptrace", CAGE_PTRACE},
	{"files", CAGE_FILES},
	{"sockets", CAGE_SOCKETS},
};

static inline bool cage_has_layer(unsigned pieces, size_t i)
{
	return !cage_layers[i].pieces || cage_layers[i].pieces & pieces;
}

/* Where the program is used: one way to start CMD, and files only where it is
 * watched. */
static inline bool cage_is_used(unsigned pieces)
{
	switch (pieces & (CAGE_NOTIFY | CAGE_PTRACE | CAGE_EXEC)) {
	case CAGE_NOTIFY:
	case CAGE_PTRACE:
		return true;
	case CAGE_EXEC:
	case 0:
		return !(pieces & CAGE_FILES);
	default:
		return false;
	}
}

/* From the files in a folder; as policy_load(). */
static inline struct policy *cage_policy(enum abi_id machine,
					 const char *folder, unsigned pieces,
					 struct diags *diags)
{
	char *paths[ARRAY_SIZE(cage_layers)];
	struct policy_request request = {.policies = (const char **)paths,
					 .abi = &abis[machine]};
	struct policy *policy;

	for (size_t i = 0; i < ARRAY_SIZE(cage_layers); i++)
		if (cage_has_layer(pieces, i))
			paths[request.n++] = xasprintf("%s/%s.ini", folder,
						       cage_layers[i].name);
	policy = policy_load(&request, diags);
	for (size_t i = 0; i < request.n; i++)
		free(paths[i]);
	return policy;
}

#endif
