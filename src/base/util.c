#include "base/util.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/exitcode.h"

void cleanup_free_impl(void *p)
{
	free(*(void **)p);
}

void cleanup_file_impl(FILE **f)
{
	if (*f)
		fclose(*f);
}

void cleanup_fd_impl(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static _Noreturn void out_of_memory(void)
{
	static const char text[] = "sandbox: out of memory\n";
	ssize_t ignored = write(STDERR_FILENO, text, sizeof(text) - 1);

	(void)ignored;
	_exit(EXITCODE_SANDBOX);
}

static void *not_null(void *p)
{
	if (!p)
		out_of_memory();
	return p;
}

void *xmalloc(size_t size)
{
	return xreallocarray(NULL, 1, size);
}

void *xcalloc(size_t n, size_t size)
{
	return not_null(calloc(n ? n : 1, size ? size : 1));
}

void *xreallocarray(void *p, size_t n, size_t size)
{
	return not_null(reallocarray(p, n ? n : 1, size ? size : 1));
}

char *xstrdup(const char *s)
{
	return xstrndup(s, strlen(s));
}

char *xstrndup(const char *s, size_t n)
{
	return not_null(strndup(s, n));
}

char *xvasprintf(const char *fmt, va_list args)
{
	char *s;

	if (vasprintf(&s, fmt, args) < 0)
		out_of_memory();
	return s;
}

char *xasprintf(const char *fmt, ...)
{
	va_list args;
	char *s;

	va_start(args, fmt);
	s = xvasprintf(fmt, args);
	va_end(args);
	return s;
}

void reprint(char **text, const char *fmt, ...)
{
	char *old = *text;
	va_list args;

	va_start(args, fmt);
	*text = xvasprintf(fmt, args);
	va_end(args);
	free(old);
}

FILE *xmemstream(char **text, size_t *n)
{
	return not_null(open_memstream(text, n));
}

void *grow_more(void *array, size_t *cap, size_t size)
{
	*cap = *cap ? *cap * 2 : 8;
	return xreallocarray(array, *cap, size);
}

bool has_suffix(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && streq(s + n - m, suffix);
}

bool parse_u64(const char *s, unsigned long long *value)
{
	char *end;

	if (!isdigit((unsigned char)*s))
		return false;
	errno = 0;
	*value = strtoull(s, &end, 0);
	return errno == 0 && *end == '\0';
}

int write_all(int fd, const char *bytes, size_t n)
{
	while (n) {
		ssize_t done = TEMP_FAILURE_RETRY(write(fd, bytes, n));

		if (done == 0)
			errno = EIO;
		if (done <= 0)
			return -1;
		bytes += done;
		n -= (size_t)done;
	}
	return 0;
}

ssize_t read_all(int fd, void *buf, size_t size)
{
	size_t n = 0;
	ssize_t more = 1;

	while (n < size && more > 0) {
		more = TEMP_FAILURE_RETRY(read(fd, (char *)buf + n, size - n));
		n += more > 0 ? (size_t)more : 0;
	}
	return more < 0 ? -1 : (ssize_t)n;
}
