#include "formats/callexpr.h"

#include <ctype.h>
#include <stdlib.h>

#include "formats/scan.h"
#include "formats/spelling.h"
#include "tables/alias.h"
#include "tables/signature.h"
#include "tables/syscall.h"

/* ------------------------------------------------------- the name or number */

static int take_number(struct scan *in, struct callexpr *out, size_t at,
		       const char *word, bool negative)
{
	unsigned long long n;

	if (!parse_u64(word, &n) || n > (negative ? 1 : UINT32_MAX))
		return scan_fail(in, at, "'%s%s' is not the number of a call",
				 negative ? "-" : "", word);
	out->nr = negative ? -(uint32_t)n : (uint32_t)n;
	out->call = out->nr & CALL_RAW ? CALL_NONE
				       : syscall_by_number(out->abi, out->nr);
	return 0;
}

static int take_name(struct scan *in, struct callexpr *out, size_t at,
		     const char *word)
{
	cleanup_free char *advice = NULL;
	uint32_t native;
	int64_t nr;

	out->call = syscall_by_name(word);
	if (out->call == CALL_NONE) {
		advice = spelling_of_call(word);
		return scan_fail(in, at, "unknown system call '%s'%s%s%s", word,
				 advice ? " (" : "", advice ? advice : "",
				 advice ? ")" : "");
	}
	nr = syscall_number(out->call, out->abi);
	native = native_call(out->call, out->abi);
	if (nr < 0)
		return scan_fail(in, at, "there is no %s on %s%s%s", word,
				 abis[out->abi].name,
				 native != CALL_NONE ? ": its work does "
				 : out->has_abi      ? ""
						     : ": name its ABI, as in "
						       "'socketcall@x86'",
				 native != CALL_NONE ? syscall_text(native)
						     : "");
	out->nr = (uint32_t)nr;
	return 0;
}

static int parse_abi(struct scan *in, struct callexpr *out, bool *x32)
{
	size_t at = ++in->at, n = word_length(in->text + at);
	cleanup_free char *name = xstrndup(in->text + at, n);
	int abi;

	in->at += n;
	*x32 = streq(name, "x32");
	abi = *x32 ? ABI_X86_64 : abi_by_name(name);
	if (abi < 0)
		return scan_fail(in, at, "unknown ABI '%s': there are x86_64, "
				 "x86, x32 and aarch64", name);
	out->has_abi = true;
	out->abi = (enum abi_id)abi;
	return 0;
}

static int parse_call(struct scan *in, struct callexpr *out)
{
	cleanup_free char *word = NULL;
	bool negative = scan_token(in, "-"), x32 = false;
	size_t start = in->at, n = word_length(in->text + start);
	int ret;

	if (n == 0)
		return scan_expected(in, "the name or number of a system call");
	if (negative && !isdigit((unsigned char)in->text[start]))
		return scan_expected(in, "a number after '-'");
	word = xstrndup(in->text + start, n);
	in->at += n;
	if (in->text[in->at] == '@' && parse_abi(in, out, &x32) < 0)
		return -1;
	ret = isdigit((unsigned char)*word)
		      ? take_number(in, out, start, word, negative)
		      : take_name(in, out, start, word);
	if (ret == 0 && x32)
		out->nr |= X32_BIT;
	return ret;
}

/* ---------------------------------------------------------------- arguments */

/* A string up to its closing quote, and strace's "..." behind it. */
static int skip_string(struct scan *in)
{
	const char *s = in->text + in->at;

	while (*++s != '"') {
		if (*s == '\\' && s[1])
			s++;
		if (!*s)
			return scan_fail(in, in->at,
					 "this string does not end");
	}
	in->at = (size_t)(s + 1 - in->text);
	if (has_prefix(s + 1, "..."))
		in->at += 3;
	return 0;
}

/* [...] or {...} as strace shows memory: what is within is not looked at,
 * but for strings, which may hold brackets. */
