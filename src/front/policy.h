/* The policy as every command wants it: loaded, and with sense. */
#ifndef SANDBOX_FRONT_POLICY_H
#define SANDBOX_FRONT_POLICY_H

#include "formats/load.h"

/* NULL with all mistakes added to diags; else the caller frees it. */
struct policy *front_policy(const struct policy_request *request,
			    struct diags *diags);

#endif
