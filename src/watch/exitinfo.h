/* How a process ended, asked by somebody who is not its parent. */
#ifndef SANDBOX_EXITINFO_H
#define SANDBOX_EXITINFO_H

/* By a pidfd that was opened while the process lived, without privilege:
 *   0            *status is its wait status;
 *   -1, EAGAIN   it runs still, or its parent has not yet waited for it: once
 *                that is done, poll(2) says POLLHUP;
 *   -1           this kernel does not tell (Linux 6.15). */
int exitinfo_get(int pidfd, int *status);

#endif
