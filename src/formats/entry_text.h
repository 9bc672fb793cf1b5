/* What stands right of a call's '=' in a policy file. */
#ifndef SANDBOX_ENTRY_TEXT_H
#define SANDBOX_ENTRY_TEXT_H

#include "model/policy.h"

/* Without its errno: "always", "if flags & O_WRITES == 0", "only if …".  The
 * policy's ABIs count.  malloc'd; NULL: one text cannot say it. */
char *entry_text(const struct policy *policy, const struct entry *entry);

#endif
