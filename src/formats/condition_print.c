#include "formats/condition.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/util.h"
#include "tables/argument.h"
#include "tables/constant.h"
#include "tables/signature.h"

struct printer {
	FILE *out;
	enum abi_id abi;
	uint32_t call;
	bool by_register; /* arguments are called arg0 … */
};

/* ------------------------------------------------------------------ values */

/* What a test compares, as it is best shown. */
struct shown {
	const struct cond *test;
	bool is_pointer;
	bool has_mask;
	bool is_field; /* the mask takes out just the family's field */
	enum argument_form form;
	const struct family *family; /* or NULL */
};

static struct shown look_at(const struct printer *p, const struct cond *test)
{
	const struct signature *signature = signature_of(p->abi, p->call);
	struct shown s = {
		.test = test,
		.has_mask = test->mask != width_mask(test->bits),
		.form = ARGUMENT_UNSIGNED,
	};

	if (!signature || test->arg >= signature->n)
		return s;
	s.form = argument_form(p->call, test->arg);
	s.is_pointer = signature->args[test->arg].is_pointer;
	s.family = argument_family(p->call, test->arg, NULL);
	s.is_field = s.family && s.has_mask && s.family->field &&
		     test->mask == s.family->field;
	return s;
}

static void print_plain(FILE *out, uint64_t value, bool octal)
{
	fprintf(out,
		octal && value ? "0%" PRIo64
		: value < 10   ? "%" PRIu64
			       : "0x%" PRIx64, value);
}

/* The bits of a mask, or of a value under one: no part of it stands for what
 * is not set, as O_RDONLY would. */
static void print_bits(FILE *out, const struct family *family, enum abi_id abi,
		       uint64_t bits)
{
	const char *bar = "";

	family_print_set(family, abi, false, &bits, &bar, out);
	if (family->field && family->field <= 0xf)
		family_print_set(family_of_field(family), abi, true, &bits,
				 &bar, out);
	if (!bits && *bar)
		return;
	fputs(bar, out);
	print_plain(out, bits, family->base == 8);
}

/* Flags as symbols, malloc'd.  NULL if they are too long: a number is read more
 * easily, and a word of a policy file has a limit. */
static char *flags_text(const struct family *family, enum abi_id abi,
			uint64_t value, bool under_mask)
{
	enum { LONGEST = 120 };
	char *text;
	FILE *out = text_stream(&text);

	if (under_mask)
		print_bits(out, family, abi, value);
	else
		family_print(family, abi, value, out);
	fclose(out);
	if (strlen(text) > LONGEST)
		free(steal(text));
	return text;
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
		    constant_find(names[i].symbol, ABI_NATIVE, &value) && value == mask)
			return names[i].symbol;
	return NULL;
}

/* Several flags stand in parentheses, which the grammar does not need and the
 * eye does. */
static void print_mask(const struct printer *p, const struct shown *s)
{
	uint64_t mask = s->test->mask;
	const char *name = s->family ? mask_name(s->family, mask) : NULL;
	cleanup_free char *text = NULL;

	if (!name && s->family && s->family->is_flags && !s->is_field)
		text = flags_text(s->family, p->abi, mask, true);
	if (name)
		fputs(name, p->out);
	else if (text)
		fprintf(p->out, strchr(text, '|') ? "(%s)" : "%s", text);
	else
		print_plain(p->out, mask, s->form == ARGUMENT_OCTAL);
}

/* With its sign if the argument has one. */
static uint64_t extended(const struct cond *test)
{
	unsigned shift = 64u - test->bits;

	return test->is_signed
		       ? (uint64_t)((int64_t)(test->value << shift) >> shift)
		       : test->value;
}

static void print_number(FILE *out, const struct shown *s)
{
	const struct cond *test = s->test;

	if (test->is_signed && (op_is_ordered(test->op) || !s->has_mask))
		fprintf(out, "%" PRId64, (int64_t)extended(test));
	else if (test->value <= INT32_MAX && !s->has_mask &&
		 s->form != ARGUMENT_HEX && s->form != ARGUMENT_OCTAL)
		fprintf(out, "%" PRIu64, test->value);
	else
		print_plain(out, test->value, s->form == ARGUMENT_OCTAL);
}

static void print_value(const struct printer *p, const struct cond *test)
{
	struct shown s = look_at(p, test);
	const struct family *family = op_is_ordered(test->op) ? NULL : s.family;
	bool is_set = family && family->is_flags && !s.is_field;
	cleanup_free char *flags =
		is_set ? flags_text(family, p->abi, test->value, s.has_mask)
		       : NULL;
	const char *symbol = family && !is_set && !s.has_mask
				     ? family_symbol(family, p->abi,
						     extended(test))
				     : flags;

	if (s.is_pointer && !test->value)
		fputs("NULL", p->out);
	else if (symbol)
		fputs(symbol, p->out);
	else if (is_set)
		fprintf(p->out, "0x%" PRIx64, test->value);
	else if (family && s.has_mask)
		family_print(s.is_field ? family_of_field(family) : family,
			     p->abi, test->value, p->out);
	else
		print_number(p->out, &s);
}

