/* The symbols of the system's headers, by name and by value.
 *
 * constant.list names them, one family a line; the build asks the compiler
 * for their values, so they are those of the headers it was built with.  A
 * symbol that the headers lack is left out.  A few values differ between ABIs
 * (O_DIRECTORY): those are in the list. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "tables/abi.h"

/* The value of a symbol of any family ("AF_UNIX", "O_WRITES") on an ABI; false:
 * no such symbol. */
bool constant_find(const char *name, enum abi_id abi, uint64_t *value);
const char *constant_suggest(const char *name);

/* No pointers: each would have to be relocated at every start. */
struct constant {
	uint32_t name; /* constant_name()'s; CONSTANT_END: behind the last row of
	                  its family */
	uint64_t value; /* constant_value()'s, where no ABI differs */
};

#define CONSTANT_END UINT32_MAX

const char *constant_name(const struct constant *constant);
uint64_t constant_value(const struct constant *constant, enum abi_id abi);

/* Symbols with one meaning, for printing a value: "AF", "O", "PROT" … */
struct family {
	char name[16];
	bool is_flags; /* a set of bits: A|B|0x40; else one value */
	uint8_t base; /* of what has no symbol: 16, 10 (signed) or 8 */
	/* In a set of bits, those that hold one value of another family:
	 * open's access mode, clone's exit signal; 0: none. */
	uint64_t field;
	uint8_t field_family; /* family_of_field() */
	bool field_last; /* printed behind the flags, not before */
};

const struct family *family_find(const char *name); /* NULL: none */
const struct family *family_of_field(const struct family *family);

/* Its rows, of which the first that fits is printed, up to CONSTANT_END. */
const struct constant *family_rows(const struct family *family);
#define for_family_rows(row, family)                                           \
	for (const struct constant *row = family_rows(family);                 \
	     (row)->name != CONSTANT_END; (row)++)

/* The symbol of one value, NULL: none.  A 32-bit argument may come with its
 * upper half cut off. */
const char *family_symbol(const struct family *family, enum abi_id abi,
			  uint64_t value);

/* Prints a value as symbols of the family, as strace would: "O_RDONLY|
 * O_CLOEXEC", "MAP_PRIVATE|MAP_ANONYMOUS", "S_IFCHR|0600".  The value may be
 * cut to the argument's width or sign-extended: AT_FDCWD is found in both. */
void family_print(const struct family *family, enum abi_id abi, uint64_t value,
		  FILE *out);
/* The symbols that are in the bits, which they are taken out of; single: those
 * of one bit.  *bar stands before the next symbol. */
void family_print_set(const struct family *family, enum abi_id abi, bool single,
		      uint64_t *bits, const char **bar, FILE *out);
