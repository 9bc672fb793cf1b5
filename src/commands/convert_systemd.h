/* The policy as a drop-in of a systemd unit, as far as its settings can say it:
 * they do not ask for arguments.  Names that libseccomp does not know, which
 * systemd would pass over, are left out. */
#pragma once

#include <stdio.h>

#include "base/diag.h"
#include "model/policy.h"

/* As oci_write(). */
int systemd_write(FILE *out, const struct policy *policy, const char *lossy,
		  struct diags *diags);
