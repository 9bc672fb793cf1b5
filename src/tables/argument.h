/* How an argument of a call is best shown: which symbols it takes, and
 * whether it is a number, a descriptor, a path behind a pointer …
 *
 * The tables here are keyed by the kernel's parameter names (signature.h).
 * An index is a place in the call's signature: where signature_of() has none
 * for an ABI, ask nothing here and print registers in hex. */
#pragma once

#include <stdint.h>
#include <stdio.h>

#include "tables/constant.h"
#include "tables/signature.h"

enum argument_form {
	ARGUMENT_SIGNED,   /* decimal, in the signature's width */
	ARGUMENT_UNSIGNED, /* decimal */
	ARGUMENT_HEX,      /* flags without symbols, addresses, ioctl's arg */
	ARGUMENT_OCTAL,    /* permission bits */
	ARGUMENT_POINTER,  /* hex, NULL for 0: nothing to read at entry */
	ARGUMENT_FD,       /* a descriptor: signed decimal of 32 bits; where
	                      there is a family it has AT_FDCWD */
	ARGUMENT_STRING,   /* points to a NUL-terminated string: a path, name */
	ARGUMENT_ARGV,     /* points to an array of strings, NULL at its end */
	ARGUMENT_BUFFER,   /* points to bytes that the call reads; how many is
	                      the argument argument_length() */
	ARGUMENT_SOCKADDR, /* points to an address that the call reads; its
	                      length is the next argument */
};

/* ARGUMENT_HEX for a raw call or an index that the signature lacks. */
enum argument_form argument_form(uint32_t call, int index);

/* Prints a register as the argument that it holds, as strace does, its symbols
 * first; nothing is read behind a pointer.  NULL, where there is no signature:
 * the register.  args: all six. */
void argument_print(const struct argument *argument, enum abi_id abi,
		    uint32_t call, int index, const uint64_t args[static 6],
		    FILE *out);

/* A call with some of its arguments: "socket(AF_INET, _, _)", malloc'd.  Which
 * are shown by value and which as "..." is told by bit, the rest is '_'. */
char *argument_call_text(const char *name, enum abi_id abi, uint32_t call,
			 const uint64_t args[static 6], unsigned values,
			 unsigned strings);

/* The index of the argument that holds a buffer's length; -1: no buffer. */
int argument_length(uint32_t call, int index);

/* NULL: none.  It goes before the form: mknod's mode is S_IFCHR|0600.  args:
 * all six values, since the option of setsockopt depends on its level, fcntl's
 * arg on its cmd; NULL: the family whatever they are. */
const struct family *argument_family(uint32_t call, int index,
				     const uint64_t *args);
