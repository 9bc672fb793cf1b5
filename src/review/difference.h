/* How two policies differ in what they do, call by call and for all arguments;
 * the text of their files is of no account. */
#pragma once

#include "model/policy.h"
#include "review/survey.h"

/* Arguments for which A and B give these two answers. */
struct difference_class {
	effect a, b;
	char *sample; /* "socket(AF_INET, _, _)", owned */
};

struct difference {
	char *what;     /* "socket", "socket (x86)", "numbers without a name
	                   (x86_64)", "foreign ABIs", "privileges"; owned */
	char *a, *b;    /* "allow if family == AF_UNIX, else deny EPERM" */
	bool is_call;   /* a call of abi, by its number */
	enum abi_id abi;
	uint32_t nr, call;
	/* if the answer depends on arguments; else none */
	struct difference_class *classes;
	size_t n_classes, cap_classes;
};

struct differences {
	struct difference *items;
	size_t n, cap;
};

/* Settings first, then the calls of each ABI by name.  0, or -1: the
 * conditions of *call are too large to be compared.  To be freed in both
 * cases. */
int differences_find(const struct policy *a, const struct policy *b,
		     struct differences *out, uint32_t *call);
void differences_free(struct differences *differences);
