/* The form of a policy file: what is read, with its place, and what is
 * refused. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "formats/ini.h"
#include "random.h"
#include "scratch.h"

struct reading {
	struct ini_file ini;
	struct diags diags;
	int ret;
};

static struct reading read_bytes(const char *bytes, size_t n)
{
	struct reading r = {0};
	char *copy = xmalloc(n + 1);

	memcpy(copy, bytes, n);
	copy[n] = '\0';
	r.ret = ini_read(&r.ini, copy, n, "f", &r.diags);
	free(copy); /* nothing may point into it */
	return r;
}

static struct reading read_text(const char *text)
{
	return read_bytes(text, strlen(text));
}

static void done(struct reading *r)
{
	ini_free(&r->ini);
	diags_free(&r->diags);
}

static void assert_item(const struct reading *r, size_t i, const char *section,
			const char *key, int line, const char *value)
{
	assert_true(i < r->ini.n_items);
	assert_string_equal(r->ini.items[i].section, section);
	assert_string_equal(r->ini.items[i].key, key);
	assert_int_equal(r->ini.items[i].line, line);
	assert_string_equal(r->ini.items[i].value, value);
}

/* The text must be refused with exactly these lines. */
static void assert_refused(const char *text, const char *expected)
{
	struct reading r = read_text(text);
	char *got = diags_text(&r.diags);

	assert_text(got, expected);
	assert_int_equal(r.ret, -1);
	free(got);
	done(&r);
}

static void plain_file(void **state)
{
	struct reading r = read_text("; top\n"
				     "[policy]\n"
				     "default = deny   ; why\n"
				     "\n"
				     "  # indented comment\n"
				     "[ allow ]   # the list\n"
				     "syscalls=read write\n"
				     "socket   =  if family == AF_UNIX\n"
				     "[kill]\n"
				     "[allow]\n"
				     "ioctl =\n"
				     "url = a#b;c\n"
				     "last = line");

	(void)state;
	assert_int_equal(r.ret, 0);
	assert_int_equal(r.ini.n_items, 6);
	assert_item(&r, 0, "policy", "default", 3, "deny");
	assert_item(&r, 1, "allow", "syscalls", 7, "read write");
	assert_item(&r, 2, "allow", "socket", 8, "if family == AF_UNIX");
	assert_item(&r, 3, "allow", "ioctl", 11, "");
	assert_item(&r, 4, "allow", "url", 12, "a#b;c");
	assert_item(&r, 5, "allow", "last", 13, "line");
	/* an empty section and a repeated one are there too */
	assert_int_equal(r.ini.n_sections, 4);
	assert_string_equal(r.ini.sections[2].name, "kill");
	assert_int_equal(r.ini.sections[2].line, 9);
	done(&r);
}

static void bom_and_crlf(void **state)
{
	struct reading r = read_text("\xef\xbb\xbf[allow]\r\n"
				     "a = b\r\n"
				     "  c ; d\r\n"
				     "\r\n"
				     "e = f\r\n");

	(void)state;
	assert_int_equal(r.ret, 0);
	assert_item(&r, 0, "allow", "a", 2, "b c");
	assert_item(&r, 1, "allow", "e", 5, "f");
	done(&r);
}

static void empty_files(void **state)
{
	static const char *const texts[] = {"", "\n", "\xef\xbb\xbf", "; x",
					    "   ", "\r\n"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct reading r = read_text(texts[i]);

		assert_int_equal(r.ret, 0);
		assert_int_equal(r.ini.n_items, 0);
		done(&r);
	}
}

static void continuation_lines(void **state)
{
	struct reading r = read_text("[allow]\n"
				     "syscalls = read write\n"
				     "   close\n"
				     "\n"
				     "   ; a comment\n"
				     "\tdup  dup2\n"
				     "x = if a in (1,\n"
				     "  2) and b == 3\n");
	const struct ini_item *item = &r.ini.items[0];
	static const struct {
		const char *text;
		int line;
	} words[] = {{"read", 2}, {"write", 2}, {"close", 3}, {"dup", 6},
		     {"dup2", 6}};
	struct ini_word word = {0};

	(void)state;
	assert_int_equal(r.ret, 0);
	assert_int_equal(r.ini.n_items, 2);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		assert_true(ini_next_word(item, &word));
		assert_int_equal(word.len, strlen(words[i].text));
		assert_memory_equal(word.text, words[i].text, word.len);
		assert_int_equal(word.line, words[i].line);
	}
	assert_false(ini_next_word(item, &word));
	assert_item(&r, 1, "allow", "x", 7, "if a in (1, 2) and b == 3");
	done(&r);
}

