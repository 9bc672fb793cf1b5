#include "formats/condition_print.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/util.h"
#include "tables/argument.h"
#include "tables/constant.h"
#include "tables/signature.h"
#include "tables/syscall.h"

struct printer {
	FILE *out;
	enum abi_id abi;
	uint32_t call;
	const struct signature *signature; /* or NULL: registers */
	bool by_register; /* arguments are called arg0 … */
};

/* The parts of a chain of `and` or `or`, in the order of the text. */
struct parts {
	const struct cond **items;
	size_t n, cap;
};

static bool has_mask(const struct cond *test)
{
	return test->mask != width_mask(test->bits);
}

/* Chains hang to the side of b, the last part above the first. */
static void flatten(const struct cond *cond, enum cond_kind kind,
		    struct parts *parts)
{
	size_t first = parts->n;

	for (; cond->kind == kind; cond = cond->b) {
		parts->items = grow(parts->items, parts->n, &parts->cap,
				    sizeof(*parts->items));
		parts->items[parts->n++] = cond->a;
	}
	parts->items = grow(parts->items, parts->n, &parts->cap,
			    sizeof(*parts->items));
	parts->items[parts->n++] = cond;
	for (size_t i = first, j = parts->n - 1; i < j; i++, j--) {
		const struct cond *swapped = parts->items[i];

		parts->items[i] = parts->items[j];
		parts->items[j] = swapped;
	}
}

/* ------------------------------------------------------------------ values */

static const struct argument *argument_of(const struct printer *p,
					  const struct cond *test)
{
	return p->signature && test->arg < p->signature->n
		       ? &p->signature->args[test->arg]
		       : NULL;
}

static void print_plain(const struct printer *p, uint64_t value, bool octal)
{
	fprintf(p->out,
		octal && value ? "0%" PRIo64
		: value < 10   ? "%" PRIu64
			       : "0x%" PRIx64, value);
}

/* The symbols that are in the bits, which they are taken out of. */
static void print_rows(const struct printer *p, const struct family *family,
		       bool single, uint64_t *bits, const char **bar)
{
	for (size_t i = 0; i < family->n; i++) {
		uint64_t row = family->rows[i].value;

		if (!row || (*bits & row) != row ||
		    (single && row & (row - 1)))
			continue;
		fprintf(p->out, "%s%s", *bar, constant_name(&family->rows[i]));
		*bar = "|";
		*bits &= ~row;
	}
}

/* The bits of a mask, or of a value under one: no part of it stands for what
 * is not set, as O_RDONLY would. */
static void print_bits(const struct printer *p, const struct family *family,
		       uint64_t bits)
{
	const char *bar = "";

	print_rows(p, family, false, &bits, &bar);
	if (family->field && family->field <= 0xf)
		print_rows(p, family->field_family, true, &bits, &bar);
	if (!bits && *bar)
		return;
	fputs(bar, p->out);
	print_plain(p, bits, family->base == 8);
}

/* The mask that takes out just the field: the access mode of open. */
static bool is_field(const struct family *family, uint64_t mask)
{
	return family->field && mask == family->field;
}

/* Masks with a name of their own. */
static const char *mask_name(const struct family *family, uint64_t mask)
{
	static const struct {
		const char *family, *symbol;
	} names[] = {
		{"O", "O_WRITES"}, {"O", "O_ACCMODE"}, {"SOCK", "SOCK_TYPE_MASK"},
		{"MAP", "MAP_TYPE"}, {"CLONE", "CSIGNAL"}, {"S", "S_IFMT"},
	};
	uint64_t value;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (streq(names[i].family, family->name) &&
		    constant_find(names[i].symbol, &value) && value == mask)
			return names[i].symbol;
	return NULL;
}

/* A number is read more easily than this many symbols, and a word of a policy
 * file has a limit. */
enum { LONGEST = 120 };

/* What `print` would print, malloc'd; NULL: too long. */
static char *symbols(const struct printer *p, const struct family *family,
		     uint64_t value,
		     void (*print)(const struct printer *,
				   const struct family *, uint64_t))
{
	struct printer inner = *p;
	char *text = NULL;
	size_t size;

	inner.out = open_memstream(&text, &size);
	if (!inner.out)
		return NULL;
	print(&inner, family, value);
	fclose(inner.out);
	if (size > LONGEST)
		free(steal(text));
	return text;
}

/* Several flags stand in parentheses, which the grammar does not need and the
 * eye does. */
static bool print_mask_bits(const struct printer *p,
			    const struct family *family, uint64_t mask)
{
	cleanup_free char *text = symbols(p, family, mask, print_bits);

	if (text)
		fprintf(p->out, strchr(text, '|') ? "(%s)" : "%s", text);
	return text != NULL;
}

