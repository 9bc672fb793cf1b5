/* The one way in which the front end says no. */
#ifndef SANDBOX_REFUSE_H
#define SANDBOX_REFUSE_H

/* Prints "sandbox: WHY; the command was not started", frees why, and returns
 * EXITCODE_SANDBOX. */
int refuse(char *why);

#endif
