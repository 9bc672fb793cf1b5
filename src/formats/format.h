/* The formats that policies are written in, and what reads them.
 *
 * Only INI is read into a policy directly.  Another format's reader makes a
 * policy file of the text, line by line, with the place that each line comes
 * from: what the file means, what is wrong with it and who decides a call is
 * found by the same code, and shown as "seccomp.json: syscalls[3]". */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/diag.h"
#include "model/policy.h"

/* What a policy of another format may ask of the machine. */
struct import_for {
	uint64_t caps; /* capabilities of the process, a bit each */
	int kernel;    /* KERNEL(major, minor) */
};

/* A policy file in the making. */
struct import {
	const char *file; /* as shown in messages */
	struct import_for machine;
	struct diags *diags;

	FILE *out; /* into text */
	char *text;
	size_t size;
	char section[8]; /* of the last line */
	const char **places; /* of each line, "FILE: syscalls[3]" */
	size_t n, cap;
	struct arena memory; /* of the places */
	/* What the policy file cannot say, or says otherwise; in sentences. */
	struct diags notes;
};

struct format {
	const char *name;
	/* Is the text in this format?  NULL: it takes what no other does. */
	bool (*is)(const char *text, size_t n);
	/* n bytes and a NUL.  0; or -1 with the mistakes added to diags.  NULL:
	 * it is INI, and read as it is; or a format that is only written. */
	int (*read)(struct import *import, const char *text, size_t n);
	bool is_input;
};

const struct format *format_of(const char *text, size_t n);
const struct format *format_find(const char *name); /* NULL: none */

/* Makes import->text of n bytes and a NUL.  file and diags of import are the
 * caller's, who releases it in any case.  0; or -1 with the mistakes added to
 * diags. */
int import_read(const struct format *format, struct import *import,
		const char *text, size_t n);
void import_release(struct import *import);

/* A line of a section, of what stands at this place of the text ("syscalls[3]",
 * "SystemCallFilter=, line 12"). */
void import_line(struct import *import, const char *place, const char *section,
		 const char *fmt, ...) printf_like(4, 5);
/* -1, for the caller to hand on. */
int import_wrong(struct import *import, const char *place, const char *fmt, ...)
	printf_like(3, 4);
void import_note(struct import *import, const char *place, const char *fmt, ...)
	printf_like(3, 4);

/* Gives the layer's rules and settings, and the mistakes in diags, their places,
 * which become the layer's.  Of what was read as INI nothing changes. */
void import_place(struct import *import, struct layer *layer,
		  struct diags *diags);