static void print_mask(const struct printer *p, const struct cond *test,
		       const struct family *family)
{
	const char *name = family ? mask_name(family, test->mask) : NULL;

	if (name) {
		fputs(name, p->out);
		return;
	}
	if (family && family->is_flags && !is_field(family, test->mask) &&
	    print_mask_bits(p, family, test->mask))
		return;
	print_plain(p, test->mask,
		    argument_of(p, test) &&
			    argument_form(p->call, test->arg) ==
				    ARGUMENT_OCTAL);
}

static int64_t sign_extend(const struct cond *test)
{
	unsigned shift = 64u - test->bits;

	return (int64_t)(test->value << shift) >> shift;
}

static void print_number(const struct printer *p, const struct cond *test)
{
	enum argument_form form = argument_of(p, test)
					  ? argument_form(p->call, test->arg)
					  : ARGUMENT_UNSIGNED;
	bool ordered = test->op != OP_EQ && test->op != OP_NE;
	uint64_t value = test->value;

	if (test->is_signed && (ordered || !has_mask(test)))
		fprintf(p->out, "%" PRId64, sign_extend(test));
	else if (value <= INT32_MAX && !has_mask(test) &&
		 form != ARGUMENT_HEX && form != ARGUMENT_OCTAL)
		fprintf(p->out, "%" PRIu64, value);
	else
		print_plain(p, value, form == ARGUMENT_OCTAL);
}

/* One value of a family: of a signed argument its number has a sign. */
static void print_one(const struct printer *p, const struct cond *test,
		      const struct family *family)
{
	uint64_t value = test->is_signed ? (uint64_t)sign_extend(test)
					 : test->value;
	const char *name = family_symbol(family, value);

	if (name)
		fputs(name, p->out);
	else
		print_number(p, test);
}

static void print_whole(const struct printer *p, const struct family *family,
			uint64_t value)
{
	family_print(family, value, p->out);
}

static void print_flags(const struct printer *p, const struct cond *test,
			const struct family *family)
{
	cleanup_free char *text =
		symbols(p, family, test->value,
			has_mask(test) ? print_bits : print_whole);

	if (text)
		fputs(text, p->out);
	else
		fprintf(p->out, "0x%" PRIx64, test->value);
}

static void print_value(const struct printer *p, const struct cond *test)
{
	const struct argument *arg = argument_of(p, test);
	const struct family *family =
		arg ? argument_family(p->call, test->arg) : NULL;

	if (test->op != OP_EQ && test->op != OP_NE)
		family = NULL;
	if (arg && arg->is_pointer && !test->value)
		fputs("NULL", p->out);
	else if (!family)
		print_number(p, test);
	else if (has_mask(test) && is_field(family, test->mask))
		family_print(family->field_family, test->value, p->out);
	else if (family->is_flags)
		print_flags(p, test, family);
	else if (has_mask(test))
		family_print(family, test->value, p->out);
	else
		print_one(p, test, family);
}

/* ------------------------------------------------------------------- tests */

static void print_argument(const struct printer *p, const struct cond *test)
{
	char buf[8];

	if (p->by_register)
		fprintf(p->out, "arg%d", test->arg);
	else
		fputs(condition_argument(p->abi, p->call, test->arg, buf),
		      p->out);
	if (!has_mask(test))
		return;
	fputs(" & ", p->out);
	print_mask(p, test, argument_of(p, test)
				    ? argument_family(p->call, test->arg)
				    : NULL);
}

static void print_test(const struct printer *p, const struct cond *test,
		       bool negated)
{
	static const char *const ops[] = {"==", "!=", "<", "<=", ">", ">="};
	static const enum cond_op inverse[] = {OP_NE, OP_EQ, OP_GE,
					       OP_GT, OP_LE, OP_LT};

	print_argument(p, test);
	fprintf(p->out, " %s ", ops[negated ? inverse[test->op] : test->op]);
	print_value(p, test);
}

/* LOW..HIGH: what `in` makes of a range. */
static bool is_range(const struct cond *cond)
{
	return cond->kind == COND_AND && cond->a->kind == COND_TEST &&
	       cond->b->kind == COND_TEST && cond->a->op == OP_LE &&
	       cond->b->op == OP_GE && cond->a->arg == cond->b->arg &&
	       cond->a->bits == cond->b->bits &&
	       cond->a->mask == cond->b->mask &&
	       cond->a->is_signed == cond->b->is_signed;
}

/* The test by which a part can be a member of a list; NULL: it cannot. */
static const struct cond *member(const struct cond *cond)
{
	if (is_range(cond))
		return cond->b;
	return cond->kind == COND_TEST && cond->op == OP_EQ ? cond : NULL;
}

