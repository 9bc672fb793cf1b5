#include "formats/syntax.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>

#include "base/util.h"
#include "formats/value.h"

/* What is nested is walked recursively, here and later: bounds keep the stack
 * (model/cond.h). */
enum { NODE_LIMIT = 4000, DEPTH_LIMIT = 100 };

struct parser {
	struct syntax *out;
	const char *text;
	size_t at; /* the first byte not yet taken, never a blank */
	int depth;
};

static int fail(struct parser *p, size_t at, const char *fmt, ...)
	printf_like(3, 4);

static int fail(struct parser *p, size_t at, const char *fmt, ...)
{
	va_list args;

	if (p->out->error)
		return -1;
	va_start(args, fmt);
	if (vasprintf(&p->out->error, fmt, args) < 0)
		p->out->error = xstrdup("out of memory");
	va_end(args);
	p->out->error_at = at;
	return -1;
}

static void skip(struct parser *p, size_t n)
{
	p->at += n;
	p->at += strspn(p->text + p->at, " \t");
}

static int fail_here(struct parser *p, const char *expected)
{
	cleanup_free char *found = word_shown(p->text + p->at);

	if (strchr("\"'", p->text[p->at]) && p->text[p->at])
		return fail(p, p->at, "expected %s, found %s: write it without "
			    "quotes", expected, found);
	if (p->text[p->at] == '\\')
		return fail(p, p->at, "'\\' is not needed: an indented line "
			    "continues the one before");
	return fail(p, p->at, "expected %s, found %s", expected, found);
}

static bool take(struct parser *p, const char *token)
{
	if (!has_prefix(p->text + p->at, token))
		return false;
	skip(p, strlen(token));
	return true;
}

static bool take_word(struct parser *p, const char *word)
{
	size_t n = word_length(p->text + p->at);

	if (n != strlen(word) || strncmp(p->text + p->at, word, n) != 0)
		return false;
	skip(p, n);
	return true;
}

static int add_node(struct parser *p, struct syntax_node node)
{
	struct syntax *out = p->out;

	if (out->n >= NODE_LIMIT)
		return fail(p, p->at, "this condition is too long: it has more "
			    "than %d parts", NODE_LIMIT);
	out->nodes = grow(out->nodes, out->n, &out->cap, sizeof(*out->nodes));
	out->nodes[out->n] = node;
	return (int)out->n++;
}

/* Chains hang to the side of b, the last part above the first: cond.h. */
static int add_pair(struct parser *p, enum cond_kind kind, int a, int b)
{
	if (a < 0 || b < 0)
		return -1;
	return add_node(p, (struct syntax_node){.kind = kind, .a = a, .b = b});
}

static int parse_value(struct parser *p, struct syntax_value *out);

static int parse_term(struct parser *p, struct syntax_value *out)
{
	cleanup_free char *word = NULL, *wrong = NULL;
	bool negative;
	size_t n;
	int ret;

	*out = (struct syntax_value){.at = p->at};
	if (take(p, "(")) {
		if (++p->depth > DEPTH_LIMIT)
			return fail(p, p->at, "too many parentheses");
		ret = parse_value(p, out);
		p->depth--;
		if (ret == 0 && !take(p, ")"))
			return fail_here(p, "')'");
		return ret;
	}
	negative = take(p, "-");
	n = word_length(p->text + p->at);
	if (n == 0)
		return fail_here(p, "a number or a symbol");
	if (negative && !isdigit((unsigned char)p->text[p->at]))
		return fail_here(p, "a number after '-'");
	word = xstrndup(p->text + p->at, n);
	wrong = word_value(word, negative, "its number", &out->bits,
			   &out->is_negative);
	if (wrong)
		return fail(p, out->at, "%s", wrong);
	skip(p, n);
	return 0;
}

static int parse_value(struct parser *p, struct syntax_value *out)
{
	struct syntax_value more;

	if (parse_term(p, out) < 0)
		return -1;
	while (!has_prefix(p->text + p->at, "||") && take(p, "|")) {
		if (parse_term(p, &more) < 0)
			return -1;
		out->bits |= more.bits;
		out->is_negative |= more.is_negative;
	}
	return 0;
}

