#include "report/journal_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/proc.h"

enum { PATIENCE_S = 5 };

static int reconnect(const struct journal_socket *journal)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (strlen(journal->path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(address.sun_path, journal->path);
	return connect(journal->fd, (struct sockaddr *)&address,
		       sizeof(address));
}

int journal_connect(struct journal_socket *journal, const char *path)
{
	const struct timeval patience = {.tv_sec = PATIENCE_S};

	*journal = (struct journal_socket){
		.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0),
		.path = path,
	};
	if (journal->fd < 0)
		return -1;
	setsockopt(journal->fd, SOL_SOCKET, SO_SNDTIMEO, &patience,
		   sizeof(patience));
	if (reconnect(journal) == 0)
		return 0;
	journal_disconnect(journal);
	return -1;
}

void journal_disconnect(struct journal_socket *journal)
{
	int saved = errno;

	if (journal->fd >= 0)
		close(journal->fd);
	journal->fd = -1;
	errno = saved;
}

void journal_field(FILE *entry, const char *name, const char *value)
{
	uint64_t n = strlen(value);

	if (!strchr(value, '\n')) {
		fprintf(entry, "%s=%s\n", name, value);
		return;
	}
	fprintf(entry, "%s\n", name);
	for (int i = 0; i < 8; i++) /* little-endian */
		fputc((int)(n >> 8 * i & 0xff), entry);
	fprintf(entry, "%s\n", value);
}

void journal_field_number(FILE *entry, const char *name, int64_t value)
{
	fprintf(entry, "%s=%" PRId64 "\n", name, value);
}

static int send_datagram(const struct journal_socket *journal,
			 struct msghdr *header, bool wait)
{
	int flags = MSG_NOSIGNAL | (wait ? 0 : MSG_DONTWAIT);
	bool is_second = false;

	for (;;) {
		if (sendmsg(journal->fd, header, flags) >= 0)
			return 0;
		if (errno == EINTR)
			continue;
		/* The journal was started anew. */
		if ((errno != ECONNREFUSED && errno != ENOTCONN &&
		     errno != ECONNRESET) || is_second ||
		    reconnect(journal) < 0)
			return -1;
		is_second = true;
	}
}

static int write_all(int fd, const char *bytes, size_t n)
{
	while (n) {
		ssize_t written = write(fd, bytes, n);

		if (written < 0)
			return -1;
		bytes += written;
		n -= (size_t)written;
	}
	return 0;
}

/* A file with the entry that nobody can change any more. */
static int sealed_file(const char *entry, size_t n)
{
	int fd = memfd_create("sandbox-report",
			      MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd >= 0 && write_all(fd, entry, n) == 0 &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE |
					   F_SEAL_SEAL) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static int send_file(const struct journal_socket *journal, int fd, bool wait)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {
		.header = {
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS,
			.cmsg_len = CMSG_LEN(sizeof(int)),
		},
	};
	struct msghdr header = {
		.msg_control = &control,
		.msg_controllen = CMSG_LEN(sizeof(int)),
	};

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	return send_datagram(journal, &header, wait);
}

/* Datagrams are taken in one after another, and a file that came with one is
 * closed when it has been dealt with. */
static void await_close(int watch)
{
	struct pollfd closed = {.fd = watch, .events = POLLIN};

	while (watch >= 0 && poll(&closed, 1, PATIENCE_S * 1000) < 0 &&
	       errno == EINTR)
		;
}

static int send_last(const struct journal_socket *journal, const char *entry,
		     size_t n)
{
	cleanup_fd int watch = inotify_init1(IN_CLOEXEC);
	int fd = sealed_file(entry, n), result;
	char path[PROC_FD_NAME];

	if (fd < 0)
		return -1;
	if (watch >= 0 && inotify_add_watch(watch, proc_fd_name(fd, path),
					    IN_CLOSE) < 0) {
		close(watch);
		watch = -1;
	}
	result = send_file(journal, fd, true);
	close(fd);
	if (result == 0)
		await_close(watch);
	return result;
}

int journal_send(const struct journal_socket *journal, const char *entry,
		 size_t n, enum journal_wait wait)
{
	struct iovec iov = {(char *)entry, n};
	struct msghdr header = {.msg_iov = &iov, .msg_iovlen = 1};
	cleanup_fd int fd = -1;

	if (wait == SEND_LAST)
		return send_last(journal, entry, n);
	if (send_datagram(journal, &header, wait) == 0)
		return 0;
	if (errno != EMSGSIZE && errno != ENOBUFS)
		return -1;
	fd = sealed_file(entry, n);
	return fd < 0 ? -1 : send_file(journal, fd, wait);
}
