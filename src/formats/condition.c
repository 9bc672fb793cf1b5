#include "formats/condition.h"

#include <limits.h>

#include "base/nearest.h"
#include "formats/scan.h"
#include "model/policy.h"
#include "tables/signature.h"

/* What is nested is walked recursively, here and later: bounds keep the stack
 * (model/cond.h). */
enum { PART_LIMIT = 4000, DEPTH_LIMIT = 100 };

/* One condition of one call on one ABI.  Each ABI has a reading of its own:
 * names and widths differ. */
struct reading {
	struct scan in;
	int depth, parts;
	const struct ini_item *item;
	uint32_t call;
	enum abi_id abi;
	bool is_main; /* other ABIs' mistakes are not told */
	const struct signature *signature; /* NULL: registers only */
	struct arena *arena;
	const char *file;
	struct diags mistakes;
};

struct test {
	const char *name; /* of the argument */
	size_t at;        /* its offset in the text */
	bool has_mask;
	struct value mask, value;
	enum cond_op op;
};

#define complain(r, offset, ...)                                               \
	diag_add_column(ini_place((r)->item, offset).column, &(r)->mistakes,   \
			(struct source){(r)->file,                             \
					ini_place((r)->item, offset).line},    \
			__VA_ARGS__)

/* ---------------------------------------------------------------- arguments */

/* "arg0" to "arg5", by register; -1: no such name. */
static int register_of(const char *name)
{
	return has_prefix(name, "arg") && name[3] >= '0' && name[3] <= '5' &&
	       !name[4] ? name[3] - '0' : -1;
}

/* argN is always the register: prctl's own parameters are called arg2 to arg5
 * in the kernel, one off. */
static int find_argument(const struct signature *signature, const char *name)
{
	int i = register_of(name);

	if (!signature || i >= 0)
		return signature && i >= signature->n ? -1 : i;
	for (i = 0; i < signature->n; i++)
		if (streq(signature->args[i].name, name))
			return i;
	return -1;
}

/* ": it has fd, buf" */
static char *list_arguments(const struct reading *r)
{
	char *list = NULL, buf[8];

	if (!r->signature)
		return xstrdup(": only arg0 to arg5 are known");
	if (r->signature->n == 0)
		return xstrdup(": it has none");
	for (int i = 0; i < r->signature->n; i++)
		reprint(&list, "%s%s%s", list ? list : ": it has ",
			list ? ", " : "",
			condition_argument(r->abi, r->call, i, buf));
	return list;
}

static void refuse_argument(struct reading *r, const struct test *test)
{
	struct nearest near = nearest_to(test->name);
	cleanup_free char *list = NULL;

	for (int i = 0; r->signature && register_of(test->name) < 0 &&
			i < r->signature->n; i++)
		nearest_offer(&near, r->signature->args[i].name);
	list = near.name ? xasprintf(" (did you mean '%s'?)", near.name)
			 : list_arguments(r);
	complain(r, test->at, "%s has no argument '%s'%s",
		 syscall_text(r->call), test->name, list);
}

/* Can the parameter hold the value?  Compared for equality, a value is a
 * pattern of bits: -1 and 0x80000000 are found in an int and an unsigned.  In
 * an ordered comparison it is a number. */
static bool can_hold(struct argument arg, struct value value,
		     enum cond_op op)
{
	if (value.is_negative && op_is_ordered(op) && !arg.is_signed)
		return false;
	if (value.is_negative)
		return (int64_t)value.bits >= INT64_MIN >> (64 - arg.bits);
	if (op_is_ordered(op) && arg.is_signed)
		return value.bits <= width_mask(arg.bits) >> 1;
	return value.bits <= width_mask(arg.bits);
}

/* A value beyond the width of an ABI with smaller registers is not to be
 * found there: the comparison has one answer. */
static const struct cond *beyond(const struct test *test)
{
	bool less = test->op == OP_LT || test->op == OP_LE;
	bool always = op_is_ordered(test->op)
			      ? less != test->value.is_negative
			      : test->op == OP_NE;

	return always ? NULL : &cond_never;
}

static bool check_values(struct reading *r, const struct test *test,
			 struct argument arg)
{
	if (test->has_mask && !can_hold(arg, test->mask, OP_EQ))
		complain(r, test->mask.at, "this mask is wider than '%s', "
			 "which has %d bits", test->name, arg.bits);
	else if (!can_hold(arg, test->value, test->op))
		complain(r, test->value.at, "'%s' never has this value: it is "
			 "%s number of %d bits", test->name,
			 arg.is_signed ? "a signed" : "an unsigned", arg.bits);
	else if (test->has_mask && !op_is_ordered(test->op) &&
		 test->value.bits & ~test->mask.bits & width_mask(arg.bits))
		complain(r, test->value.at, "this value has bits that the mask "
			 "removes: the comparison always has the same "
			 "result");
	else
		return true;
	return false;
}

