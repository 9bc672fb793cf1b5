#include "base/jtree.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/text.h"
#include "base/util.h"

/* struct jtree is the library's json_t under a name of our own. */
static json_t *raw(const struct jtree *tree)
{
	return (json_t *)tree;
}

static struct jtree *put(struct jtree *to, const char *name, json_t *value)
{
	int failed = name ? json_object_set_new(raw(to), name, value)
			  : json_array_append_new(raw(to), value);

	return failed ? NULL : (struct jtree *)value;
}

struct jtree *jtree_new(void)
{
	struct jtree *root = (struct jtree *)json_object();

	jtree_put_number(root, "version", 1);
	return root;
}

void jtree_print(struct jtree *root, FILE *out, unsigned indent)
{
	if (!root)
		return;
	/* 15 digits: a double's own, so that 2.13 is written as 2.13. */
	json_dumpf(raw(root), out,
		   JSON_INDENT(indent) | JSON_ENSURE_ASCII |
			   JSON_REAL_PRECISION(15));
	fputc('\n', out);
	json_decref(raw(root));
}

void jtree_put_text(struct jtree *object, const char *name, const char *text)
{
	/* jansson refuses strings that are not UTF-8. */
	cleanup_free char *valid = text ? escape_utf8(text, false) : NULL;

	if (valid)
		put(object, name, json_string(valid));
}

void jtree_put_owned(struct jtree *object, const char *name, char *text)
{
	jtree_put_text(object, name, text);
	free(text);
}

void jtree_put_seconds(struct jtree *object, const char *name, double s)
{
	put(object, name, json_real((double)(int64_t)(s * 1e6 + 0.5) / 1e6));
}

void jtree_put_number(struct jtree *object, const char *name, int64_t value)
{
	put(object, name, json_integer(value));
}

void jtree_put_bool(struct jtree *object, const char *name, bool value)
{
	put(object, name, json_boolean(value));
}

struct jtree *jtree_put_object(struct jtree *object, const char *name)
{
	return put(object, name, json_object());
}

struct jtree *jtree_put_list(struct jtree *object, const char *name)
{
	return put(object, name, json_array());
}

/* ---------------------------------------------------------------- reading */

struct jtree *jtree_read(const char *text, size_t n, char **why)
{
	json_error_t error;
	json_t *root = json_loadb(text, n, JSON_REJECT_DUPLICATES, &error);

	if (json_is_object(root))
		return (struct jtree *)root;
	*why = root ? xstrdup("no object")
		    : xasprintf("line %d: %s", error.line, error.text);
	json_decref(root);
	return NULL;
}

void jtree_free(struct jtree *root)
{
	json_decref(raw(root));
}

const struct jtree *jtree_member(const struct jtree *object, const char *name)
{
	return (const struct jtree *)json_object_get(raw(object), name);
}

const struct jtree *jtree_element(const struct jtree *list, size_t i)
{
	return (const struct jtree *)json_array_get(raw(list), i);
}

bool jtree_is_null(const struct jtree *object, const char *name)
{
	return json_is_null(raw(jtree_member(object, name)));
}

size_t jtree_count(const struct jtree *list)
{
	return json_array_size(raw(list));
}

const char *jtree_as_text(const struct jtree *it)
{
	return json_string_value(raw(it));
}

bool jtree_as_number(const struct jtree *it, int64_t *number)
{
	if (!json_is_integer(raw(it)))
		return false;
	*number = json_integer_value(raw(it));
	return true;
}

const struct jtree *jtree_as_object(const struct jtree *it)
{
	return json_is_object(raw(it)) ? it : NULL;
}

const struct jtree *jtree_as_list(const struct jtree *it)
{
	return json_is_array(raw(it)) ? it : NULL;
}
