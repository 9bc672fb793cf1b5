/* A policy in a format that says less: what is common to those.
 *
 * The writer says what it can.  That is read again, and how it differs from the
 * policy is what the format cannot say: a mistake, or under --lossy (NULL,
 * "strict", "loose") a change that way, which is told. */
#pragma once

#include <linux/seccomp.h>

#include "base/diag.h"
#include "filter/answer.h"
#include "model/decide.h"
#include "model/diagram.h"
#include "run/options.h"

/* Writes the policy; -1 with what the format cannot say added to diags: then
 * nothing of what was written counts.  Changes and notes are there in both
 * cases. */
typedef int write_policy(FILE *out, const struct policy *policy,
			 const struct options *options, struct diags *diags);

write_policy oci_write, systemd_write; /* convert_oci.c, convert_systemd.c */

struct export {
	const struct policy *policy;
	struct policy *said; /* what was written means */
	const char *kind;
	struct source at;
	bool strict, loose, is_quiet;
	struct diags *diags, notes;
	struct diagram_store *store;
	struct decision decision; /* of the number in hand */
	uint32_t fallback;        /* answer of the default */
	char *unknown;            /* calls that get the default, " a b c" */
	bool is_weaker;           /* for one of them, than the policy */
	size_t n_before;          /* mistakes in diags */
};

/* kind: what is written, "profile". */
void export_open(struct export *export, const char *kind,
		 const struct policy *policy, const char *lossy,
		 struct diags *diags);
/* The ABI by which the call is asked for; -1: it is none of the policy's. */
int export_abi(const struct export *export, uint32_t call);
/* Of a policy, to a call that has an ABI; its number is in hand then. */
diagram export_answer(struct export *export, const struct policy *policy,
		      uint32_t call);
/* Of the number in hand, if its arguments are not asked: one of its answers. */
uint32_t export_one_answer(const struct export *export);
/* False, and remembered: libseccomp does not know the call in hand. */
bool export_knows(struct export *export, uint32_t call);
void export_compare(struct export *export, const char *text);
/* 0, or -1 with mistakes in diags; changes and notes are there in both cases. */
int export_close(struct export *export);

/* The kernel's order, a signed number: the strictest first. */
static inline int32_t answer_strength(uint32_t answer)
{
	return (int32_t)(answer & SECCOMP_RET_ACTION_FULL);
}