/* Fails if this is one more part than a condition may have. */
static void count_part(struct reading *r)
{
	if (++r->parts > PART_LIMIT)
		scan_fail(&r->in, r->in.at, "this condition is too long: it "
			  "has more than %d parts", PART_LIMIT);
}

static const struct cond *resolve_test(struct reading *r,
				       const struct test *test)
{
	int i = find_argument(r->signature, test->name);
	struct argument arg;

	count_part(r);
	if (i < 0) {
		refuse_argument(r, test);
		return NULL;
	}
	/* As the kernel takes it; of a call without a signature, the register. */
	arg = r->signature ? r->signature->args[i]
			   : (struct argument){.name = "",
					       .bits = abis[r->abi].bits};
	if (arg.is_pointer && (test->has_mask || op_is_ordered(test->op) ||
			       test->value.bits != 0)) {
		complain(r, test->at, "'%s' is a pointer, which a filter cannot "
			 "follow: only '== 0' and '!= 0' are possible",
			 test->name);
		return NULL;
	}
	if (!r->is_main && !can_hold(arg, test->value, test->op))
		return beyond(test);
	if (r->is_main && !check_values(r, test, arg))
		return NULL;
	return cond_test(r->arena, (struct cond){
		.arg = (uint8_t)i,
		.bits = arg.bits,
		.is_signed = arg.is_signed,
		.op = test->op,
		.mask = test->has_mask ? test->mask.bits : UINT64_MAX,
		.value = test->value.bits,
	});
}

/* ------------------------------------------ the grammar (sandbox.policy(5)) */

static bool take_word(struct reading *r, const char *word)
{
	return word_length(r->in.text + r->in.at) == strlen(word) &&
	       scan_token(&r->in, word);
}

/* '&' or '|', not C's "&&" or "||". */
static bool take_single(struct reading *r, const char *token)
{
	const char *s = r->in.text + r->in.at;

	return *s == *token && s[1] != *s && scan_token(&r->in, token);
}

static int read_value(struct reading *r, struct value *value);

static int read_term(struct reading *r, struct value *value)
{
	int ret;

	if (!scan_token(&r->in, "("))
		return scan_value(&r->in, "a number or a symbol", "its number",
				  value);
	if (++r->depth > DEPTH_LIMIT)
		return scan_fail(&r->in, r->in.at, "too many parentheses");
	ret = read_value(r, value);
	r->depth--;
	if (ret == 0 && !scan_token(&r->in, ")"))
		return scan_expected(&r->in, "')'");
	return ret;
}

static int read_value(struct reading *r, struct value *value)
{
	struct value more;

	if (read_term(r, value) < 0)
		return -1;
	while (take_single(r, "|")) {
		if (read_term(r, &more) < 0)
			return -1;
		value->bits |= more.bits;
		value->is_negative |= more.is_negative;
	}
	return 0;
}

/* What follows gives a condition, or NULL or any after a mistake of the text,
 * which is in r->in: only the first is kept. */

/* Chains hang to the side of b, the last part above the first: cond.h. */
static const struct cond *join(struct reading *r, enum cond_kind kind,
			       const struct cond *a, const struct cond *b)
{
	count_part(r);
	return cond_join(r->arena, kind, a, b);
}

static const struct cond *negate(struct reading *r, const struct cond *cond)
{
	count_part(r);
	return cond_not(r->arena, cond);
}

/* One member of a list: a value, or the two ends of a range. */
static const struct cond *read_member(struct reading *r, struct test test)
{
	const struct cond *low;
	struct value high;

	if (read_value(r, &test.value) < 0)
		return NULL;
	test.op = OP_EQ;
	if (!scan_token(&r->in, ".."))
		return resolve_test(r, &test);
	if (read_value(r, &high) < 0)
		return NULL;
	test.op = OP_GE;
	low = resolve_test(r, &test);
	test.op = OP_LE;
	test.value = high;
	return join(r, COND_AND, resolve_test(r, &test), low);
}

static const struct cond *read_list(struct reading *r, struct test test)
{
	const struct cond *cond;

	if (!scan_token(&r->in, "("))
		scan_expected(&r->in, "'(' after 'in'");
	cond = read_member(r, test);
	while (!r->in.error && scan_token(&r->in, ","))
		cond = join(r, COND_OR, read_member(r, test), cond);
	if (!scan_token(&r->in, ")"))
		scan_expected(&r->in, "',' or ')'");
	return cond;
}

/* What stands behind the argument and its mask. */
static const struct cond *read_comparison(struct reading *r, struct test test)
{
	bool negated;

	/* from the last: "<=" is asked for before "<", with which it begins */
	for (int op = OP_GE; op >= OP_EQ; op--)
		if (scan_token(&r->in, condition_ops[op])) {
			test.op = (enum cond_op)op;
			return read_value(r, &test.value) < 0
				       ? NULL
				       : resolve_test(r, &test);
		}
	negated = take_word(r, "not");
	if (take_word(r, "in"))
		return negated ? negate(r, read_list(r, test))
			       : read_list(r, test);
	if (r->in.text[r->in.at] == '=')
		scan_fail(&r->in, r->in.at, "'=' does not compare: write '=='");
	else
		scan_expected(&r->in, test.has_mask
			? "a comparison (== != < <= > >= in)"
			: "a comparison (== != < <= > >= in &)");
	return NULL;
}

