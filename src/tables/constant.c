#include "tables/constant.h"

#include <inttypes.h>
#include <stdlib.h>

/* Where the C library and the kernel define the same, one of the two is
 * included: <sys/ptrace.h> and <sys/mount.h> clash with the kernel's. */
#include <asm/termbits.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/fanotify.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/futex.h>
#include <linux/if_tun.h>
#include <linux/io_uring.h>
#include <linux/kcmp.h>
#include <linux/kd.h>
#include <linux/kexec.h>
#include <linux/keyctl.h>
#include <linux/loop.h>
#include <linux/membarrier.h>
#include <linux/mempolicy.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/netlink.h>
#include <linux/nsfs.h>
#include <linux/perf_event.h>
#include <linux/personality.h>
#include <linux/ptrace.h>
#include <linux/random.h>
#include <linux/reboot.h>
#include <linux/seccomp.h>
#include <linux/serial.h>
#include <linux/sockios.h>
#include <linux/userfaultfd.h>
#include <linux/vt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "base/nearest.h"
#include "base/util.h"

#define VALUE(x) ((uint64_t)(x))
#define BITS(x) (sizeof(x) == 4 ? (uint64_t)(uint32_t)(x) : (uint64_t)(x))

#include "constants.inc"

const char *constant_name(const struct constant *constant)
{
	return names + constant->name;
}

static int compare_name(const void *name, const void *row)
{
	return strcmp(name, constant_name(row));
}

uint64_t constant_value(const struct constant *constant, enum abi_id abi)
{
	if (abi == ABI_AARCH64)
		for (size_t i = 0; i < ARRAY_SIZE(on_aarch64); i++)
			if (on_aarch64[i].name == constant->name)
				return on_aarch64[i].value;
	return constant->value;
}

bool constant_find(const char *name, enum abi_id abi, uint64_t *value)
{
	const struct constant *row =
		bsearch(name, by_name, ARRAY_SIZE(by_name), sizeof(by_name[0]),
			compare_name);

	if (row)
		*value = constant_value(row, abi);
	return row != NULL;
}

const char *constant_suggest(const char *name)
{
	struct nearest near = nearest_to(name);

	for (size_t i = 0; i < ARRAY_SIZE(by_name); i++)
		nearest_offer(&near, constant_name(&by_name[i]));
	return near.name;
}

const struct family *family_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		if (streq(families[i].name, name))
			return &families[i];
	return NULL;
}

const struct family *family_of_field(const struct family *family)
{
	return &families[family->field_family];
}

/* Counted from the first family's, since few are ever asked for. */
const struct constant *family_rows(const struct family *family)
{
	const struct constant *row = rows;

	for (size_t before = (size_t)(family - families); before > 0; row++)
		before -= row->name == CONSTANT_END;
	return row;
}

const char *family_symbol(const struct family *family, enum abi_id abi,
			  uint64_t value)
{
	for_family_rows (row, family) {
		uint64_t has = constant_value(row, abi);

		if (has == value || (has >> 32 == UINT32_MAX &&
				     (has & UINT32_MAX) == value))
			return constant_name(row);
	}
	return NULL;
}

/* Decimals are those of 32-bit arguments: descriptors, signals, commands. */
static void print_number(uint8_t base, uint64_t value, FILE *out)
{
	if (base == 10 && (value >> 32 == 0 || value >> 32 == UINT32_MAX))
		fprintf(out, "%" PRId32, (int32_t)value);
	else
		fprintf(out, base == 8 ? "%#" PRIo64 : "%#" PRIx64, value);
}

static void print_value(const struct family *family, enum abi_id abi,
			uint64_t value, FILE *out)
{
	const char *name = family_symbol(family, abi, value);

	if (name)
		fputs(name, out);
	else
		print_number(family->base, value, out);
}

void family_print_set(const struct family *family, enum abi_id abi, bool single,
		      uint64_t *bits, const char **bar, FILE *out)
{
	for_family_rows (row, family) {
		uint64_t has = constant_value(row, abi);

		if (!has || (*bits & has) != has ||
		    (single && has & (has - 1)))
			continue;
		fprintf(out, "%s%s", *bar, constant_name(row));
		*bar = "|";
		*bits &= ~has;
	}
}

static void print_flags(const struct family *family, enum abi_id abi,
			uint64_t value, FILE *out)
{
	uint64_t field = value & family->field, rest = value & ~family->field;
	bool has_field = family->field &&
			 (field || family_symbol(family_of_field(family), abi, 0));
	const char *bar = "";

	if (has_field && !family->field_last) {
		print_value(family_of_field(family), abi, field, out);
		bar = "|";
	}
	family_print_set(family, abi, false, &rest, &bar, out);
	if (rest) {
		fputs(bar, out);
		print_number(family->base, rest, out);
		bar = "|";
	}
	if (has_field && family->field_last) {
		fputs(bar, out);
		print_value(family_of_field(family), abi, field, out);
	} else if (!*bar) {
		print_value(family, abi, 0, out);
	}
}

void family_print(const struct family *family, enum abi_id abi, uint64_t value,
		  FILE *out)
{
	/* every bit set is no set of flags: personality's question */
	if (family->is_flags && value != UINT32_MAX && value != UINT64_MAX)
		print_flags(family, abi, value, out);
	else
		print_value(family, abi, value, out);
}
