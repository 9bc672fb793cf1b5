#include "tally/memory.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/util.h"

/* The smallest page of any ABI: what begins in a readable one can be read to
 * its end. */
enum { PAGE = 4096 };

/* size does not reach beyond the page. */
static size_t read_page(pid_t tid, uint64_t address, char *buf, size_t size)
{
	struct iovec local = {buf, size};
	struct iovec remote = {(void *)(uintptr_t)address, size};
	ssize_t n = process_vm_readv(tid, &local, 1, &remote, 1, 0);

	/* For kernels and containers that refuse process_vm_readv(2). */
	if (n < 0 && errno != EFAULT && address <= INT64_MAX) {
		cleanup_fd int fd = proc_open(tid, "mem");

		n = pread(fd, buf, size, (off_t)address);
	}
	return n < 0 ? 0 : (size_t)n;
}

size_t memory_read_until(struct reader *reader, pid_t tid, uint64_t address,
			 void *to, size_t size, int last)
{
	char *buf = to;
	size_t done = 0;

	/* Page by page, because a transfer that meets an unreadable page fails
	 * for the whole of its range. */
	while (done < size) {
		size_t room = PAGE - (address + done) % PAGE;
		size_t want = size - done < room ? size - done : room;
		size_t n = reader_ask(reader, read_page, tid, address + done,
				      buf + done, want);
		const char *end =
			last < 0 ? NULL : memchr(buf + done, last, n);

		if (end)
			return (size_t)(end - buf) + 1;
		done += n;
		if (n < want)
			break;
	}
	return done;
}

/* " (deleted)" is said of files replaced since they were mapped. */
static size_t describe(char *name, uint64_t offset, char *buf, size_t size)
{
	const char *slash;
	size_t n = strcspn(name, "\n");

	name[n] = '\0';
	if (!n)
		return 0;
	slash = strrchr(name, '/');
	if (has_suffix(name, " (deleted)"))
		name[n - strlen(" (deleted)")] = '\0';
	return (size_t)snprintf(buf, size, "%s+0x%" PRIx64,
				slash ? slash + 1 : name, offset);
}

/* A line: START-END PERMS PGOFF DEV INODE   NAME.  getline: a path can be
 * longer than any buffer. */
static size_t find(pid_t tid, uint64_t ip, char *buf, size_t size)
{
	cleanup_file FILE *maps = proc_stream(tid, "maps");
	cleanup_free char *line = NULL;
	size_t cap = 0;

	while (maps && getline(&line, &cap, maps) > 0) {
		uint64_t start, end, pgoff;
		int name = 0;

		if (sscanf(line,
			   "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64
			   " %*s %*s %n",
			   &start, &end, &pgoff, &name) < 3 ||
		    !name)
			continue;
		if (ip > start && ip <= end)
			return describe(line + name, ip - start + pgoff, buf,
					size);
	}
	return 0;
}

char *ip_origin(struct reader *reader, pid_t tid, uint64_t ip)
{
	char text[NAME_MAX + 32];
	size_t n = reader_ask(reader, find, tid, ip, text, sizeof(text));

	return n ? xstrndup(text, n) : NULL;
}
