#include "tables/argument.h"

#include <inttypes.h>
#include <stdbool.h>

#include "base/util.h"
#include "tables/syscall.h"

/* Texts, not pointers, which would be relocated at every start. */
struct family_row {
	char call[SYSCALL_NAME_SIZE]; /* "": any */
	char argument[24];
	char family[16]; /* "": none */
	char other[16];  /* "": unconditional; else this argument … */
	char symbol[24]; /* … must have this value */
};

struct form_row {
	char call[SYSCALL_NAME_SIZE]; /* "": any, as are the next two */
	char argument[24];
	char type[16];
	enum argument_form form;
	char length[16]; /* of a buffer: the argument that holds it */
};

#define SKIP(...)

#define FORM SKIP
#define BUFFER SKIP
#define FAMILY(call, argument, family) {call, argument, family, "", ""},
#define ANY(argument, family) {"", argument, family, "", ""},
#define WHEN(call, argument, family, other, symbol)                            \
	{call, argument, family, other, symbol},
static const struct family_row family_rows[] = {
#include "tables/argument.def"
};

#undef FORM
#undef BUFFER
#undef FAMILY
#undef ANY
#undef WHEN
#define FAMILY SKIP
#define ANY SKIP
#define WHEN SKIP
#define FORM(call, argument, type, form) {call, argument, type, form, ""},
#define BUFFER(call, argument, length)                                         \
	{call, argument, "", ARGUMENT_BUFFER, length},
static const struct form_row form_rows[] = {
#include "tables/argument.def"
};

/* The signature whose order an index follows: the first ABI that has one. */
static const struct signature *signature_any(uint32_t call)
{
	for (int abi = 0; abi < ABI_COUNT; abi++) {
		const struct signature *signature = signature_of(abi, call);

		if (signature)
			return signature;
	}
	return NULL;
}

static const struct argument *argument_at(uint32_t call, int index)
{
	const struct signature *signature = signature_any(call);

	if (!signature || index < 0 || index >= signature->n)
		return NULL;
	return &signature->args[index];
}

static int index_of(uint32_t call, const char *name)
{
	const struct signature *signature = signature_any(call);

	for (int i = 0; signature && i < signature->n; i++)
		if (streq(signature->args[i].name, name))
			return i;
	return -1;
}

/* "" in a row stands for anything. */
static bool fits(const char *pattern, const char *name)
{
	return !*pattern || streq(pattern, name);
}

/* Without values a condition never holds. */
static bool condition_holds(const struct family_row *row, uint32_t call,
			    const uint64_t *args)
{
	uint64_t value;
	int other;

	if (!*row->other)
		return true;
	if (!args)
		return false;
	other = index_of(call, row->other);
	/* all of them are ints */
	return other >= 0 && constant_find(row->symbol, &value) &&
	       (uint32_t)args[other] == (uint32_t)value;
}

static const struct family *find_family(uint32_t call, int index,
					const uint64_t *args)
{
	const struct argument *argument = argument_at(call, index);

	if (!argument || argument->is_pointer)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(family_rows); i++) {
		const struct family_row *row = &family_rows[i];

		if (streq(row->argument, argument->name) &&
		    fits(row->call, syscall_row(call)->name) &&
		    condition_holds(row, call, args))
			return *row->family ? family_find(row->family) : NULL;
	}
	return NULL;
}

const struct family *argument_family(uint32_t call, int index)
{
	return find_family(call, index, NULL);
}

const struct family *argument_family_among(uint32_t call, int index,
					   const uint64_t args[static 6])
{
	return find_family(call, index, args);
}

static bool is_memory(enum argument_form form)
{
	return form == ARGUMENT_STRING || form == ARGUMENT_ARGV ||
	       form == ARGUMENT_BUFFER;
}

static const struct form_row *find_form(uint32_t call,
					const struct argument *argument)
{
	for (size_t i = 0; i < ARRAY_SIZE(form_rows); i++) {
		const struct form_row *row = &form_rows[i];

		if (is_memory(row->form) == argument->is_pointer &&
		    fits(row->call, syscall_row(call)->name) &&
		    fits(row->argument, argument->name) &&
		    fits(row->type, argument->type))
			return row;
	}
	return NULL;
}

enum argument_form argument_form(uint32_t call, int index)
{
	const struct argument *argument = argument_at(call, index);
	const struct form_row *row;

	if (!argument)
		return ARGUMENT_HEX;
	row = find_form(call, argument);
	if (row)
		return row->form;
	if (argument->is_pointer)
		return ARGUMENT_POINTER;
	return argument->is_signed ? ARGUMENT_SIGNED : ARGUMENT_UNSIGNED;
}

int argument_length(uint32_t call, int index)
{
	const struct argument *argument = argument_at(call, index);
	const struct form_row *row =
		argument ? find_form(call, argument) : NULL;

	return row && *row->length ? index_of(call, row->length) : -1;
}

static void print_number(enum argument_form form, unsigned bits,
			 uint64_t value, FILE *out)
{
	int64_t extended = (int64_t)(value << (64 - bits)) >> (64 - bits);

	value = (uint64_t)extended & (UINT64_MAX >> (64 - bits));
	switch (form) {
	case ARGUMENT_SIGNED:
	case ARGUMENT_FD:
		fprintf(out, "%" PRId64, extended);
		break;
	case ARGUMENT_UNSIGNED:
		fprintf(out, "%" PRIu64, value);
		break;
	case ARGUMENT_HEX:
		fprintf(out, "%#" PRIx64, value);
		break;
	case ARGUMENT_OCTAL:
		fprintf(out, "%#" PRIo64, value);
		break;
	default:
		fprintf(out, value ? "%#" PRIx64 : "NULL", value);
	}
}

/* Descriptors are 32 bits wide and signed whatever their declared type. */
void argument_print(const struct argument *argument, uint32_t call, int index,
		    const uint64_t args[static 6], FILE *out)
{
	const struct family *family =
		argument ? argument_family_among(call, index, args) : NULL;
	enum argument_form form =
		argument ? argument_form(call, index) : ARGUMENT_HEX;
	unsigned bits = !argument ? 64
			: form == ARGUMENT_FD ? 32 : argument->bits;

	if (family)
		family_print(family, args[index] & (UINT64_MAX >> (64 - bits)),
			     out);
	else
		print_number(form, bits, args[index], out);
}

char *argument_call_text(const char *name, enum abi_id abi, uint32_t call,
			 const uint64_t args[static 6], unsigned values,
			 unsigned strings)
{
	const struct signature *signature = signature_of(abi, call);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return xstrdup(name);
	fprintf(out, "%s(", name);
	for (int i = 0; signature ? i < signature->n : (values | strings) >> i;
	     i++) {
		fputs(i ? ", " : "", out);
		if (strings >> i & 1)
			fputs("\"...\"", out);
		else if (values >> i & 1)
			argument_print(signature ? &signature->args[i] : NULL,
				       call, i, args, out);
		else
			fputc('_', out);
	}
	fputc(')', out);
	fclose(out);
	return text;
}
