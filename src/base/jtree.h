/* The JSON door: a tree of values that is built, printed and gone, or read.
 * Nothing of the JSON library shows here.
 *
 * Members keep the order in which they were put.  Objects and lists that are
 * made inside another belong to it; only the root is to be printed, which
 * frees it.  A NULL tree takes nothing and gives NULL, so that one walk can
 * serve text and JSON. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct jtree; /* an object or a list */

struct jtree *jtree_new(void); /* the root: an object, with `version` 1 */
/* Prints it, indented by so many blanks a level (0: in one line), with a
 * newline, and frees it; NULL: nothing. */
void jtree_print(struct jtree *root, FILE *out, unsigned indent);

/* Into an object, or, with a NULL name, onto a list.  A NULL text leaves the
 * member out; bytes that are not UTF-8 are escaped. */
void jtree_put_text(struct jtree *object, const char *name, const char *text);
/* Takes the malloc'd text. */
void jtree_put_owned(struct jtree *object, const char *name, char *text);
void jtree_put_number(struct jtree *object, const char *name, int64_t value);
/* In microseconds: more digits would be noise. */
void jtree_put_seconds(struct jtree *object, const char *name, double s);
void jtree_put_bool(struct jtree *object, const char *name, bool value);
struct jtree *jtree_put_object(struct jtree *object, const char *name);
struct jtree *jtree_put_list(struct jtree *object, const char *name);

#define jtree_add_text(list, text) jtree_put_text(list, NULL, text)
#define jtree_add_number(list, value) jtree_put_number(list, NULL, value)
#define jtree_add_object(list) jtree_put_object(list, NULL)

/* What others wrote.  An object, to be freed; NULL with why (malloc'd: "line
 * 3: …"): no JSON, a member twice, a NUL in a text, or too deep (2048). */
struct jtree *jtree_read(const char *text, size_t n, char **why);
void jtree_free(struct jtree *root);

/* A member of an object, an element of a list; NULL: there is none. */
const struct jtree *jtree_member(const struct jtree *object, const char *name);
const struct jtree *jtree_element(const struct jtree *list, size_t i);
size_t jtree_count(const struct jtree *list); /* NULL: 0 */

/* What it is; NULL or false: of another kind, or not there. */
const char *jtree_as_text(const struct jtree *it);
bool jtree_as_number(const struct jtree *it, int64_t *number);
const struct jtree *jtree_as_object(const struct jtree *it);
const struct jtree *jtree_as_list(const struct jtree *it);
bool jtree_is_null(const struct jtree *object, const char *name);

#define jtree_has(object, name) (jtree_member(object, name) != NULL)
#define jtree_text(object, name) jtree_as_text(jtree_member(object, name))
#define jtree_number(object, name, n)                                          \
	jtree_as_number(jtree_member(object, name), n)
#define jtree_object(object, name) jtree_as_object(jtree_member(object, name))
#define jtree_list(object, name) jtree_as_list(jtree_member(object, name))
#define jtree_object_at(list, i) jtree_as_object(jtree_element(list, i))
#define jtree_text_at(list, i) jtree_as_text(jtree_element(list, i))
#define jtree_number_at(list, i, n) jtree_as_number(jtree_element(list, i), n)
