/* What a compiled program depends on, as the name of its cache entry.
 *
 * Everything that goes into compile() goes in: each layer's settings, rules
 * and conditions, the tracer's rules, how it is watched, the gates, this
 * build of the tool (so the tables and the compiler) and the version of
 * libseccomp.  Texts that have no effect (comments, file names, the place of a
 * line) do not.
 *
 * Nothing rests on it but speed: two inputs with one key would cost the one a
 * failed proof and a fresh compile (cache.h). */
#ifndef SANDBOX_KEY_H
#define SANDBOX_KEY_H

#include "filter/answer.h"
#include "model/policy.h"

enum { KEY_SIZE = 16 };

struct key {
	unsigned char bytes[KEY_SIZE];
};

/* Of what compile(policy, answers, gates) would build. */
struct key key_of(const struct policy *policy, const struct answers *answers,
		  unsigned gates);

/* Of what the policy says, by any build of the same tables: reports carry it,
 * so that it is known whether they are of this text of a policy.  Lower-case
 * hexadecimal. */
enum { POLICY_DIGEST_SIZE = 2 * KEY_SIZE + 1 };
void policy_digest(const struct policy *policy,
		   char text[static POLICY_DIGEST_SIZE]);

#endif
