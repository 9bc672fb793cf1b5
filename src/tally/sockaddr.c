#include "tally/sockaddr.h"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/text.h"
#include "base/util.h"
#include "tally/memory.h"
#include "tables/constant.h"

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_un un;
	struct sockaddr_nl nl;
	struct sockaddr_storage room;
};

bool sockaddr_is_at(const char *call, int index)
{
	static const struct {
		const char *call;
		int index;
	} places[] = {{"bind", 1}, {"connect", 1}, {"sendto", 4}};

	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (places[i].index == index && streq(places[i].call, call))
			return true;
	return false;
}

static void print_in(FILE *out, const union address *a)
{
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &a->in.sin_addr, text, sizeof(text));
	fprintf(out, "%s:%u", text, ntohs(a->in.sin_port));
}

static void print_in6(FILE *out, const union address *a)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(AF_INET6, &a->in6.sin6_addr, text, sizeof(text));
	fprintf(out, "[%s]:%u", text, ntohs(a->in6.sin6_port));
}

static void print_nl(FILE *out, const union address *a)
{
	fprintf(out, "%u, %#x", a->nl.nl_pid, a->nl.nl_groups);
}

/* A name that begins with NUL is abstract and as long as the length says;
 * "@" stands for the NUL, as in /proc/net/unix. */
static void print_un(FILE *out, const union address *a, size_t length)
{
	const char *path = a->un.sun_path;
	size_t n = length - offsetof(struct sockaddr_un, sun_path);
	bool abstract = n > 1 && !path[0];

	if (!abstract)
		n = strnlen(path, n);
	fprintf(out, "%s\"", abstract ? "@" : "");
	escape_quoted(out, path + abstract, n - abstract);
	fputc('"', out);
}

static void print_family(FILE *out, sa_family_t family)
{
	const struct family *names = family_find("AF");

	if (names)
		family_print(names, family, out);
	else
		fprintf(out, "%u", family);
}

bool sockaddr_print(FILE *out, struct reader *reader, pid_t tid,
		    uint64_t address, uint64_t length)
{
	static const struct {
		sa_family_t family;
		size_t least;
		void (*print)(FILE *out, const union address *a);
	} kinds[] = {
		{AF_INET, sizeof(struct sockaddr_in), print_in},
		{AF_INET6, offsetof(struct sockaddr_in6, sin6_scope_id),
		 print_in6},
		{AF_NETLINK, sizeof(struct sockaddr_nl), print_nl},
	};
	union address a = {0};
	size_t n = length < sizeof(a) ? length : sizeof(a);

	n = memory_read(reader, tid, address, &a, n);
	if (n < sizeof(a.any.sa_family))
		return false;
	fputc('{', out);
	print_family(out, a.any.sa_family);
	if (a.any.sa_family == AF_UNIX &&
	    n > offsetof(struct sockaddr_un, sun_path)) {
		fputs(", ", out);
		print_un(out, &a, n < sizeof(a.un) ? n : sizeof(a.un));
	}
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (a.any.sa_family == kinds[i].family &&
		    n >= kinds[i].least) {
			fputs(", ", out);
			kinds[i].print(out, &a);
		}
	}
	fputc('}', out);
	return true;
}
