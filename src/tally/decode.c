#include "tally/decode.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "base/util.h"
#include "tally/memory.h"
#include "tally/sockaddr.h"
#include "tables/argument.h"
#include "tables/constant.h"
#include "tables/signature.h"
#include "tables/syscall.h"

enum {
	SHOWN_STRING = 256, /* bytes of a path */
	SHOWN_BUFFER = 32,  /* bytes of data, as strace */
	SHOWN_ITEM = 64,    /* bytes of one string of argv */
	SHOWN_ITEMS = 8,    /* strings of argv */
};

/* One argument of an event. */
struct place {
	struct reader *reader;
	const struct event *event;
	uint32_t call;
	int index;
	const struct argument *argument;
	uint64_t value; /* cut to the bits that the kernel looks at */
	size_t pointer; /* the size of a pointer in its memory */
};

static void print_pointer(FILE *out, uint64_t value)
{
	fprintf(out, value ? "%#" PRIx64 : "NULL", value);
}

static void print_quoted(FILE *out, const char *bytes, size_t n, bool whole)
{
	fputc('"', out);
	escape_quoted(out, bytes, n);
	fputs(whole ? "\"" : "\"...", out);
}

/* false, and nothing printed, if it cannot be read. */
static bool print_string_at(FILE *out, const struct place *p, uint64_t address,
			    size_t shown)
{
	char buf[SHOWN_STRING + 1];
	size_t n = memory_read_string(p->reader, p->event->tid, address, buf,
				      shown + 1);
	bool whole = n && buf[n - 1] == '\0';

	if (!n)
		return false;
	if (whole || n > shown)
		n--;
	print_quoted(out, buf, n, whole);
	return true;
}

static void form_string(FILE *out, const struct place *p)
{
	if (!p->value ||
	    !print_string_at(out, p, p->value, SHOWN_STRING))
		print_pointer(out, p->value);
}

/* The pointer at an index of an array of them; false if unreadable. */
static bool read_item(const struct place *p, size_t i, uint64_t *item)
{
	*item = 0; /* both machines that this runs on are little-endian */
	return memory_read(p->reader, p->event->tid, p->value + i * p->pointer,
			   item, p->pointer) == p->pointer;
}

static void form_argv(FILE *out, const struct place *p)
{
	uint64_t item;

	/* The environment holds passwords and keys, and a report is passed
	 * round: nobody asked for it. */
	if (streq(p->argument->name, "envp") || !read_item(p, 0, &item)) {
		print_pointer(out, p->value);
		return;
	}
	fputc('[', out);
	for (size_t i = 0; read_item(p, i, &item) && item; i++) {
		fputs(i ? ", " : "", out);
		if (i == SHOWN_ITEMS) {
			fputs("...", out);
			break;
		}
		if (!print_string_at(out, p, item, SHOWN_ITEM))
			print_pointer(out, item);
	}
	fputc(']', out);
}

static void form_buffer(FILE *out, const struct place *p)
{
	int at = argument_length(p->call, p->index);
	uint64_t length = at < 0 ? 0 : p->event->args[at];
	char buf[SHOWN_BUFFER];
	size_t n = length < sizeof(buf) ? length : sizeof(buf);

	if (!p->value || (n && !(n = memory_read(p->reader, p->event->tid,
						 p->value, buf, n))))
		print_pointer(out, p->value);
	else
		print_quoted(out, buf, n, n == length);
}

static bool print_sockaddr(FILE *out, const struct place *p)
{
	const struct syscall_row *row = syscall_row(p->call);

	return sockaddr_is_at(row->name, p->index) &&
	       sockaddr_print(out, p->reader, p->event->tid, p->value,
			      p->event->args[p->index + 1]);
}

static void print_place(FILE *out, const struct place *p)
{
	static void (*const forms[])(FILE *, const struct place *) = {
		[ARGUMENT_STRING] = form_string,
		[ARGUMENT_ARGV] = form_argv,
		[ARGUMENT_BUFFER] = form_buffer,
	};
	enum argument_form form =
		p->argument ? argument_form(p->call, p->index) : ARGUMENT_HEX;

	if (p->argument && print_sockaddr(out, p))
		return;
	if (form < ARRAY_SIZE(forms) && forms[form])
		forms[form](out, p);
	else
		argument_print(p->argument, p->call, p->index, p->event->args,
			       out);
}

static bool creates_file(uint64_t flags)
{
	return flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE;
}

static bool fcntl_takes_arg(uint64_t cmd)
{
	static const int without[] = {F_GETFD,	F_GETFL,     F_GETOWN,
				      F_GETSIG, F_GETLEASE,  F_GETPIPE_SZ,
				      F_GET_SEALS};

	for (size_t i = 0; i < ARRAY_SIZE(without); i++)
		if ((int)cmd == without[i])
			return false;
	return true;
}

/* How many arguments mean something: some calls' last one is there only for
 * some values of the one before it, and holds rubbish else. */
static int meaningful(const struct event *event, const char *call, int n)
{
	static const struct {
		const char *call;
		int n;
		bool (*takes_last)(uint64_t before_last);
	} rows[] = {
		{"open", 3, creates_file},
		{"openat", 4, creates_file},
		{"fcntl", 3, fcntl_takes_arg},
		{"fcntl64", 3, fcntl_takes_arg},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].n == n && streq(rows[i].call, call) &&
		    !rows[i].takes_last(event->args[n - 2]))
			return n - 1;
	return n;
}

static char *text_of(const struct place *p)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return xstrdup("?");
	print_place(out, p);
	fclose(out);
	return text;
}

/* Without a signature registers are all there is to show: all six of a raw
 * call, up to the last that holds something of a named one. */
static int registers(const struct event *event, uint32_t call)
{
	int n = 6;

	while (n > 0 && !(call & CALL_RAW) && !event->args[n - 1])
		n--;
	return n;
}

int decode_args(struct reader *reader, const struct event *event,
		uint32_t call, char *args[6])
{
	int abi = abi_by_audit_arch(event->audit_arch);
	const struct syscall_row *row =
		call & CALL_RAW ? NULL : syscall_row(call);
	const struct signature *signature =
		row && abi >= 0 ? signature_of((enum abi_id)abi, call) : NULL;
	bool wide = abi >= 0 && abis[abi].bits == 64 &&
		    !abi_is_x32(abi, event->nr);
	int n;

	n = signature ? meaningful(event, row->name, signature->n)
		      : registers(event, call);
	for (int i = 0; i < n; i++) {
		struct place place = {
			.reader = reader,
			.event = event,
			.call = call,
			.index = i,
			.argument = signature ? &signature->args[i] : NULL,
			.value = event->args[i],
			.pointer = wide ? 8 : 4,
		};

		if (signature)
			place.value &= UINT64_MAX >> (64 - place.argument->bits);
		args[i] = text_of(&place);
	}
	return n;
}