/* ------------------------------------------------------------------- tests */

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

static void print_argument(const struct printer *p, const struct cond *test)
{
	struct shown s = look_at(p, test);
	char buf[8];

	if (p->by_register)
		fprintf(p->out, "arg%d", test->arg);
	else
		fputs(condition_argument(p->abi, p->call, test->arg, buf),
		      p->out);
	if (!s.has_mask)
		return;
	fputs(" & ", p->out);
	print_mask(p, &s);
}

const char *const condition_ops[] = {"==", "!=", "<", "<=", ">", ">="};

static void print_test(const struct printer *p, const struct cond *test,
		       bool negated)
{
	static const enum cond_op inverse[] = {OP_NE, OP_EQ, OP_GE,
					       OP_GT, OP_LE, OP_LT};

	print_argument(p, test);
	fprintf(p->out, " %s ",
		condition_ops[negated ? inverse[test->op] : test->op]);
	print_value(p, test);
}

static bool same_argument(const struct cond *a, const struct cond *b)
{
	return a && b && a->arg == b->arg && a->bits == b->bits &&
	       a->mask == b->mask && a->is_signed == b->is_signed;
}

/* LOW..HIGH: what `in` makes of a range. */
static bool is_range(const struct cond *cond)
{
	return cond->kind == COND_AND && cond->a->kind == COND_TEST &&
	       cond->b->kind == COND_TEST && cond->a->op == OP_LE &&
	       cond->b->op == OP_GE && same_argument(cond->a, cond->b);
}

/* The test by which a part can be a member of a list; NULL: it cannot. */
static const struct cond *member(const struct cond *cond)
{
	if (is_range(cond))
		return cond->b;
	return cond->kind == COND_TEST && cond->op == OP_EQ ? cond : NULL;
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

/* The parts of a chain in the order of the text, malloc'd: it hangs to the side
 * of b, the last part above the first.  Anything else is a chain of one. */
static const struct cond **parts_of(const struct cond *cond,
				    enum cond_kind kind, size_t *n)
{
	const struct cond **parts, *c;
	size_t i = 0;

	for (c = cond; c->kind == kind; c = c->b)
		i++;
	*n = i + 1;
	parts = xcalloc(*n, sizeof(*parts));
	for (c = cond; c->kind == kind; c = c->b)
		parts[i--] = c->a;
	parts[0] = c;
	return parts;
}

static void print_chain(const struct printer *p, const struct cond *cond,
			enum place place)
{
	bool is_or = cond->kind == COND_OR;
	enum place inside = is_or ? IN_OR : IN_AND;
	size_t n, length;
	cleanup_free const struct cond **parts = parts_of(cond, cond->kind, &n);
	bool parens = place > inside && !(is_or && list_length(parts, n) == n);

	fputs(parens ? "(" : "", p->out);
	for (size_t i = 0; i < n; i += length) {
		fputs(i == 0 ? "" : is_or ? " or " : " and ", p->out);
		length = is_or ? list_length(parts + i, n - i) : 1;
		if (length > 1)
			print_list(p, parts + i, length, false);
		else
			print_cond(p, parts[i], inside);
	}
	fputs(parens ? ")" : "", p->out);
}

static void print_not(const struct printer *p, const struct cond *inner)
{
	size_t n;
	cleanup_free const struct cond **parts = parts_of(inner, COND_OR, &n);

	if (inner->kind == COND_TEST) {
		print_test(p, inner, true);
	} else if (member(parts[0]) && list_length(parts, n) == n) {
		print_list(p, parts, n, true);
	} else {
		fputs("not ", p->out);
		print_cond(p, inner, IN_NOT);
	}
}

static void print_cond(const struct printer *p, const struct cond *cond,
		       enum place place)
{
	if (cond->kind == COND_TEST)
		print_test(p, cond, false);
	else if (cond->kind == COND_NOT)
		print_not(p, cond->a);
	else if (is_range(cond))
		print_list(p, &cond, 1, false);
	else
		print_chain(p, cond, place);
}

static char *print_text(struct printer p, const struct cond *cond)
{
	char *text;

	if (!cond)
		return xstrdup("always");
	if (cond == &cond_never)
		return xstrdup("never");
	p.out = text_stream(&text);
	print_cond(&p, cond, IN_TEXT);
	fclose(p.out);
	return text;
}

char *condition_text(const struct cond *cond, enum abi_id abi, uint32_t call)
{
	return print_text((struct printer){NULL, abi, call, false}, cond);
}

char *condition_registers(const struct cond *cond, enum abi_id abi,
			  uint32_t call)
{
	return print_text((struct printer){NULL, abi, call, true}, cond);
}