/* One member of a list: a value, or the two ends of a range. */
static int parse_member(struct parser *p, struct syntax_node test)
{
	struct syntax_value high;
	int low;

	if (parse_value(p, &test.value) < 0)
		return -1;
	test.op = OP_EQ;
	if (!take(p, ".."))
		return add_node(p, test);
	if (parse_value(p, &high) < 0)
		return -1;
	test.op = OP_GE;
	low = add_node(p, test);
	test.op = OP_LE;
	test.value = high;
	return add_pair(p, COND_AND, add_node(p, test), low);
}

static int parse_list(struct parser *p, struct syntax_node test, bool negated)
{
	int node;

	if (!take(p, "("))
		return fail_here(p, "'(' after 'in'");
	node = parse_member(p, test);
	while (node >= 0 && take(p, ","))
		node = add_pair(p, COND_OR, parse_member(p, test), node);
	if (node < 0)
		return -1;
	if (!take(p, ")"))
		return fail_here(p, "',' or ')'");
	return negated ? add_pair(p, COND_NOT, node, 0) : node;
}

/* Longer ones first, where one begins with another. */
static const struct {
	const char *token;
	enum cond_op op;
} ops[] = {
	{"==", OP_EQ}, {"!=", OP_NE}, {"<=", OP_LE},
	{">=", OP_GE}, {"<", OP_LT},  {">", OP_GT},
};

static int parse_test(struct parser *p)
{
	struct syntax_node test = {.kind = COND_TEST, .arg = p->at};
	bool negated;

	test.arg_len = word_length(p->text + p->at);
	if (test.arg_len == 0)
		return fail_here(p, "the name of an argument");
	skip(p, test.arg_len);
	if (!has_prefix(p->text + p->at, "&&") && take(p, "&")) {
		test.has_mask = true;
		if (parse_value(p, &test.mask) < 0)
			return -1;
	}
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++)
		if (take(p, ops[i].token)) {
			test.op = ops[i].op;
			if (parse_value(p, &test.value) < 0)
				return -1;
			return add_node(p, test);
		}
	negated = take_word(p, "not");
	if (take_word(p, "in"))
		return parse_list(p, test, negated);
	if (p->text[p->at] == '=')
		return fail(p, p->at, "'=' does not compare: write '=='");
	return fail_here(p, test.has_mask ? "a comparison (== != < <= > >= in)"
					  : "a comparison (== != < <= > >= in "
					    "&)");
}

static int parse_or(struct parser *p);

static int parse_not(struct parser *p)
{
	int node;

	if (++p->depth > DEPTH_LIMIT)
		return fail(p, p->at, "too many parentheses or 'not'");
	if (take_word(p, "not")) {
		node = parse_not(p);
		node = add_pair(p, COND_NOT, node, 0);
	} else if (take(p, "(")) {
		node = parse_or(p);
		if (node >= 0 && !take(p, ")"))
			node = fail_here(p, "'and', 'or' or ')'");
	} else if (p->text[p->at] == '!') {
		node = fail(p, p->at, "write 'not' for '!'");
	} else {
		node = parse_test(p);
	}
	p->depth--;
	return node;
}

static int parse_and(struct parser *p)
{
	int node = parse_not(p);

	while (node >= 0 && take_word(p, "and"))
		node = add_pair(p, COND_AND, parse_not(p), node);
	return node;
}

static int parse_or(struct parser *p)
{
	int node = parse_and(p);

	while (node >= 0 && take_word(p, "or"))
		node = add_pair(p, COND_OR, parse_and(p), node);
	return node;
}

int syntax_parse(struct syntax *syntax, const char *text, size_t offset)
{
	struct parser p = {.out = syntax, .text = text, .at = offset};

	*syntax = (struct syntax){0};
	skip(&p, 0);
	syntax->root = parse_or(&p);
	if (syntax->root < 0)
		return -1;
	if (has_prefix(text + p.at, "&&"))
		return fail(&p, p.at, "write 'and' for '&&'");
	if (has_prefix(text + p.at, "||"))
		return fail(&p, p.at, "write 'or' for '||'");
	return text[p.at] ? fail_here(&p, "'and', 'or' or the end") : 0;
}

void syntax_free(struct syntax *syntax)
{
	free(syntax->nodes);
	free(syntax->error);
	*syntax = (struct syntax){0};
}