static bool same_argument(const struct cond *a, const struct cond *b)
{
	return a && b && a->arg == b->arg && a->bits == b->bits &&
	       a->mask == b->mask && a->is_signed == b->is_signed;
}

/* How many parts from the first on make one list. */
static size_t list_length(const struct cond *const *parts, size_t n)
{
	const struct cond *first = member(parts[0]);
	size_t length = 1;

	while (length < n && same_argument(first, member(parts[length])))
		length++;
	return length;
}

static void print_list(const struct printer *p,
		       const struct cond *const *parts, size_t n, bool negated)
{
	print_argument(p, member(parts[0]));
	fputs(negated ? " not in (" : " in (", p->out);
	for (size_t i = 0; i < n; i++) {
		fputs(i ? ", " : "", p->out);
		print_value(p, member(parts[i]));
		if (is_range(parts[i])) {
			fputs("..", p->out);
			print_value(p, parts[i]->a);
		}
	}
	fputc(')', p->out);
}

/* -------------------------------------------------------------------- trees */

/* How tightly a text binds: what is looser than its place needs parentheses. */
enum place { IN_TEXT, IN_OR, IN_AND, IN_NOT };

static void print_cond(const struct printer *p, const struct cond *cond,
		       enum place place);

static void print_or(const struct printer *p, const struct cond *cond,
		     enum place place)
{
	struct parts parts = {0};
	size_t length;
	bool parens;

	flatten(cond, COND_OR, &parts);
	length = list_length(parts.items, parts.n);
	parens = place > IN_OR && length < parts.n;
	fputs(parens ? "(" : "", p->out);
	for (size_t i = 0; i < parts.n; i += length) {
		fputs(i ? " or " : "", p->out);
		length = list_length(parts.items + i, parts.n - i);
		if (length > 1)
			print_list(p, parts.items + i, length, false);
		else
			print_cond(p, parts.items[i], IN_OR);
	}
	fputs(parens ? ")" : "", p->out);
	free(parts.items);
}

static void print_and(const struct printer *p, const struct cond *cond,
		      enum place place)
{
	struct parts parts = {0};

	if (is_range(cond)) {
		print_list(p, &cond, 1, false);
		return;
	}
	flatten(cond, COND_AND, &parts);
	fputs(place > IN_AND ? "(" : "", p->out);
	for (size_t i = 0; i < parts.n; i++) {
		fputs(i ? " and " : "", p->out);
		print_cond(p, parts.items[i], IN_AND);
	}
	fputs(place > IN_AND ? ")" : "", p->out);
	free(parts.items);
}

static void print_not(const struct printer *p, const struct cond *cond)
{
	const struct cond *inner = cond->a;
	struct parts parts = {0};
	bool is_list = is_range(inner);

	if (inner->kind == COND_TEST) {
		print_test(p, inner, true);
		return;
	}
	if (inner->kind == COND_OR || is_list)
		flatten(inner, COND_OR, &parts);
	if (parts.n && list_length(parts.items, parts.n) == parts.n) {
		print_list(p, parts.items, parts.n, true);
	} else {
		fputs("not ", p->out);
		print_cond(p, inner, IN_NOT);
	}
	free(parts.items);
}

static void print_cond(const struct printer *p, const struct cond *cond,
		       enum place place)
{
	switch (cond->kind) {
	case COND_TEST:
		print_test(p, cond, false);
		break;
	case COND_OR:
		print_or(p, cond, place);
		break;
	case COND_AND:
		print_and(p, cond, place);
		break;
	case COND_NOT:
		print_not(p, cond);
		break;
	}
}

const char *condition_argument(enum abi_id abi, uint32_t call, int index,
			       char buf[static 8])
{
	const struct signature *signature = signature_of(abi, call);
	const char *name = signature && index < signature->n
				   ? signature->args[index].name
				   : "";

	if (*name && !(has_prefix(name, "arg") && strlen(name) == 4))
		return name;
	snprintf(buf, 8, "arg%d", index & 7);
	return buf;
}

static char *print_text(const struct cond *cond, enum abi_id abi,
			uint32_t call, bool by_register)
{
	struct printer p = {
		.abi = abi,
		.call = call,
		.signature = signature_of(abi, call),
		.by_register = by_register,
	};
	char *text = NULL;
	size_t size;

	if (!cond)
		return xstrdup("always");
	if (cond == &cond_never)
		return xstrdup("never");
	p.out = open_memstream(&text, &size);
	if (!p.out)
		return xstrdup("?");
	print_cond(&p, cond, IN_TEXT);
	fclose(p.out);
	return text;
}

char *condition_text(const struct cond *cond, enum abi_id abi, uint32_t call)
{
	return print_text(cond, abi, call, false);
}

char *condition_registers(const struct cond *cond, enum abi_id abi,
			  uint32_t call)
{
	return print_text(cond, abi, call, true);
}
