/* What every room may use: allocators that end the process when memory is
 * out (a launcher has nothing better to do), cleanup attributes, small string
 * helpers.  Nothing here touches the operating system beyond memory and open
 * descriptors. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

/* Number of elements; does not compile on a pointer. */
#define ARRAY_SIZE(a)                                                          \
	(sizeof(a) / sizeof((a)[0]) +                                          \
	 0 * sizeof(char[1 - 2 * __builtin_types_compatible_p(                 \
				 __typeof__(a), __typeof__(&(a)[0]))]))

/* Scope-bound ownership: the variable is released when it leaves its scope;
 * steal() hands the value on and leaves NULL behind.  released_by() is for a
 * struct, with the function that frees what it holds. */
#define released_by(function) __attribute__((unused, cleanup(function)))
#define cleanup_free released_by(cleanup_free_impl)
#define cleanup_file released_by(cleanup_file_impl)
#define cleanup_fd released_by(cleanup_fd_impl)
#define steal(p)                                                               \
	({                                                                     \
		__typeof__(p) steal_tmp = (p);                                 \
		(p) = NULL;                                                    \
		steal_tmp;                                                     \
	})

#define printf_like(fmt, args) __attribute__((format(printf, fmt, args)))

void cleanup_free_impl(void *p);
void cleanup_file_impl(FILE **f);
void cleanup_fd_impl(int *fd); /* -1 means: none */

/* These never return NULL; they print "out of memory" and exit 125. */
void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);
void *xreallocarray(void *p, size_t n, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
char *xasprintf(const char *fmt, ...) printf_like(1, 2);
char *xvasprintf(const char *fmt, va_list args) printf_like(1, 0);

/* A stream into memory: what is written is in *text, malloc'd, n bytes and a
 * NUL, once it is closed. */
FILE *xmemstream(char **text, size_t *n);
/* For who does not ask how many; the block that opens it closes it. */
#define text_stream(text) xmemstream(text, &(size_t){0})

/* Puts what is printed in the place of *text, which may be a part of it:
 * reprint(&list, "%s, %s", list, word). */
void reprint(char **text, const char *fmt, ...) printf_like(2, 3);

void *grow_more(void *array, size_t *cap, size_t size);

/* Makes room for one more element in an array of *cap elements that holds n;
 * returns the (moved) array.  grow(v, n, &cap, sizeof *v) */
static inline void *grow(void *array, size_t n, size_t *cap, size_t size)
{
	return n < *cap ? array : grow_more(array, cap, size);
}

/* One more element of an array of n, as a place to be assigned to:
 * push(v->items, v->n, v->cap) = item. */
#define push(array, n, cap)                                                    \
	(*({                                                                   \
		(array) = grow(array, n, &(cap), sizeof(*(array)));            \
		&(array)[(n)++];                                               \
	}))

static inline bool streq(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static inline bool has_prefix(const char *s, const char *prefix)
{
	while (*prefix && *s == *prefix)
		s++, prefix++;
	return !*prefix;
}

bool has_suffix(const char *s, const char *suffix);

/* What there is up to the end, but no more than size bytes: how many they are,
 * or -1 with errno. */
ssize_t read_all(int fd, void *buf, size_t size);
/* 0, or -1 with errno. */
int write_all(int fd, const char *bytes, size_t n);

/* Parses an unsigned number, decimal, 0x hex or 0 octal, the whole of s.
 * Returns false on junk, an empty string, a sign or overflow. */
bool parse_u64(const char *s, unsigned long long *value);
