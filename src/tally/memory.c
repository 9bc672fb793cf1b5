#include "tally/memory.h"

#include <errno.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/util.h"

/* The smallest page of any ABI: what begins in a readable one can be read to
 * its end. */
enum { PAGE = 4096 };

/* For kernels and containers that refuse process_vm_readv(2). */
static ssize_t read_mem_file(pid_t tid, uint64_t address, void *buf,
			     size_t size)
{
	cleanup_fd int fd = proc_open(tid, "mem");

	if (fd < 0 || address > INT64_MAX)
		return -1;
	return pread(fd, buf, size, (off_t)address);
}

/* size does not reach beyond the page. */
static size_t read_page(pid_t tid, uint64_t address, char *buf, size_t size)
{
	struct iovec local = {buf, size};
	struct iovec remote = {(void *)(uintptr_t)address, size};
	ssize_t n = process_vm_readv(tid, &local, 1, &remote, 1, 0);

	if (n < 0 && errno != EFAULT)
		n = read_mem_file(tid, address, buf, size);
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