/* A place in the value is the place in the file, blanks and chunks between. */
static void places(void **state)
{
	char text[700], *p = text;
	struct reading r;
	const char *found;

	(void)state;
	p += sprintf(p, "[allow]\nkey  =   one    two\n");
	p += sprintf(p, "  %0100d   %0100d    mark\n", 1, 2);
	r = read_bytes(text, (size_t)(p - text));
	assert_int_equal(r.ret, 0);
	found = strstr(r.ini.items[0].value, "two");
	assert_int_equal(
		ini_place(r.ini.items, (size_t)(found - r.ini.items->value)).line,
		2);
	assert_int_equal(
		ini_place(r.ini.items, (size_t)(found - r.ini.items->value))
			.column, 17);
	found = strstr(r.ini.items[0].value, "mark");
	assert_int_equal(
		ini_place(r.ini.items, (size_t)(found - r.ini.items->value)).line,
		3);
	assert_int_equal(
		ini_place(r.ini.items, (size_t)(found - r.ini.items->value))
			.column, 210);
	done(&r);
}

/* inih 55 alone would cut each of these at 200 bytes. */
static void long_lines(void **state)
{
	(void)state;
	for (size_t length = 1; length <= 180; length++) {
		char *text = NULL, expected[200];
		size_t size, n = 0;
		struct ini_word word = {0};
		FILE *f = open_memstream(&text, &size);
		struct reading r;

		memset(expected, 'w', length);
		fputs("[allow]\nthe-key-of-a-list-that-is-as-long-as-they-get-"
		      "49 = ", f);
		for (int i = 0; i < 50; i++)
			fprintf(f, "%.*s ", (int)length, expected);
		fputs("\nnext = x\n", f);
		fclose(f);
		r = read_bytes(text, size);
		assert_int_equal(r.ret, 0);
		assert_int_equal(r.ini.n_items, 2);
		while (ini_next_word(&r.ini.items[0], &word)) {
			assert_int_equal(word.len, length);
			assert_int_equal(word.line, 2);
			n++;
		}
		assert_int_equal(n, 50);
		assert_item(&r, 1, "allow", "next", 3, "x");
		done(&r);
		free(text);
	}
}

static void too_long(void **state)
{
	char text[600], expected[600];
	struct reading r;

	(void)state;
	snprintf(text, sizeof(text), "[allow]\na = b\nb = c\nsyscalls = x %0181d"
		 "\nc = d\n", 7);
	snprintf(expected, sizeof(expected),
		 "f:4: '%.20s…' is too long: 181 bytes without a blank, at "
		 "most 180 are read\n", "0000000000000000000000000");
	assert_refused(text, expected);
	snprintf(text, sizeof(text), "[%060d]\na = b\n", 7);
	assert_refused(text, "f:1: section name of 60 bytes: at most 49 are "
		       "read\n");
	snprintf(text, sizeof(text), "[allow]\n%050d = b\n", 7);
	assert_refused(text, "f:2: key of 50 bytes: at most 49 are read\n");
	/* 49 are all read */
	snprintf(text, sizeof(text), "[%049d]\n%049d = b\n", 7, 8);
	r = read_text(text);
	assert_int_equal(r.ret, 0);
	assert_int_equal(strlen(r.ini.items[0].section), 49);
	assert_int_equal(strlen(r.ini.items[0].key), 49);
	done(&r);
}

static void wrong_lines(void **state)
{
	(void)state;
	assert_refused("key = value\n[allow]\n",
		       "f:1: 'key' stands before the first [section]\n");
	assert_refused("[allow]\njust words\na = b\n\n= c\n"
		       "a b = c\nname: value\nx == y\n",
		       "f:2: expected 'key = value', found 'just words' (write 'syscalls = just words')\n"
		       "f:5: expected 'key = value', found '= c'\n"
		       "f:6: expected 'key = value', found 'a b = c'\n"
		       "f:7: expected 'key = value', found 'name: value' (write 'name =' with '=' for ':')\n"
		       "f:8: expected 'key = value', found 'x == y' (write 'x =' with one '=')\n");
	assert_refused("[allow\na = b\n[kill] deny\nc\n",
		       "f:1: ']' is missing after '[allow'\n"
		       "f:3: unexpected 'deny' after ']'\n"
		       "f:4: expected 'key = value', found 'c'\n");
	assert_refused("[allow]\na = b\x01\nc = \x7f\nd = \xc3\xa4\n"
		       "e = f\rg = h\n",
		       "f:2: control character 0x01\n"
		       "f:3: control character 0x7f\n"
		       "f:5: control character 0x0d\n");
}