static const struct cond *read_test(struct reading *r)
{
	size_t n = word_length(r->in.text + r->in.at);
	cleanup_free char *name = xstrndup(r->in.text + r->in.at, n);
	struct test test = {.at = r->in.at, .name = name};

	if (n == 0)
		scan_expected(&r->in, "the name of an argument");
	scan_token(&r->in, name);
	test.has_mask = take_single(r, "&");
	if (test.has_mask && read_value(r, &test.mask) < 0)
		return NULL;
	return read_comparison(r, test);
}

static const struct cond *read_or(struct reading *r);

static const struct cond *read_not(struct reading *r)
{
	const struct cond *cond = NULL;

	if (++r->depth > DEPTH_LIMIT) {
		scan_fail(&r->in, r->in.at, "too many parentheses or 'not'");
	} else if (take_word(r, "not")) {
		cond = negate(r, read_not(r));
	} else if (scan_token(&r->in, "(")) {
		cond = read_or(r);
		if (!scan_token(&r->in, ")"))
			scan_expected(&r->in, "'and', 'or' or ')'");
	} else if (r->in.text[r->in.at] == '!') {
		scan_fail(&r->in, r->in.at, "write 'not' for '!'");
	} else {
		cond = read_test(r);
	}
	r->depth--;
	return cond;
}

static const struct cond *read_and(struct reading *r)
{
	const struct cond *cond = read_not(r);

	while (!r->in.error && take_word(r, "and"))
		cond = join(r, COND_AND, read_not(r), cond);
	return cond;
}

static const struct cond *read_or(struct reading *r)
{
	const struct cond *cond = read_and(r);

	while (!r->in.error && take_word(r, "or"))
		cond = join(r, COND_OR, read_and(r), cond);
	return cond;
}

/* ----------------------------------------------------------------- the ABIs */

static const struct cond *read_on(struct reading *r, enum abi_id abi,
				  size_t offset)
{
	const struct cond *cond;

	r->in = (struct scan){
		.text = r->item->value, .at = offset, .abi = abi};
	r->parts = 0;
	r->abi = abi;
	r->signature = signature_of(abi, r->call);
	scan_blanks(&r->in);
	cond = read_or(r);
	if (has_prefix(r->in.text + r->in.at, "&&"))
		scan_fail(&r->in, r->in.at, "write 'and' for '&&'");
	else if (has_prefix(r->in.text + r->in.at, "||"))
		scan_fail(&r->in, r->in.at, "write 'or' for '||'");
	else if (r->in.text[r->in.at])
		scan_expected(&r->in, "'and', 'or' or the end");
	return cond;
}

int condition_abi(uint32_t call, unsigned among)
{
	int first = -1;

	for (int abi = 0; abi < ABI_COUNT; abi++) {
		if (!(among >> abi & 1) ||
		    syscall_number(call, (enum abi_id)abi) < 0)
			continue;
		if (signature_of((enum abi_id)abi, call))
			return abi;
		if (first < 0)
			first = abi;
	}
	return first;
}

/* A text that cannot be read: nothing else is told of it, but what may help. */
static void refuse_text(struct reading *r)
{
	cleanup_free char *error = r->in.error;
	const char *s = r->in.text + r->in.error_at;
	bool is_expected = has_prefix(error, "expected ");

	if (is_expected && (*s == '"' || *s == '\''))
		reprint(&error, "%s: write it without quotes", error);
	else if (is_expected && *s == '\\')
		reprint(&error, "'\\' is not needed: an indented line "
			"continues the one before");
	diags_free(&r->mistakes);
	complain(r, r->in.error_at, "%s", error);
}

int condition_parse(const struct ini_item *item, size_t offset,
		    const char *file, uint32_t call, struct arena *arena,
		    const struct cond *out[static ABI_COUNT],
		    struct diags *diags)
{
	struct reading r = {
		.item = item,
		.call = call,
		.is_main = true,
		.arena = arena,
		.file = file,
	};
	int any = condition_abi(call, UINT_MAX);
	int main = any < 0 ? ABI_NATIVE : any;
	bool has_names = signature_of((enum abi_id)main, call);

	out[main] = read_on(&r, (enum abi_id)main, offset);
	if (r.in.error)
		refuse_text(&r);
	if (r.mistakes.n) {
		diags_move(diags, &r.mistakes);
		return -1;
	}
	r.is_main = false;
	for (int i = 0; i < ABI_COUNT; i++) {
		if (i == main)
			continue;
		out[i] = read_on(&r, (enum abi_id)i, offset);
		/* Where the main ABI has names, one without them passes the
		 * arguments some other way. */
		if (r.mistakes.n || (has_names && !r.signature))
			out[i] = &cond_unaskable;
		diags_free(&r.mistakes);
	}
	return 0;
}
