/* The grammar of conditions, text -> tree.  Arguments are still names here:
 * condition.h resolves them for each ABI.
 *
 *     cond  = and { "or" and }            and  = not { "and" not }
 *     not   = "not" not | "(" cond ")" | test
 *     test  = ARG [ "&" value ] ( OP value | [ "not" ] "in" "(" list ")" )
 *     list  = value [ ".." value ] { "," value [ ".." value ] }
 *     value = term { "|" term }
 *     term  = [ "-" ] NUMBER | SYMBOL | "(" value ")"
 */
#ifndef SANDBOX_SYNTAX_H
#define SANDBOX_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/cond.h"

struct syntax_value {
	uint64_t bits; /* in two's complement */
	bool is_negative;
	size_t at;     /* its offset in the text */
};

struct syntax_node {
	enum cond_kind kind;
	int a, b; /* COND_AND, COND_OR: indices of nodes; COND_NOT: a */
	/* COND_TEST */
	size_t arg, arg_len; /* the name's place in the text */
	bool has_mask;
	struct syntax_value mask, value;
	enum cond_op op;
};

struct syntax {
	struct syntax_node *nodes;
	size_t n, cap;
	int root;
	/* after a mistake: where, and what, owned */
	size_t error_at;
	char *error;
};

/* Reads the text from an offset to its end. 0, or -1 with error set. To be
 * freed in any case. */
int syntax_parse(struct syntax *syntax, const char *text, size_t offset);
void syntax_free(struct syntax *syntax);

#endif