/* What follows a refused header belongs nowhere, least of all to the section
 * before it. */
static void refused_section(void **state)
{
	struct reading r = read_text("[deny]\na = 1\n[allow\nb = 2\n  more\n"
				     "[kill]\nc = 3\n");

	(void)state;
	assert_int_equal(r.ret, -1);
	assert_int_equal(r.ini.n_items, 2);
	assert_item(&r, 0, "deny", "a", 2, "1");
	assert_item(&r, 1, "kill", "c", 7, "3");
	done(&r);
}

/* inih would append to the value above. */
static void indented_keys(void **state)
{
	struct reading r;

	(void)state;
	assert_refused("[deny]\nsyscalls = read\n  socket = EPERM\n",
		       "f:3: 'socket' would continue line 2, because its line "
		       "is indented: remove the blanks before it\n");
	assert_refused("[deny]\nsyscalls = read\n [allow]\n",
		       "f:3: '[allow]' would continue line 2, because its line "
		       "is indented: remove the blanks before it\n");
	/* nothing above that it could continue */
	r = read_text("[deny]\n  syscalls = read\n");
	assert_int_equal(r.ret, 0);
	assert_item(&r, 0, "deny", "syscalls", 2, "read");
	done(&r);
	/* a comparison is no key */
	r = read_text("[deny]\nsocket = if a == 1 or\n  family == 2\n");
	assert_int_equal(r.ret, 0);
	assert_item(&r, 0, "deny", "socket", 2, "if a == 1 or family == 2");
	done(&r);
	/* what continues a refused line is not added to the key before it */
	r = read_text("[deny]\na = 1\nbad\n  2\n");
	assert_item(&r, 0, "deny", "a", 2, "1");
	done(&r);
}

static void nul_bytes(void **state)
{
	static const char text[] = "[allow]\nsyscalls = read\0 write\n";
	struct reading r = read_bytes(text, sizeof(text) - 1);
	char *got = diags_text(&r.diags);

	(void)state;
	assert_int_equal(r.ret, -1);
	assert_text(got, "f:2: not a text file: it holds a NUL byte\n");
	free(got);
	done(&r);
}

static void random_bytes(void **state)
{
	enum { SIZE = 1 << 20 };
	struct rng rng = {20240501};
	char *bytes = xmalloc(SIZE);
	struct reading r;

	(void)state;
	for (size_t i = 0; i < SIZE; i++)
		bytes[i] = (char)rng_next(&rng);
	r = read_bytes(bytes, SIZE);
	assert_int_equal(r.ret, -1);
	assert_int_equal(r.diags.n, 1);
	done(&r);
	/* without NUL all of it is looked at */
	for (size_t i = 0; i < SIZE; i++)
		if (!bytes[i])
			bytes[i] = '\n';
	r = read_bytes(bytes, SIZE);
	assert_int_equal(r.ret, -1);
	assert_true(r.diags.n > 1000);
	done(&r);
	/* bytes that mean something, so that more paths are met */
	for (size_t i = 0; i < SIZE; i++)
		bytes[i] = "[]= ;#\t\n\nab@:,\r(."[rng_below(&rng, 17)];
	r = read_bytes(bytes, SIZE);
	assert_int_equal(r.ret, -1);
	done(&r);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_file),
		cmocka_unit_test(bom_and_crlf),
		cmocka_unit_test(empty_files),
		cmocka_unit_test(continuation_lines),
		cmocka_unit_test(places),
		cmocka_unit_test(long_lines),
		cmocka_unit_test(too_long),
		cmocka_unit_test(wrong_lines),
		cmocka_unit_test(refused_section),
		cmocka_unit_test(indented_keys),
		cmocka_unit_test(nul_bytes),
		cmocka_unit_test(random_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
