/* The policy as a seccomp profile of Docker, Podman and OCI runtimes.
 *
 * Each path through a call's diagram is a rule, so that no two rules meet and
 * their order is of no account.  What was written is read again, and how it
 * differs from the policy is what a profile cannot say: a mistake, or under
 * --lossy (NULL, "strict", "loose") a change that way, which is told.  Then
 * libseccomp makes a program of the rules, as it does for a runtime, and that
 * is proved to answer as the profile says. */
#pragma once

#include <stdio.h>

#include "base/diag.h"
#include "model/policy.h"

/* 0, or -1 with mistakes in diags; changes and notes are there in both cases. */
int oci_write(FILE *out, const struct policy *policy, const char *lossy,
	      struct diags *diags);
