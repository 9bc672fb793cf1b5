/* The clock that nobody sets, CLOCK_MONOTONIC. */
#pragma once

#include <stdint.h>
#include <time.h>

int64_t now_ms(void);
double seconds_since(const struct timespec *start);
