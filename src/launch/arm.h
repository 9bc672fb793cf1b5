/* What both ways of a launch do with its program.  Room-internal. */
#ifndef SANDBOX_ARM_H
#define SANDBOX_ARM_H

#include "launch/handshake.h"
#include "launch/launch.h"

/* Cookie and proof (struct launch's arm), in a process that nobody of the same
 * user can read any more. 0, or an exit status with the reason printed. */
int arm_program(const struct launch *launch, struct handshake *shared);

#endif
