/* What to write so that the denied calls are allowed. */
#ifndef SANDBOX_ADVICE_H
#define SANDBOX_ADVICE_H

#include <stdio.h>

#include "report/run_info.h"
#include "tally/tally.h"

/* One line for each remedy that rows need; nothing for no rows. */
void advice_write(FILE *out, const struct run_info *run,
		  const struct tally_row *const *rows, size_t n);

#endif
