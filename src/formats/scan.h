/* What calls (callexpr.h) and conditions (condition.h) are read with: tokens,
 * numbers and symbols, and the first mistake with its place. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"
#include "tables/abi.h"

struct scan {
	const char *text;
	size_t at;        /* the first byte not yet taken */
	enum abi_id abi;  /* whose symbols' values are meant */
	bool has_remarks; /* newlines and C's comments are blanks too */
	/* after a mistake: where, and what, owned by who began the scan */
	size_t error_at;
	char *error;
};

struct value {
	uint64_t bits; /* in two's complement */
	bool is_negative;
	size_t at;     /* its offset in the text */
};

/* -1; only the first mistake is kept. */
int scan_fail(struct scan *scan, size_t at, const char *fmt, ...)
	printf_like(3, 4);

void scan_blanks(struct scan *scan);

/* Takes a token, and blanks before and behind it, if it is there. */
bool scan_token(struct scan *scan, const char *token);

/* The length of the word that s begins with: letters, digits and '_'. */
size_t word_length(const char *s);

/* Fails with "expected …, found 'word'", or "the end", or what stands here. */
int scan_expected(struct scan *scan, const char *expected);

/* Takes a number of 64 bits, which may have a sign, a symbol or NULL.  0 or -1;
 * expected: what may stand here; otherwise: what to write for an unknown symbol
 * if nothing like it is known. */
int scan_value(struct scan *scan, const char *expected, const char *otherwise,
	       struct value *value);
