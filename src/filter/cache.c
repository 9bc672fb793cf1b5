#include "filter/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/place.h"
#include "base/util.h"
#include "filter/dispatch.h"

/* ---------------------------------------------------------------- the key */

/* What stands where a condition could. */
enum { NO_COND = 0x100, NEVER, UNASKABLE };

typedef unsigned __int128 digest;

/* Tells inputs apart that nobody chose to collide. */
static void add(digest *d, uint64_t word)
{
	/* odd, with bits all over: those of pi */
	static const digest factor =
		(digest)0x243f6a8885a308d3 << 64 | 0x13198a2e03707345;

	*d = (*d ^ word) * factor;
	*d ^= *d >> 67;
}

static void add_bytes(digest *d, const void *bytes, size_t n)
{
	const unsigned char *byte = bytes;

	add(d, n);
	while (n--)
		add(d, *byte++);
}

static void add_test(digest *d, const struct cond *test)
{
	add(d, (uint64_t)test->kind | (uint64_t)test->arg << 8 |
		       (uint64_t)test->bits << 16 |
		       (uint64_t)test->is_signed << 24 |
		       (uint64_t)test->op << 32);
	add(d, test->mask);
	add(d, test->value);
}

/* In prefix form, which is unambiguous; loops along b, as cond_holds(). */
static void add_cond(digest *d, const struct cond *cond)
{
	for (; cond; cond = cond->b) {
		if (cond == &cond_never || cond == &cond_unaskable) {
			add(d, cond == &cond_never ? NEVER : UNASKABLE);
			return;
		}
		if (cond->kind == COND_TEST) {
			add_test(d, cond);
			return;
		}
		add(d, (uint64_t)cond->kind);
		add_cond(d, cond->a);
		if (cond->kind == COND_NOT)
			return;
	}
	add(d, NO_COND);
}

/* A rule is heard through its entries only.  One word says it all for most of
 * them: this is a good part of what a cached start does. */
static inline void add_entries(digest *d, const struct entry *entry)
{
	for (; entry; entry = entry->next) {
		const struct rule *rule = entry->rule;
		bool has_cond = entry->cond != cond_always;

		add(d, entry->call | (uint64_t)rule->action << 32 |
			       (uint64_t)rule->only << 40 |
			       (uint64_t)rule->alone << 41 |
			       (uint64_t)(rule->group != NULL) << 42 |
			       (uint64_t)has_cond << 43 |
			       (uint64_t)(uint16_t)rule->err << 48);
		for (int abi = 0; has_cond && abi < ABI_COUNT; abi++)
			add_cond(d, entry->cond[abi]);
	}
}

static void add_settings(digest *d, const struct setting *settings)
{
	for (int id = 0; id < SET_COUNT; id++)
		add(d, (uint64_t)(uint32_t)settings[id].value |
			       (uint64_t)(settings[id].at.file != NULL) << 32);
}

static void add_layer(digest *d, const struct layer *layer)
{
	add_settings(d, layer->settings);
	for (size_t call = 0; call < syscall_count(); call++)
		add_entries(d, layer->by_call[call]);
	for (const struct entry *e = layer->raw; e; e = e->next_raw)
		add_entries(d, e);
	add(d, CALL_NONE);
	add(d, layer->quiet != NULL);
	if (layer->quiet)
		add_layer(d, layer->quiet);
}

static void add_policy(digest *d, const struct policy *policy)
{
	add_settings(d, policy->effective);
	for (size_t i = 0; i < policy->n_layers; i++)
		add_layer(d, policy->layers[i]);
}

/* The program's notes hold the linker's digest of it (ld --build-id).  The
 * program itself comes first, before its libraries. */
static int add_notes(struct dl_phdr_info *info, size_t size, void *d)
{
	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &info->dlpi_phdr[i];

		if (ph->p_type == PT_NOTE)
			add_bytes(d, (void *)(info->dlpi_addr + ph->p_vaddr),
				  ph->p_memsz);
	}
	return 1;
}