static int skip_brackets(struct scan *in)
{
	size_t start = in->at;
	int depth = 0;

	do {
		char c = in->text[in->at];

		if (!c)
			return scan_fail(in, start,
					 "this bracket is not closed");
		if (c == '"') {
			if (skip_string(in) < 0)
				return -1;
			continue;
		}
		depth += c == '[' || c == '{';
		depth -= c == ']' || c == '}';
		in->at++;
	} while (depth > 0);
	return 0;
}

static int parse_value(struct scan *in, struct callexpr_arg *arg)
{
	struct value more;

	arg->kind = CALLEXPR_VALUE;
	do {
		if (scan_value(in, "a number, a symbol, a string, NULL or _",
			       "its number, or _ for any value", &more) < 0)
			return -1;
		arg->value |= more.bits;
	} while (scan_token(in, "|"));
	return 0;
}

static int parse_arg(struct scan *in, struct callexpr_arg *arg)
{
	const char *s = in->text + in->at;

	if (*s == '_' && word_length(s) == 1) {
		in->at++;
		return 0; /* CALLEXPR_ANY */
	}
	if (*s != '"' && *s != '[' && *s != '{')
		return parse_value(in, arg);
	arg->kind = CALLEXPR_POINTER;
	return *s == '"' ? skip_string(in) : skip_brackets(in);
}

static int parse_args(struct scan *in, struct callexpr *out)
{
	const struct signature *signature = signature_of(out->abi, out->call);
	int most = signature ? signature->n : 6;

	out->has_args = true;
	if (scan_token(in, ")"))
		return 0;
	do {
		if (out->n_args == most)
			return scan_fail(in, in->at, "%s has %d argument%s",
					 syscall_text(out->call), most,
					 most == 1 ? "" : "s");
		if (parse_arg(in, &out->args[out->n_args++]) < 0)
			return -1;
	} while (scan_token(in, ","));
	return scan_token(in, ")") ? 0 : scan_expected(in, "',' or ')'");
}

int callexpr_parse(struct callexpr *out, enum abi_id abi, const char *text)
{
	struct scan in = {.text = text, .has_remarks = true};
	int ret;

	*out = (struct callexpr){.abi = abi};
	ret = parse_call(&in, out);
	in.abi = out->abi;
	if (ret == 0 && scan_token(&in, "("))
		ret = parse_args(&in, out);
	if (ret == 0 && text[in.at] && !(out->has_args && text[in.at] == '='))
		ret = scan_expected(&in, out->has_args ? "nothing after ')'"
						       : "'('");
	/* An i386 register holds 32 bits; a negative number fills them. */
	for (int i = 0; abis[out->abi].bits < 64 && i < out->n_args; i++)
		if (out->args[i].value >> 32 == UINT32_MAX)
			out->args[i].value &= UINT32_MAX;
	out->error_at = in.error_at;
	out->error = in.error;
	return ret;
}

diagram callexpr_meant(const struct callexpr *expr, struct diagram_store *store)
{
	diagram meant = DIAGRAM_TRUE;

	/* the last first: what stands for an argument lies above the later ones' */
	for (int i = expr->n_args; i-- > 0;) {
		const struct callexpr_arg *arg = &expr->args[i];
		bool pointer = arg->kind == CALLEXPR_POINTER;
		diagram is = diagram_is(store, (uint8_t)i,
					pointer ? abis[expr->abi].bits : 64,
					pointer ? 0 : arg->value);

		if (arg->kind != CALLEXPR_ANY)
			meant = diagram_and(store, meant,
					    pointer ? diagram_not(store, is)
						    : is);
	}
	return meant;
}

unsigned callexpr_args(const struct callexpr *expr, enum callexpr_kind kind)
{
	unsigned set = 0;

	for (int i = 0; i < expr->n_args; i++)
		set |= (unsigned)(expr->args[i].kind == kind) << i;
	return set;
}

void callexpr_free(struct callexpr *expr)
{
	free(expr->error);
	*expr = (struct callexpr){0};
}
