/* The observers there are (launch/observer.h is their interface). */
#ifndef SANDBOX_OBSERVERS_H
#define SANDBOX_OBSERVERS_H

#include "launch/observer.h"

extern const struct observer observer_ptrace;
extern const struct observer observer_notify;

#endif
