/* The report for programs: JSON, version 1; sandbox(1) lists the members.
 * Members keep their order and their meaning; new ones may come. */
#ifndef SANDBOX_REPORT_JSON_H
#define SANDBOX_REPORT_JSON_H

#include <stdio.h>

#include "report/run_info.h"
#include "tally/tally.h"

void report_json(FILE *out, const struct run_info *run, struct tally *tally);

#endif
