#include "formats/condition.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/nearest.h"
#include "base/util.h"
#include "formats/syntax.h"
#include "model/policy.h"
#include "tables/signature.h"

/* One condition of one call on one ABI. */
struct resolving {
	const struct ini_item *item;
	const struct syntax *syntax;
	uint32_t call;
	enum abi_id abi;
	const struct signature *signature; /* NULL: registers only */
	struct arena *arena;
	bool unaskable;       /* an argument is not there on this ABI */
	const char *file;
	struct diags *diags;  /* NULL: mistakes were told of another ABI */
	bool wrong;
};

static void complain(struct resolving *r, size_t offset, const char *fmt, ...)
	printf_like(3, 4);

static void complain(struct resolving *r, size_t offset, const char *fmt, ...)
{
	struct ini_piece place = ini_place(r->item, offset);
	struct source at = {r->file, place.line};
	va_list args;
	char *text;

	r->wrong = true;
	if (!r->diags)
		return;
	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) >= 0) {
		diag_add_column(r->diags, at, place.column, "%s", text);
		free(text);
	}
	va_end(args);
}

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

static char *list_arguments(const struct signature *signature)
{
	char *list = NULL;

	if (!signature)
		return xstrdup("only arg0 to arg5 are known");
	if (signature->n == 0)
		return xstrdup("it has none");
	for (int i = 0; i < signature->n; i++) {
		const char *name = signature->args[i].name;
		char reg[] = {'a', 'r', 'g', (char)('0' + i), '\0'};

		reprint(&list, "%s%s%s", list ? list : "it has ",
			list ? ", " : "", register_of(name) < 0 ? name : reg);
	}
	return list;
}

static void refuse_argument(struct resolving *r, size_t offset,
			    const char *name)
{
	struct nearest near = nearest_to(name);
	cleanup_free char *list = NULL;
	char buf[16];

	for (int i = 0; r->signature && register_of(name) < 0 &&
			i < r->signature->n; i++)
		nearest_offer(&near, r->signature->args[i].name);
	if (near.name) {
		complain(r, offset, "%s has no argument '%s' (did you mean "
			 "'%s'?)", syscall_name(r->call, buf), name, near.name);
		return;
	}
	list = list_arguments(r->signature);
	complain(r, offset, "%s has no argument '%s': %s",
		 syscall_name(r->call, buf), name, list);
}

/* The parameter as the kernel takes it; of a call without a signature, the
 * register. */
static struct argument argument_at(const struct resolving *r, int i)
{
	if (r->signature)
		return r->signature->args[i];
	return (struct argument){.name = "", .bits = abis[r->abi].bits};
}

static bool is_ordered(enum cond_op op)
{
	return op != OP_EQ && op != OP_NE;
}

/* Can the parameter hold the value?  Compared for equality, a value is a
 * pattern of bits: -1 and 0x80000000 are found in an int and an unsigned.  In
 * an ordered comparison it is a number. */
static bool can_hold(struct argument arg, struct syntax_value value,
		     enum cond_op op)
{
	if (value.is_negative && is_ordered(op) && !arg.is_signed)
		return false;
	if (value.is_negative)
		return (int64_t)value.bits >= INT64_MIN >> (64 - arg.bits);
	if (is_ordered(op) && arg.is_signed)
		return value.bits <= width_mask(arg.bits) >> 1;
	return value.bits <= width_mask(arg.bits);
}

/* A value beyond the width of an ABI with smaller registers is not to be
 * found there: the comparison has one answer. */
static const struct cond *beyond(const struct syntax_node *test)
{
	bool below = test->value.is_negative;

	switch (test->op) {
	case OP_NE:
		return NULL;
	case OP_LT:
	case OP_LE:
		return below ? &cond_never : NULL;
	case OP_GT:
	case OP_GE:
		return below ? NULL : &cond_never;
	default:
		return &cond_never;
	}
}

static bool check_pointer(struct resolving *r, const struct syntax_node *test,
			  const char *name)
{
	if (!test->has_mask && !is_ordered(test->op) && test->value.bits == 0)
		return true;
	complain(r, test->arg, "'%s' is a pointer, which a filter cannot "
		 "follow: only '== 0' and '!= 0' are possible", name);
	return false;
}

