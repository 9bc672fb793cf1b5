#include "formats/search.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/nearest.h"
#include "base/proc.h"
#include "base/util.h"
#include "base/way.h"

#ifndef PREFIX
#define PREFIX "/usr/local"
#endif

/* Folders to look in, separated by colons. An empty one is passed over: it
 * would silently mean the working folder. */
static char *search_path(void)
{
	const char *own = getenv("SANDBOX_POLICY_PATH");

	return xasprintf("%s%s/etc/sandbox:" PREFIX "/share/sandbox/policies",
			 own ? own : "", own && *own ? ":" : "");
}

bool search_is_path(const char *name)
{
	return strchr(name, '/') || has_suffix(name, ".ini") ||
	       has_suffix(name, ".json") || has_suffix(name, ".service") ||
	       has_suffix(name, ".conf");
}

/* True if there is such a file, though it may have failed to open: a file that
 * is there and cannot be read must not be stepped over. */
static bool try_file(struct found *found, int *error)
{
	/* Without O_NONBLOCK the mere opening of a FIFO would wait for a
	 * writer. */
	found->fd = open(found->path,
			 O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
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

static int is_policy(const struct dirent *entry)
{
	return has_suffix(entry->d_name, ".ini");
}

/* " (did you mean 'service'?)", or "".  Names are offered in their order, so that
 * it is the same for whoever asks. */
static char *did_you_mean(const char *name, const char *folders_of)
{
	released_by(arena_free) struct arena memory = ARENA_INIT;
	cleanup_free char *folders = xstrdup(folders_of);
	const char *suffix = has_suffix(name, ".ini") ? "" : ".ini";
	cleanup_free char *file = xasprintf("%s%s", name, suffix);
	struct nearest near = {file, suggest_limit(name) + 1, NULL};
	char *save, *folder = strtok_r(folders, ":", &save);

	for (; folder; folder = strtok_r(NULL, ":", &save)) {
		struct dirent **entries = NULL;
		int n = scandir(folder, &entries, is_policy, alphasort);

		for (int i = 0; i < n; i++) {
			nearest_offer(&near, arena_strdup(&memory,
							  entries[i]->d_name));
			free(entries[i]);
		}
		free(entries);
	}
	return near.name ? xasprintf(" (did you mean '%.*s'?)",
				     (int)(strlen(near.name) - strlen(suffix)),
				     near.name)
			 : xstrdup("");
}

static char *outcome(int error)
{
	return error ? xstrdup(strerror(error)) : NULL;
}

char *search_policy(const char *name, struct found *found)
{
	const char *slash = strrchr(name, '/'), *last = slash ? slash + 1 : name;
	cleanup_free char *file = NULL, *folders = NULL, *near = NULL;
	int error;

	*found = (struct found){.fd = -1};
	if (!*name)
		return xstrdup("the name of a policy is empty");
	if (search_is_path(name)) {
		found->path = xstrdup(name);
		try_file(found, &error);
		if (error != ENOENT)
			return outcome(error);
		folders = xasprintf("%.*s.", (int)(last - name), name);
		near = did_you_mean(last, folders);
		return xasprintf("%s%s", strerror(error),
				 *near || slash
					 ? near
					 : " (without .ini, -p looks it up on "
					   "the policy path)");
	}
	file = xasprintf("%s.ini", name);
	if (try_folders(file, found, &error))
		return outcome(error);
	folders = search_path();
	near = did_you_mean(name, folders);
	if (*near)
		return xasprintf("no policy '%s'%s", name, near);
	return xasprintf("no policy '%s': there is no %s in %s (write ./%s for "
			 "a file of that name here, or set "
			 "SANDBOX_POLICY_PATH)", name, file, folders, name);
}

char *search_include(const char *name, const char *path, struct found *found)
{
	const char *slash = name[0] == '/' ? NULL : strrchr(path, '/');
	int folder = slash ? (int)(slash - path) + 1 : 0, error;
	cleanup_free char *folders = NULL, *file = NULL, *near = NULL;

	*found = (struct found){.fd = -1};
	file = xasprintf("%s%s", name, search_is_path(name) ? "" : ".ini");
	found->path = xasprintf("%.*s%s", folder, path, file);
	if (try_file(found, &error) || name[0] == '/' ||
	    has_prefix(name, "./") || has_prefix(name, "../") ||
	    try_folders(file, found, &error))
		return outcome(error);
	folders = search_path();
	near = did_you_mean(name, folders);
	return xasprintf("there is no %s beside this file nor in %s%s", file,
			 folders, near);
}

/* ------------------------------------------------------------------ reading */

enum { FILE_LIMIT = 4 << 20 }; /* bytes: no policy comes near it */

/* NULL if the open file is of a kind that is read. */
static const char *refuse_kind(int fd)
{
	struct stat st;
	char target[8];

	if (fstat(fd, &st) < 0)
		return strerror(errno);
	switch (st.st_mode & S_IFMT) {
	case S_IFREG:
		return NULL;
	case S_IFIFO:
		/* A pipe without a name is no file of any file system: the
		 * kernel shows it as "pipe:[INODE]", proc(5). */
		return proc_fd_link(fd, target, sizeof(target)) > 0 &&
				       has_prefix(target, "pipe:[")
			       ? NULL
			       : "is a FIFO, not a regular file";
	case S_IFDIR:
		return "is a directory";
	default:
		return "is a device, not a regular file";
	}
}

char *search_read_text(int fd, size_t limit, size_t *size, char **reason)
{
	const char *kind = refuse_kind(fd);
	cleanup_free char *text = NULL;
	size_t room = 0;
	/* A pipe's writer may be slow. The file was opened by us, so nobody
	 * else's description changes. */
	ssize_t n = kind ? -1 : fcntl(fd, F_SETFL, 0);

	*size = 0;
	while (n >= 0 && *size == room && *size <= limit) {
		room = room ? 2 * room : 8 * 1024;
		text = xreallocarray(text, room + 1, 1);
		n = read_all(fd, text + *size, room - *size);
		*size += n > 0 ? (size_t)n : 0;
	}
	if (n < 0) {
		*reason = xstrdup(kind ? kind : strerror(errno));
		return NULL;
	}
	if (*size > limit) {
		*reason = xasprintf("larger than %zu MiB", limit >> 20);
		return NULL;
	}
	text[*size] = '\0';
	return steal(text);
}

char *search_read(const struct found *found, size_t *size, char **reason)
{
	*reason = refuse_kind(found->fd)
			  ? NULL
			  : trust_refusal(found->fd, found->path);
	return *reason ? NULL
		       : search_read_text(found->fd, FILE_LIMIT, size, reason);
}
