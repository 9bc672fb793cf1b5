/* Which of a unit's settings give the service another view of the files than
 * the administrator has: systemd.exec(5), "SANDBOXING". */
#ifndef SANDBOX_UNITHIDES_H
#define SANDBOX_UNITHIDES_H

#include "commands/unitfile.h"

/* The setting that hides the file at this absolute path from the service;
 * NULL: none, or it is bound there all the same. */
const char *unit_hides(const struct unit *unit, const char *path);

#endif
