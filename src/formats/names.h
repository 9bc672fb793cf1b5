/* What a word of a policy names: a call by name or number, or a group, built in
 * or defined by a policy file. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "formats/ini.h"
#include "tables/group.h"
#include "tables/syscall.h"

/* A set of calls, in the order in which they were added. */
struct calls {
	uint32_t *items;
	size_t n, cap;
	uint64_t seen[SYSCALL_ROWS / 64]; /* a bit for each row */
};

#define CALLS_INIT ((struct calls){0})

void calls_add(struct calls *calls, uint32_t call); /* once each */
void calls_add_group(struct calls *calls, const struct group *group);
struct calls calls_of(uint32_t call); /* of one */
bool calls_has(const struct calls *calls, uint32_t call);
void calls_free(struct calls *calls);
/* "openat, openat2 and creat"; of more than ten the first eight and "12
 * more".  malloc'd. */
char *calls_text(const struct calls *calls);

/* A group of a [groups] section; its item has the name, with '@'. */
struct own_group {
	struct source at;
	const struct ini_item *item;
	struct calls calls;
	enum { GROUP_NEW, GROUP_OPEN, GROUP_DONE } state;
	const struct own_group *within; /* while open: who asked for it */
};

/* The groups a file sees beside the built-in ones: its own and those of the
 * files it includes. */
struct scope {
	struct visible {
		struct own_group *group;
		bool is_own; /* and the scope's to free */
		const struct own_group *rival; /* another of this name */
	} *visible;
	size_t n, cap;
	enum abi_id machine; /* whose numbers bare ones are */
};

/* Defines the groups of all [groups] sections of a file, which is borrowed as
 * long as the scope lives; file is the name in messages. */
void scope_define(struct scope *scope, const struct ini_file *ini,
		  const char *file, struct diags *diags);

/* Makes what an inner scope shows visible in this one. A name that stands for
 * two groups is reported at the place, or, if at.file is NULL, when it is
 * used.  Own groups come last: they may not take a name that is there. */
void scope_import(struct scope *scope, const struct scope *inner,
		  struct source at, struct diags *diags);
void scope_free(struct scope *scope);

/* Adds what a word names to calls.  -1 with the reason in diags. */
int name_resolve(const struct scope *scope, const char *word, struct source at,
		 struct calls *calls, struct diags *diags);

static inline bool is_group_name(const char *word)
{
	return word[0] == '@';
}
