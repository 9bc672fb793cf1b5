/* A folder of its own for each test, and what was found wrong in it. */
#ifndef TEST_SCRATCH_H
#define TEST_SCRATCH_H

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/diag.h"

/* Goes into a fresh folder; *state holds its path, for scratch_leave(). */
static inline int scratch_enter(void **state)
{
	char template[] = "/tmp/sandbox-test-XXXXXX";

	if (!mkdtemp(template) || chdir(template) < 0)
		return -1;
	umask(022);
	/* messages name the program as it was called */
	program_invocation_short_name = (char *)"sandbox";
	*state = xstrdup(template);
	return 0;
}

static inline int scratch_remove(const char *path, const struct stat *st,
				 int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static inline int scratch_leave(void **state)
{
	int ret = chdir("/");

	ret |= nftw(*state, scratch_remove, 8, FTW_DEPTH | FTW_PHYS);
	free(*state);
	return ret;
}

static inline void write_bytes(const char *path, const void *bytes, size_t n)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static inline void write_text(const char *path, const char *text)
{
	write_bytes(path, text, strlen(text));
}

/* All mistakes as diags_print() shows them. */
static inline char *diags_text(struct diags *diags)
{
	char *text;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	assert_non_null(f);
	diags_print(diags, f);
	fclose(f);
	return text;
}

/* Shows both texts before it fails: they are long. */
static inline void assert_text(const char *got, const char *expected)
{
	if (strcmp(got, expected) == 0)
		return;
	fprintf(stderr, "--- expected\n%s--- got\n%s---\n", expected, got);
	fail();
}

static inline void assert_contains(const char *got, const char *part)
{
	if (strstr(got, part))
		return;
	fprintf(stderr, "--- expected somewhere\n%s\n--- got\n%s---\n", part,
		got);
	fail();
}

#endif
