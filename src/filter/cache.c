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
#include <unistd.h>

#include "base/place.h"
#include "base/util.h"
#include "filter/dispatch.h"

/* ---------------------------------------------------------------- the key */

/* What stands where a condition could. */
enum { NO_COND = 0x100, NEVER, UNASKABLE };

typedef unsigned __int128 sum;

/* Tells inputs apart that nobody chose to collide. */
static void add(sum *d, uint64_t word)
{
	/* odd, with bits all over: those of pi */
	static const sum factor =
		(sum)0x243f6a8885a308d3 << 64 | 0x13198a2e03707345;

	*d = (*d ^ word) * factor;
	*d ^= *d >> 67;
}

static void add_bytes(sum *d, const void *bytes, size_t n)
{
	const unsigned char *byte = bytes;

	add(d, n);
	while (n--)
		add(d, *byte++);
}

static void add_test(sum *d, const struct cond *test)
{
	add(d, (uint64_t)test->kind | (uint64_t)test->arg << 8 |
		       (uint64_t)test->bits << 16 |
		       (uint64_t)test->is_signed << 24 |
		       (uint64_t)test->op << 32);
	add(d, test->mask);
	add(d, test->value);
}

/* In prefix form, which is unambiguous; loops along b, as cond_holds(). */
static void add_cond(sum *d, const struct cond *cond)
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
static inline void add_entry(sum *d, const struct entry *entry)
{
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

static void add_settings(sum *d, const struct setting *settings)
{
	for (int id = 0; id < SET_COUNT; id++)
		add(d, (uint64_t)(uint32_t)settings[id].value |
			       (uint64_t)(settings[id].at.file != NULL) << 32);
}

static void add_layer(sum *d, const struct layer *layer)
{
	add_settings(d, layer->settings);
	for_entries (e, layer_next, layer)
		add_entry(d, e);
	add(d, CALL_NONE);
	add(d, layer->quiet != NULL);
	if (layer->quiet)
		add_layer(d, layer->quiet);
}

static void add_policy(sum *d, const struct policy *policy)
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

static void add_tools(sum *d)
{
	char library[24];

	add_bytes(d, VERSION, strlen(VERSION));
	dl_iterate_phdr(add_notes, d);
	dispatch_version(library);
	add_bytes(d, library, strlen(library));
}

static struct digest text_of(sum d)
{
	struct digest digest;

	snprintf(digest.text, sizeof(digest.text), "%016" PRIx64 "%016" PRIx64,
		 (uint64_t)(d >> 64), (uint64_t)d);
	return digest;
}

struct digest cache_key(const struct policy *policy,
			const struct answers *answers, unsigned gates)
{
	sum d = 0;

	add_tools(&d);
	add(&d, gates);
	add(&d, (uint64_t)answers->watch | (uint64_t)answers->permissive << 8 |
			(uint64_t)answers->count << 9);
	add(&d, policy->tracer_rules);
	add_policy(&d, policy);
	return text_of(d);
}

struct digest policy_digest(const struct policy *policy)
{
	sum d = 0;

	add_policy(&d, policy);
	return text_of(d);
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

enum { ENTRY_MAX = PROGRAM_MAX * sizeof(struct sock_filter) };

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
	if (mkdir(path, 0700) < 0 && errno == ENOENT && geteuid() != 0) {
		cleanup_free char *parent =
			xstrndup(path, (size_t)(strrchr(path, '/') - path));

		mkdir(parent, 0700);
		mkdir(path, 0700);
	}
	return open_folder(path);
}

/* ---------------------------------------------------------------- reading */

/* A file of ours that can be a program becomes it. */
static bool read_entry(int fd, struct program *program)
{
	cleanup_free struct sock_filter *insns = NULL;
	struct stat st;
	size_t size;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || !is_ours_alone(&st) ||
	    st.st_size <= 0 || st.st_size > ENTRY_MAX ||
	    st.st_size % (off_t)sizeof(*insns))
		return false;
	size = (size_t)st.st_size;
	insns = xmalloc(size);
	if (read(fd, insns, size) != (ssize_t)size)
		return false;
	program->n = program->cap = size / sizeof(*insns);
	program->insns = steal(insns);
	return true;
}

bool cache_load(const char *folder, const struct digest *key,
		struct program *program)
{
	cleanup_fd int dir = open_folder(folder);
	cleanup_fd int fd = -1;

	*program = (struct program){0};
	if (dir < 0)
		return false;
	/* O_NONBLOCK: a FIFO must not hold us up. */
	fd = openat(dir, key->text,
		    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	return fd >= 0 && read_entry(fd, program);
}

/* ---------------------------------------------------------------- writing */

/* Under `ulimit -f` a write beyond the limit is a signal that kills. */
static bool may_grow(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_FSIZE, &limit) == 0 &&
	       limit.rlim_cur >= ENTRY_MAX;
}

/* A temporary one of place.h's begins with a dot. */
static bool is_our_name(const char *name)
{
	size_t n;

	name += *name == '.';
	n = strspn(name, "0123456789abcdef");
	return n == DIGEST_SIZE - 1 && (name[n] == '\0' || name[n] == '.');
}

/* How many entries there are, half-written ones of a killed launcher
 * included; oldest receives the name of the oldest. */
static size_t count_entries(DIR *dir, char oldest[static NAME_MAX + 1])
{
	int64_t first = 0;
	struct dirent *item;
	size_t n = 0;

	rewinddir(dir);
	while ((item = readdir(dir))) {
		struct stat st;
		int64_t at;

		if (!is_our_name(item->d_name) ||
		    fstatat(dirfd(dir), item->d_name, &st,
			    AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		at = st.st_mtim.tv_sec * INT64_C(1000000000) + st.st_mtim.tv_nsec;
		if (n++ && at >= first)
			continue;
		first = at;
		snprintf(oldest, NAME_MAX + 1, "%s", item->d_name);
	}
	return n;
}

/* Takes the folder. */
static void remove_oldest(int folder)
{
	DIR *dir = fdopendir(folder);
	char oldest[NAME_MAX + 1];

	if (!dir) {
		close(folder);
		return;
	}
	while (count_entries(dir, oldest) > CACHE_ENTRIES &&
	       unlinkat(folder, oldest, 0) == 0)
		;
	closedir(dir);
}

/* No fsync: what a crash leaves is refused like any damage. */
bool cache_store(const char *folder, const struct digest *key,
		 const struct program *program)
{
	struct place place = {
		.dir = make_folder(folder),
		.name = (char *)key->text,
		.is_private = true,
		.entry = {.st_uid = geteuid(), .st_gid = (gid_t)-1,
			  .st_mode = 0600},
	};
	bool stored;

	if (place.dir < 0)
		return false;
	stored = program->n <= PROGRAM_MAX && may_grow() &&
		 place_write(&place, (const char *)program->insns,
			     program->n * sizeof(*program->insns)) == 0;
	remove_oldest(place.dir);
	return stored;
}
