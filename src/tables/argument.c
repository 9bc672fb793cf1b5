#include "tables/argument.h"

#include <inttypes.h>
#include <stdbool.h>

#include "base/util.h"
#include "tables/syscall.h"
#include "tables/words.h"

#define SKIP(...)
#define TAKE(...) {__VA_ARGS__},

#define FORM SKIP
#define WHEN SKIP
#define FAMILIES(list) static const char families[] = list;
#include "tables/argument.def"

#undef FAMILIES
#undef WHEN
#define FAMILIES SKIP
#define WHEN TAKE
static const struct when_row {
	const char *calls, *argument, *family;
	const char *other, *symbol; /* this argument has this value */
} when_rows[] = {
#include "tables/argument.def"
};

#undef WHEN
#undef FORM
#define WHEN SKIP
#define FORM TAKE
static const struct form_row {
	enum argument_form form;
	const char *arguments;
} form_rows[] = {
#include "tables/argument.def"
};

/* An index follows the order of signature_any(). */
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

/* A word of a list for this very argument, "call.argument". */
static bool find_own(const char *list, uint32_t call, const char *argument,
		     char value[WORDS_VALUE])
{
	char word[64];

	snprintf(word, sizeof(word), "%s.%s", syscall_row(call)->name,
		 argument);
	return words_find(list, word, value);
}

static bool holds(const struct when_row *row, uint32_t call,
		  const struct argument *argument, const uint64_t *args)
{
	uint64_t value;
	int other;

	if (!streq(row->argument, argument->name) ||
	    !words_find(row->calls, syscall_row(call)->name, NULL))
		return false;
	other = index_of(call, row->other);
	/* all of them are ints */
	return other >= 0 && constant_find(row->symbol, ABI_NATIVE, &value) &&
	       (uint32_t)args[other] == (uint32_t)value;
}

const struct family *argument_family(uint32_t call, int index,
				     const uint64_t *args)
{
	const struct argument *argument = argument_at(call, index);
	char family[WORDS_VALUE];

	if (!argument || argument->is_pointer)
		return NULL;
	for (size_t i = 0; args && i < ARRAY_SIZE(when_rows); i++)
		if (holds(&when_rows[i], call, argument, args))
			return family_find(when_rows[i].family);
	return find_own(families, call, argument->name, family) ||
			       words_find(families, argument->name, family)
		       ? family_find(family)
		       : NULL;
}

static bool is_memory(enum argument_form form)
{
	return form == ARGUMENT_STRING || form == ARGUMENT_ARGV ||
	       form == ARGUMENT_BUFFER || form == ARGUMENT_SOCKADDR;
}

/* Of an argument's own, or of all that have its name; a pointer's name says
 * nothing of numbers. */
static const struct form_row *find_form(uint32_t call,
					const struct argument *argument,
					bool own)
{
	for (size_t i = 0; i < ARRAY_SIZE(form_rows); i++) {
		const struct form_row *row = &form_rows[i];

		if (is_memory(row->form) == argument->is_pointer &&
		    (own ? find_own(row->arguments, call, argument->name, NULL)
			 : words_find(row->arguments, argument->name, NULL)))
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
	row = find_form(call, argument, true);
	if (!row && argument->is_string)
		return ARGUMENT_STRING;
	if (!row && argument->bits == 16)
		return ARGUMENT_OCTAL;
	if (!row)
		row = find_form(call, argument, false);
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
		argument ? find_form(call, argument, true) : NULL;
	char length[WORDS_VALUE];

	if (!row || row->form != ARGUMENT_BUFFER)
		return -1;
	find_own(row->arguments, call, argument->name, length);
	return index_of(call, length);
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
void argument_print(const struct argument *argument, enum abi_id abi,
		    uint32_t call, int index, const uint64_t args[static 6],
		    FILE *out)
{
	const struct family *family =
		argument ? argument_family(call, index, args) : NULL;
	enum argument_form form =
		argument ? argument_form(call, index) : ARGUMENT_HEX;
	unsigned bits = !argument ? 64
			: form == ARGUMENT_FD ? 32 : argument->bits;

	if (family)
		family_print(family, abi,
			     args[index] & (UINT64_MAX >> (64 - bits)), out);
	else
		print_number(form, bits, args[index], out);
}

char *argument_call_text(const char *name, enum abi_id abi, uint32_t call,
			 const uint64_t args[static 6], unsigned values,
			 unsigned strings)
{
	const struct signature *signature = signature_of(abi, call);
	char *text;
	FILE *out = text_stream(&text);

	fprintf(out, "%s(", name);
	for (int i = 0; signature ? i < signature->n : (values | strings) >> i;
	     i++) {
		fputs(i ? ", " : "", out);
		if (strings >> i & 1)
			fputs("\"...\"", out);
		else if (values >> i & 1)
			argument_print(signature ? &signature->args[i] : NULL,
				       abi, call, i, args, out);
		else
			fputc('_', out);
	}
	fputc(')', out);
	fclose(out);
	return text;
}