static bool check_values(struct resolving *r, const struct syntax_node *test,
			 struct argument arg, const char *name)
{
	if (test->has_mask && !can_hold(arg, test->mask, OP_EQ)) {
		complain(r, test->mask.at, "this mask is wider than '%s', which "
			 "has %d bits", name, arg.bits);
		return false;
	}
	if (!can_hold(arg, test->value, test->op)) {
		complain(r, test->value.at, "'%s' never has this value: it is "
			 "%s number of %d bits", name,
			 arg.is_signed ? "a signed" : "an unsigned", arg.bits);
		return false;
	}
	if (test->has_mask && !is_ordered(test->op) &&
	    test->value.bits & ~test->mask.bits & width_mask(arg.bits)) {
		complain(r, test->value.at, "this value has bits that the mask "
			 "removes: the comparison always has the same "
			 "result");
		return false;
	}
	return true;
}

static const struct cond *resolve_test(struct resolving *r,
				       const struct syntax_node *test)
{
	cleanup_free char *name =
		xstrndup(r->item->value + test->arg, test->arg_len);
	int i = find_argument(r->signature, name);
	struct argument arg;

	if (i < 0) {
		r->unaskable = true;
		refuse_argument(r, test->arg, name);
		return NULL;
	}
	arg = argument_at(r, i);
	if (arg.is_pointer && !check_pointer(r, test, name))
		return NULL;
	if (!r->diags && !can_hold(arg, test->value, test->op))
		return beyond(test);
	if (r->diags && !check_values(r, test, arg, name))
		return NULL;
	return cond_test(r->arena, (struct cond){
		.kind = COND_TEST,
		.arg = (uint8_t)i,
		.bits = arg.bits,
		.is_signed = arg.is_signed,
		.op = test->op,
		.mask = width_mask(arg.bits) &
			(test->has_mask ? test->mask.bits : UINT64_MAX),
		.value = width_mask(arg.bits) & test->value.bits,
	});
}

static bool is_pair(const struct syntax_node *node)
{
	return node->kind == COND_AND || node->kind == COND_OR;
}

/* b stands before a in the text, and mistakes come in that order: down along b
 * without calling itself, and up again. */
static const struct cond *resolve(struct resolving *r, int index)
{
	const struct syntax_node *nodes = r->syntax->nodes;
	const struct syntax_node *node = &nodes[index];
	cleanup_free const struct syntax_node **pairs = NULL;
	size_t n = 0, cap = 0;
	const struct cond *cond;

	for (; is_pair(node); node = &nodes[node->b]) {
		pairs = grow(pairs, n, &cap, sizeof(*pairs));
		pairs[n++] = node;
	}
	cond = node->kind == COND_TEST
		       ? resolve_test(r, node)
		       : cond_not(r->arena, resolve(r, node->a));
	while (n-- > 0) {
		const struct cond *a = resolve(r, pairs[n]->a);

		cond = pairs[n]->kind == COND_AND ? cond_and(r->arena, a, cond)
						  : cond_or(r->arena, a, cond);
	}
	return cond;
}

/* The ABI whose names the condition is written in: the first that has the
 * call, ours before others; with a signature if any has one. */
static int main_abi(uint32_t call)
{
	int first = -1;

	for (int abi = 0; abi < ABI_COUNT; abi++) {
		if (syscall_number(call, (enum abi_id)abi) < 0)
			continue;
		if (signature_of((enum abi_id)abi, call))
			return abi;
		if (first < 0)
			first = abi;
	}
	return first < 0 ? ABI_NATIVE : first;
}

/* Where the main ABI has names, one without them passes the arguments some
 * other way, and its registers hold something else. */
static const struct cond *resolve_on(struct resolving r, enum abi_id abi,
				     bool has_names)
{
	const struct cond *cond;

	r.abi = abi;
	r.signature = signature_of(abi, r.call);
	r.diags = NULL;
	if (has_names && !r.signature)
		return &cond_unaskable;
	cond = resolve(&r, r.syntax->root);
	return r.unaskable || r.wrong ? &cond_unaskable : cond;
}

int condition_parse(const struct ini_item *item, size_t offset,
		    const char *file, uint32_t call, struct arena *arena,
		    const struct cond *out[static ABI_COUNT],
		    struct diags *diags)
{
	struct syntax syntax;
	int abi = main_abi(call);
	struct resolving r = {
		.item = item,
		.syntax = &syntax,
		.call = call,
		.abi = (enum abi_id)abi,
		.signature = signature_of((enum abi_id)abi, call),
		.arena = arena,
		.file = file,
		.diags = diags,
	};
	bool has_names = r.signature != NULL;

	if (syntax_parse(&syntax, item->value, offset) < 0)
		complain(&r, syntax.error_at, "%s", syntax.error);
	else
		out[abi] = resolve(&r, syntax.root);
	for (int i = 0; !r.wrong && i < ABI_COUNT; i++)
		if (i != abi)
			out[i] = resolve_on(r, (enum abi_id)i, has_names);
	syntax_free(&syntax);
	return r.wrong ? -1 : 0;
}