static void add_tools(digest *d)
{
	char library[24];

	add_bytes(d, VERSION, strlen(VERSION));
	dl_iterate_phdr(add_notes, d);
	dispatch_version(library);
	add_bytes(d, library, strlen(library));
}

struct key key_of(const struct policy *policy, const struct answers *answers,
		  unsigned gates)
{
	digest d = 0;
	struct key key;

	add_tools(&d);
	add(&d, gates);
	add(&d, (uint64_t)answers->watch | (uint64_t)answers->permissive << 8 |
			(uint64_t)answers->count << 9);
	add(&d, policy->tracer_rules);
	add_policy(&d, policy);
	memcpy(key.bytes, &d, sizeof(d));
	return key;
}

void policy_digest(const struct policy *policy,
		   char text[static POLICY_DIGEST_SIZE])
{
	digest d = 0;

	add_policy(&d, policy);
	snprintf(text, POLICY_DIGEST_SIZE, "%016" PRIx64 "%016" PRIx64,
		 (uint64_t)(d >> 64), (uint64_t)d);
}

/* --------------------------------------------------------------- entries */

enum {
	NAME_LENGTH = 2 * KEY_SIZE,
	NAME_SIZE = NAME_LENGTH + 1,
};

struct header {
	char magic[8];
	struct key key;
	uint64_t n; /* instructions that follow */
};

static const char magic[8] = {'s', 'a', 'n', 'd', 'b', 'o', 'x', '1'};

#define ENTRY_MAX                                                              \
	(sizeof(struct header) + PROGRAM_MAX * sizeof(struct sock_filter))

static void name_entry(const struct key *key, char name[static NAME_SIZE])
{
	for (size_t i = 0; i < KEY_SIZE; i++)
		sprintf(name + 2 * i, "%02x", key->bytes[i]);
}

/* ------------------------------------------------------------- the folder */

char *cache_folder(void)
{
	const char *folder = getenv("XDG_CACHE_HOME"), *name = "sandbox";

	/* Under sudo -E these may be another user's. */
	if (geteuid() == 0)
		return xstrdup("/var/cache/sandbox");
	if (!folder || !*folder) {
		folder = getenv("HOME");
		name = ".cache/sandbox";
	}
	return folder && *folder == '/' ? xasprintf("%s/%s", folder, name)
					: NULL;
}

static bool is_ours_alone(const struct stat *st)
{
	return st->st_uid == geteuid() && !(st->st_mode & (S_IWGRP | S_IWOTH));
}

static int open_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && is_ours_alone(&st))
		return fd;
	close(fd);
	return -1;
}

/* A user's first program of all has no ~/.cache either. */
static int make_folder(const char *path)
{
	cleanup_free char *parent = NULL;

	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return open_folder(path);
	if (errno != ENOENT || geteuid() == 0)
		return -1;
	parent = xstrndup(path, (size_t)(strrchr(path, '/') - path));
	mkdir(parent, 0700);
	mkdir(path, 0700);
	return open_folder(path);
}

/* ---------------------------------------------------------------- reading */

/* The file's size; 0 if it is not one of ours. */
static size_t plausible_size(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || !is_ours_alone(&st) ||
	    st.st_size <= (off_t)sizeof(struct header) ||
	    st.st_size > (off_t)ENTRY_MAX)
		return 0;
	return (size_t)st.st_size;
}

/* A file of this size that is the key's entry becomes the program. */
static bool read_entry(int fd, size_t size, const struct key *key,
		       struct program *program)
{
	size_t body = size - sizeof(struct header);
	size_t n = body / sizeof(*program->insns);
	cleanup_free struct sock_filter *insns = xmalloc(body);
	struct header header;
	const struct iovec parts[] = {
		{&header, sizeof(header)},
		{insns, body},
	};

