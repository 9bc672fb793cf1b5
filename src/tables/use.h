/* Lists of calls, as the tables write them: names separated by blanks.
 * "@group" means its members; a name with a colon ("clone:newns") is a use of
 * a call: only some arguments, by the rows of use.c; of two
 * ("open:creates:suid") both; in capitals ("ioctl:TIOCSTI") a symbol's value.
 * "ioctl:*" is for who gives a meaning to what no other use says. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* (args[arg] cut to bits) & mask is value, or is not. */
struct use_test {
	uint8_t arg, bits;
	bool equal;
	uint64_t mask, value;
};

enum { USE_TESTS = 2, USE_LABEL = 64, USE_DEPTH = 4 };

struct use {
	uint32_t call;
	bool rest;  /* ":*" */
	bool never; /* a symbol that the headers lack */
	struct use_test tests[USE_TESTS];
	int n;      /* of them; 0: whatever the arguments */
	char label[USE_LABEL]; /* "clone with CLONE_NEWNS" … or the call's name;
	                          has a ':' where the table is wrong */
};

/* The next one, false at the end; start with USE_LIST(text). */
struct use_list {
	const char *rest[USE_DEPTH]; /* of the list, of the group in it … */
	int depth;
};
#define USE_LIST(text) ((struct use_list){.rest = {text}})
bool use_next(struct use_list *list, struct use *use);
/* for_uses (text, &use) … */
#define for_uses(text, use)                                                    \
	for (struct use_list use_list = USE_LIST(text);                        \
	     use_next(&use_list, use);)

/* The argument of a call that says which of many operations is meant (ioctl's
 * cmd), so that powers are told apart by its single values; -1: none. */
int use_selector(uint32_t call);

/* Do all tests hold? */
bool use_holds(const struct use *use, const uint64_t args[static 6]);
