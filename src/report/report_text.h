/* The report for people: a headline, a table, and what would allow it. */
#ifndef SANDBOX_REPORT_TEXT_H
#define SANDBOX_REPORT_TEXT_H

#include <stdio.h>

#include "report/run_info.h"
#include "tally/tally.h"

void report_text(FILE *out, const struct run_info *run, struct tally *tally);

#endif
