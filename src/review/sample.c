#include "review/sample.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/util.h"
#include "tables/argument.h"
#include "tables/signature.h"
#include "tables/syscall.h"

void sample_use_cond(struct sample *sample, const struct cond *cond)
{
	sample->used |= cond_args(cond);
}

void sample_use(struct sample *sample, const struct decision *decision)
{
	for (size_t i = 0; i < decision->n; i++)
		sample_use_cond(sample, decision->clauses[i].cond);
}

/* The first named value but 0 with which the diagram still holds. */
static void choose(struct sample *sample, const struct diagram_store *store,
		   diagram where, int arg, const struct family *family)
{
	uint64_t found = sample->args[arg];

	for (size_t i = 0; i < family->n; i++) {
		sample->args[arg] = family->rows[i].value;
		if (family->rows[i].value &&
		    diagram_eval(store, where, sample->args))
			return;
	}
	sample->args[arg] = found;
}

bool sample_find(struct sample *sample, struct diagram_store *store,
		 diagram where, uint32_t call)
{
	if (where == DIAGRAM_NONE ||
	    !diagram_differ(store, where, DIAGRAM_FALSE, sample->args))
		return false;
	for (int arg = 0; arg < 6; arg++) {
		const struct family *family =
			syscall_row(call) && sample->used >> arg & 1
				? argument_family(call, arg)
				: NULL;

		if (family && !family->is_flags)
			choose(sample, store, where, arg, family);
	}
	return true;
}

static uint64_t cut(uint64_t value, uint8_t bits)
{
	return bits >= 64 ? value : value & ((UINT64_C(1) << bits) - 1);
}

static void print_number(const struct argument *arg, uint64_t value,
			 enum argument_form form, FILE *out)
{
	unsigned shift = 64u - arg->bits;

	if (arg->is_pointer && !value)
		fputs("NULL", out);
	else if (form == ARGUMENT_OCTAL)
		fprintf(out, value ? "0%" PRIo64 : "%" PRIo64, value);
	else if (arg->is_signed || form == ARGUMENT_FD)
		fprintf(out, "%" PRId64, (int64_t)(value << shift) >> shift);
	else if (value < 10 || form == ARGUMENT_UNSIGNED)
		fprintf(out, "%" PRIu64, value);
	else
		fprintf(out, "0x%" PRIx64, value);
}

static void print_argument(const struct sample *sample, uint32_t call, int i,
			   const struct argument *arg, FILE *out)
{
	uint64_t value = cut(sample->args[i], arg->bits);
	const struct family *family =
		argument_family_among(call, i, sample->args);

	if (!(sample->used >> i & 1))
		fputc('_', out);
	else if (family)
		family_print(family, value, out);
	else
		print_number(arg, value, argument_form(call, i), out);
}

/* Without a signature: registers, up to the last that matters. */
static void print_registers(const struct sample *sample, FILE *out)
{
	for (int i = 0; sample->used >> i; i++) {
		fputs(i ? ", " : "", out);
		if (sample->used >> i & 1)
			fprintf(out, "0x%" PRIx64, sample->args[i]);
		else
			fputc('_', out);
	}
}

char *sample_text(const struct sample *sample, enum abi_id abi, uint32_t call)
{
	const struct signature *signature =
		signature_of(abi, call);
	char *text = NULL, buf[16];
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return xstrdup(syscall_name(call, buf));
	fprintf(out, "%s(", syscall_name(call, buf));
	for (int i = 0; signature && i < signature->n; i++) {
		fputs(i ? ", " : "", out);
		print_argument(sample, call, i, &signature->args[i], out);
	}
	if (!signature)
		print_registers(sample, out);
	fputc(')', out);
	fclose(out);
	return text;
}
