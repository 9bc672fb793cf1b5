#include "tally/decode.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/param.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/text.h"
#include "base/util.h"
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
	enum abi_id abi;
	uint32_t call;
	int index;
	const struct argument *argument;
	uint64_t value; /* cut to the bits that the kernel looks at */
	size_t pointer; /* the size of a pointer in its memory */
};

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
	size_t n = memory_read_until(p->reader, p->event->tid, address, buf,
				     shown + 1, '\0');
	bool whole = n && buf[n - 1] == '\0';

	if (!n)
		return false;
	if (whole || n > shown)
		n--;
	print_quoted(out, buf, n, whole);
	return true;
}

/* Each form: false, and nothing printed, where the pointer is to be shown. */
static bool form_string(FILE *out, const struct place *p)
{
	return p->value && print_string_at(out, p, p->value, SHOWN_STRING);
}

/* The pointer at an index of an array of them; false if unreadable. */
static bool read_item(const struct place *p, size_t i, uint64_t *item)
{
	*item = 0; /* both machines that this runs on are little-endian */
	return memory_read(p->reader, p->event->tid, p->value + i * p->pointer,
			   item, p->pointer) == p->pointer;
}

static bool form_argv(FILE *out, const struct place *p)
{
	uint64_t item;

	/* The environment holds passwords and keys, and a report is passed
	 * round: nobody asked for it. */
	if (streq(p->argument->name, "envp") || !read_item(p, 0, &item))
		return false;
	fputc('[', out);
	for (size_t i = 0; read_item(p, i, &item) && item; i++) {
		fputs(i ? ", " : "", out);
		if (i == SHOWN_ITEMS) {
			fputs("...", out);
			break;
		}
		if (!print_string_at(out, p, item, SHOWN_ITEM))
			fprintf(out, "%#" PRIx64, item);
	}
	fputc(']', out);
	return true;
}

static bool form_buffer(FILE *out, const struct place *p)
{
	int at = argument_length(p->call, p->index);
	uint64_t length = at < 0 ? 0 : p->event->args[at];
	char buf[SHOWN_BUFFER];
	size_t n = MIN(length, sizeof(buf));

	if (!p->value || (n && !(n = memory_read(p->reader, p->event->tid,
						 p->value, buf, n))))
		return false;
	print_quoted(out, buf, n, n == length);
	return true;
}

struct address {
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
		struct sockaddr_nl nl;
		struct sockaddr_storage room;
	};
	size_t length; /* of what could be read */
};

/* The port lies in the same place in both. */
static void print_in(FILE *out, const struct address *a)
{
	bool is_v6 = a->any.sa_family == AF_INET6;
	char text[INET6_ADDRSTRLEN];

	inet_ntop(a->any.sa_family, is_v6 ? (const void *)&a->in6.sin6_addr
					  : &a->in.sin_addr, text, sizeof(text));
	fprintf(out, is_v6 ? "[%s]:%u" : "%s:%u", text, ntohs(a->in.sin_port));
}

static void print_nl(FILE *out, const struct address *a)
{
	fprintf(out, "%u, %#x", a->nl.nl_pid, a->nl.nl_groups);
}

/* A name that begins with NUL is abstract and as long as the length says;
 * "@" stands for the NUL, as in /proc/net/unix. */
static void print_un(FILE *out, const struct address *a)
{
	const char *path = a->un.sun_path;
	size_t n = MIN(a->length, sizeof(a->un)) -
		   offsetof(struct sockaddr_un, sun_path);
	bool abstract = n > 1 && !path[0];

	if (!abstract)
		n = strnlen(path, n);
	fprintf(out, "%s\"", abstract ? "@" : "");
	escape_quoted(out, path + abstract, n - abstract);
	fputc('"', out);
}

/* "{AF_INET, 127.0.0.1:80}" */
static bool form_sockaddr(FILE *out, const struct place *p)
{
	static const struct {
		sa_family_t family;
		size_t least;
		void (*print)(FILE *out, const struct address *a);
	} kinds[] = {
		{AF_INET, sizeof(struct sockaddr_in), print_in},
		{AF_INET6, offsetof(struct sockaddr_in6, sin6_scope_id),
		 print_in},
		{AF_NETLINK, sizeof(struct sockaddr_nl), print_nl},
		{AF_UNIX, offsetof(struct sockaddr_un, sun_path) + 1, print_un},
	};
	const uint64_t length = p->event->args[p->index + 1];
	struct address a = {0};

	a.length = memory_read(p->reader, p->event->tid, p->value, &a.room,
			       MIN(length, sizeof(a.room)));
	if (a.length < sizeof(a.any.sa_family))
		return false;
	fputc('{', out);
	family_print(family_find("AF"), ABI_NATIVE, a.any.sa_family, out);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (a.any.sa_family == kinds[i].family &&
		    a.length >= kinds[i].least) {
			fputs(", ", out);
			kinds[i].print(out, &a);
		}
	}
	fputc('}', out);
	return true;
}

static void print_place(FILE *out, const struct place *p)
{
	static bool (*const forms[])(FILE *, const struct place *) = {
		[ARGUMENT_STRING] = form_string,
		[ARGUMENT_ARGV] = form_argv,
		[ARGUMENT_BUFFER] = form_buffer,
		[ARGUMENT_SOCKADDR] = form_sockaddr,
	};
	enum argument_form form =
		p->argument ? argument_form(p->call, p->index) : ARGUMENT_HEX;

	if (form >= ARRAY_SIZE(forms) || !forms[form] || !forms[form](out, p))
		argument_print(p->argument, p->abi, p->call, p->index,
			       p->event->args, out);
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
			.abi = (enum abi_id)abi,
			.call = call,
			.index = i,
			.argument = signature ? &signature->args[i] : NULL,
			.value = event->args[i],
			.pointer = wide ? 8 : 4,
		};
		FILE *out;

		if (signature)
			place.value &= UINT64_MAX >> (64 - place.argument->bits);
		out = text_stream(&args[i]);
		print_place(out, &place);
		fclose(out);
	}
	return n;
}
