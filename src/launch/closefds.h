/* --close-fds: CMD keeps descriptors 0-2. Room-internal. */
#ifndef SANDBOX_CLOSEFDS_H
#define SANDBOX_CLOSEFDS_H

/* All others are to be closed by the exec. Makes no libc call that writes
 * memory (launch/child.h). 0 or -errno. */
long closefds_at_exec(void);

#endif
