/* From what was typed to one policy: files, names, includes and the lists of
 * --deny and --allow become layers, innermost first.
 *
 * A file's includes are inner layers of it, a later include outside an earlier
 * one; a later -p lies outside an earlier one; --deny and --allow make the
 * outermost layer.  A file that is reached twice is one layer, at the
 * outermost of its places.  Files nest at most 32 deep.
 *
 * An argument without a slash and without ".ini" is looked up as NAME.ini in
 * $SANDBOX_POLICY_PATH, /etc/sandbox and PREFIX/share/sandbox/policies. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "base/diag.h"
#include "formats/oci.h"
#include "model/policy.h"

struct policy_request {
	const char **policies; /* the arguments of -p, in order */
	size_t n;
	const char *allow; /* comma or blank separated, or NULL */
	const char *deny;  /* the same */
	const struct abi *abi; /* of the machine that it is for; NULL: this one */
	struct container container; /* for whom JSON profiles are */
};

static inline bool policy_is_asked_for(const struct policy_request *request)
{
	return request->n || request->deny || request->allow;
}

static inline enum abi_id request_machine(const struct policy_request *request)
{
	return request->abi ? request->abi->machine : ABI_NATIVE;
}

/* NULL with the mistakes, all of them, added to diags; else a checked policy
 * without vacuous conditions, that the caller frees.  Without any -p, --deny
 * alone means default allow, --allow (with or without --deny) default deny. */
struct policy *policy_load(const struct policy_request *request,
			   struct diags *diags);

/* Files of a policy as they were read, so that it can be read again without
 * looking for them: the same bytes, or other ones of the first. */
struct kept_file {
	const char *name;   /* as it was asked for … */
	const char *within; /* … by this file; NULL: -p */
	const char *path;
	const char *text;   /* n bytes and a NUL; NULL: it was read before */
	size_t n;
	dev_t dev;          /* with ino: which file it is; 0: none */
	ino_t ino;
};

struct kept_files {
	struct kept_file *items; /* with what they point at */
	size_t n, cap;
};

#define KEPT_FILES_INIT ((struct kept_files){0})

/* A copy, with what it points at. */
const struct kept_file *kept_add(struct kept_files *kept,
				 struct kept_file file);
/* NULL: it is to be looked for, or kept is NULL. */
const struct kept_file *kept_find(const struct kept_files *kept,
				  const char *name, const char *within);
/* The first file's text becomes a copy of this one. */
void kept_replace(struct kept_files *kept, const char *text);
void kept_free(struct kept_files *kept);

/* As policy_load(); of files that were kept no file is opened, the others are added.
 * The first of them is that of the request's first policy. */
struct policy *policy_load_kept(const struct policy_request *request,
				struct kept_files *kept, struct diags *diags);

/* The same of one text, shown as a file of this name. */
struct policy *policy_load_text(const char *name, const char *text,
				enum abi_id machine, struct diags *diags);
