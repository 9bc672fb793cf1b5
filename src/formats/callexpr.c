#include "formats/callexpr.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>

#include "base/util.h"
#include "formats/spelling.h"
#include "formats/value.h"
#include "tables/signature.h"
#include "tables/syscall.h"

struct parser {
	struct callexpr *out;
	const char *text;
	size_t at;
	bool x32;
};

static int fail(struct parser *p, size_t at, const char *fmt, ...)
	printf_like(3, 4);

static int fail(struct parser *p, size_t at, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&p->out->error, fmt, args) < 0)
		p->out->error = xstrdup("out of memory");
	va_end(args);
	p->out->error_at = at;
	return -1;
}

/* Blanks, and strace's remarks, which it writes as C's. */
static void skip_blanks(struct parser *p)
{
	const char *end;

	for (;;) {
		p->at += strspn(p->text + p->at, " \t\n");
		if (!has_prefix(p->text + p->at, "/*"))
			return;
		end = strstr(p->text + p->at + 2, "*/");
		if (!end)
			return;
		p->at = (size_t)(end - p->text) + 2;
	}
}

static bool take(struct parser *p, char c)
{
	skip_blanks(p);
	if (p->text[p->at] != c)
		return false;
	p->at++;
	return true;
}

static int fail_here(struct parser *p, const char *expected)
{
	const char *s = p->text + p->at;
	cleanup_free char *found = word_shown(s);

	if (*s && !isprint((unsigned char)*s))
		return fail(p, p->at, "expected %s", expected);
	return fail(p, p->at, "expected %s, found %s", expected, found);
}

/* ------------------------------------------------------- the name or number */

static int take_number(struct parser *p, const char *word, bool negative)
{
	struct callexpr *out = p->out;
	unsigned long long n;

	if (!parse_u64(word, &n) || n > (negative ? 1 : UINT32_MAX))
		return fail(p, 0, "'%s%s' is not the number of a call",
			    negative ? "-" : "", word);
	out->nr = negative ? -(uint32_t)n : (uint32_t)n;
	out->call = out->nr & CALL_RAW ? CALL_NONE
				       : syscall_by_number(out->abi, out->nr);
	return 0;
}

static int take_name(struct parser *p, const char *word)
{
	struct callexpr *out = p->out;
	cleanup_free char *advice = NULL;
	int64_t nr;

	out->call = syscall_by_name(word);
	if (out->call == CALL_NONE) {
		advice = spelling_of_call(word);
		return advice ? fail(p, 0, "unknown system call '%s' (%s)",
				     word, advice)
			      : fail(p, 0, "unknown system call '%s'", word);
	}
	nr = syscall_number(out->call, out->abi);
	if (nr < 0)
		return fail(p, 0, "there is no %s on %s%s", word,
			    abis[out->abi].name,
			    out->has_abi ? "" : ": name its ABI, as in "
					       "'socketcall@x86'");
	out->nr = (uint32_t)nr;
	return 0;
}

static int parse_abi(struct parser *p)
{
	cleanup_free char *name = NULL;
	size_t at = ++p->at, n = word_length(p->text + at);
	int abi;

	name = xstrndup(p->text + at, n);
	p->at += n;
	p->x32 = streq(name, "x32");
	abi = p->x32 ? ABI_X86_64 : abi_by_name(name);
	if (abi < 0)
		return fail(p, at, "unknown ABI '%s': there are x86_64, x86, "
			    "x32 and aarch64", name);
	p->out->has_abi = true;
	p->out->abi = (enum abi_id)abi;
	return 0;
}

static int parse_call(struct parser *p)
{
	cleanup_free char *word = NULL;
	bool negative = take(p, '-');
	size_t start, n;
	int ret;

	skip_blanks(p);
	start = p->at;
	n = word_length(p->text + start);
	if (n == 0)
		return fail_here(p, "the name or number of a system call");
	word = xstrndup(p->text + start, n);
	p->at += n;
	p->out->abi = ABI_NATIVE;
	if (p->text[p->at] == '@' && parse_abi(p) < 0)
		return -1;
	if (isdigit((unsigned char)word[0]))
		ret = take_number(p, word, negative);
	else if (negative)
		return fail(p, start, "expected a number after '-', found "
			    "'%s'", word);
	else
		ret = take_name(p, word);
	if (ret < 0)
		p->out->error_at = start;
	if (ret == 0 && p->x32)
		p->out->nr |= X32_BIT;
	return ret;
}

/* ---------------------------------------------------------------- arguments */

