/* The clock that nobody sets, CLOCK_MONOTONIC. */
#ifndef SANDBOX_CLOCK_H
#define SANDBOX_CLOCK_H

#include <stdint.h>
#include <time.h>

int64_t now_ms(void);
double seconds_since(const struct timespec *start);

#endif
