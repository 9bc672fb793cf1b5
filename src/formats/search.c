#include "formats/search.h"

#include <errno.h>
#include <stdlib.h>

#include "base/util.h"
#include "formats/file.h"

#ifndef PREFIX
#define PREFIX "/usr/local"
#endif

/* Folders to look in, separated by colons. An empty one is passed over: it
 * would silently mean the working folder. */
static char *search_path(void)
{
	const char *own = getenv("SANDBOX_POLICY_PATH");

	return xasprintf("%s:/etc/sandbox:" PREFIX "/share/sandbox/policies",
			 own ? own : "");
}

static bool is_path(const char *name)
{
	return strchr(name, '/') || has_suffix(name, ".ini");
}

/* True if there is such a file, though it may have failed to open: a file that
 * is there and cannot be read must not be stepped over. */
static bool try_file(struct found *found, int *error)
{
	found->fd = file_open(found->path);
	*error = found->fd < 0 ? errno : 0;
	return *error != ENOENT && *error != ENOTDIR;
}

static bool try_folders(const char *file, struct found *found, int *error)
{
	cleanup_free char *folders = search_path();
	char *save, *folder = strtok_r(folders, ":", &save);

	for (; folder; folder = strtok_r(NULL, ":", &save)) {
		free(found->path);
		found->path = xasprintf("%s/%s", folder, file);
		if (try_file(found, error))
			return true;
	}
	free(steal(found->path));
	return false;
}

static char *outcome(int error)
{
	return error ? xstrdup(strerror(error)) : NULL;
}

char *search_policy(const char *name, struct found *found)
{
	cleanup_free char *file = NULL, *folders = NULL;
	int error;

	*found = (struct found){.fd = -1};
	if (!*name)
		return xstrdup("the name of a policy is empty");
	if (is_path(name)) {
		found->path = xstrdup(name);
		try_file(found, &error);
		return error == ENOENT && !strchr(name, '/')
			       ? xasprintf("%s (without .ini, -p looks it up "
					   "on the policy path)",
					   strerror(error))
			       : outcome(error);
	}
	file = xasprintf("%s.ini", name);
	if (try_folders(file, found, &error))
		return outcome(error);
	folders = search_path();
	return xasprintf("no policy '%s': there is no %s in %s (write ./%s for "
			 "a file of that name here)", name, file,
			 folders + (folders[0] == ':'), name);
}

char *search_include(const char *name, const char *path, struct found *found)
{
	const char *slash = name[0] == '/' ? NULL : strrchr(path, '/');
	int folder = slash ? (int)(slash - path) + 1 : 0, error;
	cleanup_free char *folders = NULL, *file = NULL;

	*found = (struct found){.fd = -1};
	file = is_path(name) ? xstrdup(name) : xasprintf("%s.ini", name);
	found->path = xasprintf("%.*s%s", folder, path, file);
	if (try_file(found, &error) || name[0] == '/' ||
	    has_prefix(name, "./") || has_prefix(name, "../"))
		return outcome(error);
	if (try_folders(file, found, &error))
		return outcome(error);
	folders = search_path();
	return xasprintf("there is no %s beside this file nor in %s", file,
			 folders + (folders[0] == ':'));
}
