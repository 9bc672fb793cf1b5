/* The JSON door: a tree of values that is built, printed and gone.  Nothing of
 * the JSON library shows here.
 *
 * Members keep the order in which they were put.  Objects and lists that are
 * made inside another belong to it; only the root is to be printed, which
 * frees it.  A NULL tree takes nothing and gives NULL, so that one walk can
 * serve text and JSON. */
#ifndef SANDBOX_JTREE_H
#define SANDBOX_JTREE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct jtree; /* an object or a list */

struct jtree *jtree_new(void); /* the root: an object, with `version` 1 */
/* Prints it, indented, with a newline, and frees it; NULL: nothing. */
void jtree_print(struct jtree *root, FILE *out);

/* Into an object.  A NULL text leaves the member out; bytes that are not UTF-8
 * are escaped. */
void jtree_put_text(struct jtree *object, const char *name, const char *text);
/* Takes the malloc'd text. */
void jtree_put_owned(struct jtree *object, const char *name, char *text);
void jtree_put_number(struct jtree *object, const char *name, int64_t value);
/* In microseconds: more digits would be noise. */
void jtree_put_seconds(struct jtree *object, const char *name, double s);
void jtree_put_bool(struct jtree *object, const char *name, bool value);
struct jtree *jtree_put_object(struct jtree *object, const char *name);
struct jtree *jtree_put_list(struct jtree *object, const char *name);

/* Onto a list. */
void jtree_add_text(struct jtree *list, const char *text);
void jtree_add_number(struct jtree *list, int64_t value);
struct jtree *jtree_add_object(struct jtree *list);

#endif