/* A string up to its closing quote, and strace's "..." behind it. */
static int skip_string(struct parser *p)
{
	size_t start = p->at++;

	while (p->text[p->at] != '"') {
		if (p->text[p->at] == '\\' && p->text[p->at + 1])
			p->at++;
		if (!p->text[p->at])
			return fail(p, start, "this string does not end");
		p->at++;
	}
	p->at++;
	if (has_prefix(p->text + p->at, "..."))
		p->at += 3;
	return 0;
}

/* [...] or {...} as strace shows memory: what is within is not looked at,
 * but for strings, which may hold brackets. */
static int skip_brackets(struct parser *p)
{
	size_t start = p->at;
	int depth = 0;

	do {
		char c = p->text[p->at];

		if (!c)
			return fail(p, start, "this bracket is not closed");
		if (c == '"') {
			if (skip_string(p) < 0)
				return -1;
			continue;
		}
		depth += c == '[' || c == '{';
		depth -= c == ']' || c == '}';
		p->at++;
	} while (depth > 0);
	return 0;
}

/* A number with its sign, or a symbol. */
static int parse_term(struct parser *p, uint64_t *value)
{
	cleanup_free char *word = NULL, *wrong = NULL;
	bool negative = take(p, '-'), is_negative;
	size_t n;

	skip_blanks(p);
	n = word_length(p->text + p->at);
	if (n == 0)
		return fail_here(p, "a number, a symbol, a string, NULL or _");
	if (negative && !isdigit((unsigned char)p->text[p->at]))
		return fail_here(p, "a number after '-'");
	word = xstrndup(p->text + p->at, n);
	wrong = word_value(word, negative, "its number, or _ for any value",
			   value, &is_negative);
	if (wrong)
		return fail(p, p->at, "%s", wrong);
	p->at += n;
	return 0;
}

static int parse_value(struct parser *p, struct callexpr_arg *arg)
{
	uint64_t more;

	arg->kind = CALLEXPR_VALUE;
	arg->value = 0;
	do {
		if (parse_term(p, &more) < 0)
			return -1;
		arg->value |= more;
	} while (take(p, '|'));
	return 0;
}

static int parse_arg(struct parser *p, struct callexpr_arg *arg)
{
	const char *s;

	skip_blanks(p);
	s = p->text + p->at;
	if (*s == '_' && word_length(s) == 1) {
		p->at++;
		arg->kind = CALLEXPR_ANY;
		return 0;
	}
	if (*s != '"' && *s != '[' && *s != '{')
		return parse_value(p, arg);
	arg->kind = CALLEXPR_POINTER;
	return *s == '"' ? skip_string(p) : skip_brackets(p);
}

/* How many arguments the call has; 6 if that is not known. */
static int arity(const struct callexpr *expr)
{
	const struct signature *signature =
		signature_of(expr->abi, expr->call);

	return signature ? signature->n : 6;
}

static int parse_args(struct parser *p)
{
	struct callexpr *out = p->out;
	int most = arity(out);
	char buf[16];

	out->has_args = true;
	if (take(p, ')'))
		return 0;
	do {
		skip_blanks(p);
		if (out->n_args == most)
			return fail(p, p->at, "%s has %d argument%s",
				    syscall_name(out->call, buf), most,
				    most == 1 ? "" : "s");
		if (parse_arg(p, &out->args[out->n_args]) < 0)
			return -1;
		out->n_args++;
	} while (take(p, ','));
	if (!take(p, ')'))
		return fail_here(p, "',' or ')'");
	return 0;
}

/* An i386 register holds 32 bits; a negative number fills them. */
static void cut_registers(struct callexpr *out)
{
	if (abis[out->abi].bits == 64)
		return;
	for (int i = 0; i < out->n_args; i++)
		if (out->args[i].value >> 32 == UINT32_MAX)
			out->args[i].value &= UINT32_MAX;
}

int callexpr_parse(struct callexpr *out, const char *text)
{
	struct parser p = {.out = out, .text = text};

	*out = (struct callexpr){0};
	if (parse_call(&p) < 0)
		return -1;
	if (take(&p, '(') && parse_args(&p) < 0)
		return -1;
	cut_registers(out);
	if (out->has_args && take(&p, '='))
		return 0;
	skip_blanks(&p);
	if (!text[p.at])
		return 0;
	return fail_here(&p, out->has_args ? "nothing after ')'" : "'('");
}

void callexpr_free(struct callexpr *expr)
{
	free(expr->error);
	*expr = (struct callexpr){0};
}
