#include "tables/signature.h"

#include "base/util.h"
#include "tables/syscall.h"
#include "tables/words.h"

#define S32(name) {#name, 32, true, false, false}
#define U32(name) {#name, 32, false, false, false}
#define U16(name) {#name, 16, false, false, false}
#define S64(name) {#name, REGISTER, true, false, false}
#define U64(name) {#name, REGISTER, false, false, false}
#define PTR(name) {#name, REGISTER, false, true, false}
#define STR(name) {#name, REGISTER, false, true, true}
#define ROW(call, n64, n32, narm, s64, s32, sarm, flags, n, ...)               \
	{n, {__VA_ARGS__}},

/* By call; -1 of them: not known. */
#define REGISTER 64
static const struct signature rows[] = {
#include "tables/syscall.def"
};

/* Its last two arguments change places there, as on i386. */
static const struct signature clone_aarch64 = {
	5, {U32(clone_flags), U64(newsp), PTR(parent_tidptr), U64(tls),
	    PTR(child_tidptr)}};

#undef REGISTER
#define REGISTER 32
static const struct signature rows_32[] = {
#include "tables/syscall.def"
};

/* On i386 mmap and select take one pointer to all arguments; the others have a
 * 64-bit argument, which arrives in two registers. */
static const char not_on_x86[] =
	"fadvise64 fallocate fanotify_mark lookup_dcookie mmap pread64 preadv "
	"preadv2 pwrite64 pwritev pwritev2 readahead select sync_file_range";

/* Where it differs from the row: its first calls for user and group ids take 16
 * bits of them. */
static const struct other {
	char call[SYSCALL_NAME_SIZE];
	struct signature signature;
} others_x86[] = {
	{"chown", {3, {STR(filename), U16(user), U16(group)}}},
	{"clone", {5, {U32(clone_flags), U64(newsp), PTR(parent_tidptr),
		       U64(tls), PTR(child_tidptr)}}},
	{"fchown", {3, {U32(fd), U16(user), U16(group)}}},
	{"lchown", {3, {STR(filename), U16(user), U16(group)}}},
	{"setfsgid", {1, {U16(gid)}}},
	{"setfsuid", {1, {U16(uid)}}},
	{"setgid", {1, {U16(gid)}}},
	{"setregid", {2, {U16(rgid), U16(egid)}}},
	{"setresgid", {3, {U16(rgid), U16(egid), U16(sgid)}}},
	{"setresuid", {3, {U16(ruid), U16(euid), U16(suid)}}},
	{"setreuid", {2, {U16(ruid), U16(euid)}}},
	{"setuid", {1, {U16(uid)}}},
};

static const struct signature *find_x86(uint32_t call)
{
	const char *name = syscall_row(call)->name;

	for (size_t i = 0; i < ARRAY_SIZE(others_x86); i++)
		if (streq(others_x86[i].call, name))
			return &others_x86[i].signature;
	return words_find(not_on_x86, name, NULL) ? NULL : &rows_32[call];
}

const struct signature *signature_of(enum abi_id abi, uint32_t call)
{
	const struct syscall_row *row = syscall_row(call);
	const struct signature *found;

	if (!row || row->nr[abi] < 0)
		return NULL;
	if (abi == ABI_AARCH64 && streq(row->name, "clone"))
		return &clone_aarch64;
	found = abi == ABI_X86 ? find_x86(call) : &rows[call];
	return found && found->n >= 0 ? found : NULL;
}

const struct signature *signature_any(uint32_t call)
{
	for (int abi = 0; abi < ABI_COUNT; abi++) {
		const struct signature *signature = signature_of(abi, call);

		if (signature)
			return signature;
	}
	return NULL;
}