	if (preadv(fd, parts, ARRAY_SIZE(parts), 0) != (ssize_t)size ||
	    memcmp(header.magic, magic, sizeof(magic)) != 0 ||
	    memcmp(&header.key, key, sizeof(*key)) != 0 || header.n != n ||
	    body != n * sizeof(*insns))
		return false;
	*program = (struct program){.insns = steal(insns), .n = n, .cap = n};
	return true;
}

bool cache_load(const char *folder, const struct key *key,
		struct program *program)
{
	cleanup_fd int dir = open_folder(folder);
	cleanup_fd int fd = -1;
	char name[NAME_SIZE];
	size_t size;

	*program = (struct program){0};
	if (dir < 0)
		return false;
	name_entry(key, name);
	/* O_NONBLOCK: a FIFO must not hold us up. */
	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return false;
	size = plausible_size(fd);
	return size && read_entry(fd, size, key, program);
}

/* ---------------------------------------------------------------- writing */

/* Under `ulimit -f` a write beyond the limit is a signal that kills. */
static bool may_grow_to(size_t size)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur >= size;
}

/* No fsync: what a crash leaves is refused like any damage. */
static bool write_entry(int fd, const struct key *key,
			const struct program *program)
{
	struct header header = {.key = *key, .n = program->n};
	const struct iovec parts[] = {
		{&header, sizeof(header)},
		{program->insns, program->n * sizeof(*program->insns)},
	};

	memcpy(header.magic, magic, sizeof(magic));
	return writev(fd, parts, ARRAY_SIZE(parts)) ==
	       (ssize_t)(parts[0].iov_len + parts[1].iov_len);
}

/* A temporary one of place.h's begins with a dot. */
static bool is_our_name(const char *name)
{
	size_t n;

	name += *name == '.';
	n = strspn(name, "0123456789abcdef");
	return n == NAME_LENGTH && (name[n] == '\0' || name[n] == '.');
}

/* How many entries there are, half-written ones of a killed launcher
 * included; oldest receives the name of the oldest. */
static size_t count_entries(DIR *dir, char oldest[static NAME_MAX + 1])
{
	struct timespec first = {0};
	struct dirent *item;
	size_t n = 0;

	rewinddir(dir);
	while ((item = readdir(dir))) {
		struct stat st;

		if (!is_our_name(item->d_name) ||
		    fstatat(dirfd(dir), item->d_name, &st,
			    AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (n++ && (st.st_mtim.tv_sec > first.tv_sec ||
			    (st.st_mtim.tv_sec == first.tv_sec &&
			     st.st_mtim.tv_nsec >= first.tv_nsec)))
			continue;
		first = st.st_mtim;
		snprintf(oldest, NAME_MAX + 1, "%s", item->d_name);
	}
	return n;
}

static void remove_oldest(int folder)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	char oldest[NAME_MAX + 1];

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while (count_entries(dir, oldest) > CACHE_ENTRIES)
		if (unlinkat(folder, oldest, 0) < 0)
			break;
	closedir(dir);
}

bool cache_store(const char *folder, const struct key *key,
		 const struct program *program)
{
	cleanup_fd int dir = make_folder(folder);
	cleanup_fd int fd = -1;
	cleanup_free char *temporary = NULL;
	char name[NAME_SIZE];
	struct place place = {
		.dir = dir,
		.name = name,
		.is_private = true,
		.entry = {.st_uid = geteuid(), .st_gid = (gid_t)-1,
			  .st_mode = 0600},
	};

	if (dir < 0 || program->n > PROGRAM_MAX || !may_grow_to(ENTRY_MAX))
		return false;
	name_entry(key, name);
	fd = place_begin(&place, &temporary);
	if (fd < 0)
		return false;
	if (!write_entry(fd, key, program)) {
		place_abandon(&place, temporary);
		return false;
	}
	if (place_end(&place, temporary) < 0)
		return false;
	remove_oldest(dir);
	return true;
}
