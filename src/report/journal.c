#include "report/journal.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/text.h"
#include "base/util.h"
#include "report/remedy.h"
#include "report/report_words.h"

/* syslog(3)'s */
enum { PRIORITY_ERR = 3, PRIORITY_WARNING = 4, PRIORITY_INFO = 6 };

enum { GROWTH = 10, PATIENCE_S = 5 };

struct journal {
	int fd;
	const char *path; /* borrowed */
	uint64_t written[TALLY_ROWS + 1]; /* the hits that it has of each row */
	/* the entry in the making */
	FILE *out;
	char *text;
	size_t n;
};

/* -------------------------------------------------------- the connection */

static int connect_to(const struct journal *journal)
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

struct journal *journal_open(const char *path)
{
	const struct timeval patience = {.tv_sec = PATIENCE_S};
	struct journal *journal = xcalloc(1, sizeof(*journal));

	journal->path = path;
	journal->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (journal->fd >= 0) {
		setsockopt(journal->fd, SOL_SOCKET, SO_SNDTIMEO, &patience,
			   sizeof(patience));
		if (connect_to(journal) == 0)
			return journal;
	}
	journal_close(journal);
	return NULL;
}

void journal_keep(const struct journal *journal, struct kept_fds *kept)
{
	if (journal)
		kept_fds_add(kept, journal->fd);
}

void journal_close(struct journal *journal)
{
	int saved = errno;

	if (journal && journal->fd >= 0)
		close(journal->fd);
	free(journal);
	errno = saved;
}

/* An entry, or (fd not -1) the file that it is in. */
static int send_datagram(const struct journal *journal, struct iovec entry,
			 int fd, bool wait)
{
	const int flags = MSG_NOSIGNAL | (wait ? 0 : MSG_DONTWAIT);
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
		.msg_iov = &entry,
		.msg_iovlen = fd < 0,
		.msg_control = &control,
		.msg_controllen = fd < 0 ? 0 : CMSG_LEN(sizeof(int)),
	};
	ssize_t sent;

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	sent = TEMP_FAILURE_RETRY(sendmsg(journal->fd, &header, flags));
	/* The journal was started anew. */
	if (sent < 0 && (errno == ECONNREFUSED || errno == ENOTCONN ||
			 errno == ECONNRESET) && connect_to(journal) == 0)
		sent = TEMP_FAILURE_RETRY(sendmsg(journal->fd, &header, flags));
	return sent < 0 ? -1 : 0;
}

/* A file with the entry that nobody can change any more. */
static int sealed_file(const char *entry, size_t n)
{
	int fd = memfd_create("sandbox-report",
			      MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd >= 0 && write(fd, entry, n) == (ssize_t)n &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE |
					   F_SEAL_SEAL) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Tells when the file is closed, which is when it has been dealt with: datagrams
 * are taken in one after another.  -1: nothing does. */
static int watch_file(int fd)
{
	int watch = inotify_init1(IN_CLOEXEC);
	char path[PROC_FD_NAME];

	if (watch < 0 ||
	    inotify_add_watch(watch, proc_fd_name(fd, path), IN_CLOSE) >= 0)
		return watch;
	close(watch);
	return -1;
}

int journal_send(const struct journal *journal, const char *entry, size_t n,
		 enum journal_wait wait)
{
	struct iovec iov = {(char *)entry, n};
	cleanup_fd int watch = -1;
	struct pollfd closed = {.events = POLLIN};
	int fd, result;

	if (wait != SEND_LAST) {
		if (send_datagram(journal, iov, -1, wait) == 0)
			return 0;
		if (errno != EMSGSIZE && errno != ENOBUFS)
			return -1;
	}
	fd = sealed_file(entry, n);
	if (fd < 0)
		return -1;
	if (wait == SEND_LAST)
		closed.fd = watch = watch_file(fd);
	result = send_datagram(journal, iov, fd, wait);
	close(fd);
	if (result == 0 && watch >= 0)
		TEMP_FAILURE_RETRY(poll(&closed, 1, PATIENCE_S * 1000));
	return result;
}

/* ------------------------------------------------------------- one entry */

static void put(FILE *out, const char *name, const char *value)
{
	uint64_t n = htole64(strlen(value));

	if (!strchr(value, '\n')) {
		fprintf(out, "%s=%s\n", name, value);
		return;
	}
	fprintf(out, "%s\n", name);
	fwrite(&n, sizeof(n), 1, out);
	fprintf(out, "%s\n", value);
}

static void put_number(FILE *out, const char *name, int64_t value)
{
	fprintf(out, "%s=%" PRId64 "\n", name, value);
}

/* The stream for more fields of it, up to send_entry(). */
static FILE *begin_entry(struct journal *journal, const struct run_info *run,
			 const char *id, int priority, const char *message)
{
	FILE *out = xmemstream(&journal->text, &journal->n);
	cleanup_free char *command = NULL;
	size_t n = 0;

	while (run->command && run->command[n])
		n++;
	command = joined(run->command, n, " ");
	put(out, "MESSAGE", message);
	put(out, "MESSAGE_ID", id);
	put_number(out, "PRIORITY", priority);
	put(out, "SYSLOG_IDENTIFIER", "sandbox");
	put(out, "COMMAND", command);
	put_number(out, "COMMAND_PID", run->pid);
	put(out, "TRACER", run->tracer);
	if (run->policy_digest)
		put(out, "POLICY_DIGEST", run->policy_digest);
	return journal->out = out;
}

static int send_entry(struct journal *journal, enum journal_wait wait)
{
	int result;

	fclose(journal->out);
	result = journal_send(journal, journal->text, journal->n, wait);
	free(journal->text);
	return result;
}

static void put_call(FILE *out, const struct tally_row *row)
{
	put(out, "SYSCALL", row_name(row));
	put_number(out, "SYSCALL_NUMBER", (int32_t)row->nr);
	put(out, "SYSCALL_ABI", row_abi(row));
	put_number(out, "HITS", (int64_t)row->hits);
}

/* What was meant for a library to go on with another call is no trouble. */
static int priority_of(const struct tally_row *row, const struct run_info *run)
{
	cleanup_free char *fallback = row_fallback(row, run);

	if (fallback)
		return PRIORITY_INFO;
	return row->verdict.action == ACTION_KILL && !row->ran
		       ? PRIORITY_ERR
		       : PRIORITY_WARNING;
}

/* Words with blanks between them: powers, and values of what selects an
 * operation. */
static void put_uses(FILE *out, const struct uses *uses)
{
	bool none = uses->harmless && uses->powers;
	cleanup_free char *names = xstrdup(none ? "none" : "");
	cleanup_free char *values = xstrdup("");

	for_powers (p, uses->powers)
		reprint(&names, "%s%s%s", names, *names ? " " : "",
			power_name(p));
	for (unsigned i = 0; i < uses->n_values; i++)
		reprint(&values, "%s%s%" PRIu64, values, *values ? " " : "",
			uses->values[i]);
	put(out, "POWERS", names);
	if (*values)
		put(out, "VALUES", values);
}

static int write_row(struct journal *journal, const struct run_info *run,
		     const struct tally_row *row)
{
	cleanup_free char *message = row_sentence(row, &row->first);
	cleanup_free char *rule = row_rule(row);
	struct source at = row->verdict.at;
	FILE *out;

	if (row->hits > 1)
		reprint(&message, "%s (%" PRIu64 " times)", message, row->hits);
	out = begin_entry(journal, run, JOURNAL_ID_DENIED,
			  priority_of(row, run), message);
	put_call(out, row);
	put(out, "ANSWER", row_answer(row));
	put(out, "RULE", rule);
	put_uses(out, &row->uses);
	if (at.file && at.line && at.line < PLACE_RULE) {
		put(out, "RULE_FILE", at.file);
		put_number(out, "RULE_LINE", at.line);
	}
	put(out, "COMM", row->first.comm);
	put_number(out, "COMM_PID", row->first.pid);
	return send_entry(journal, run->is_last ? SEND_WAITING : SEND_NOW);
}

/* ------------------------------------------------------------- the report */

static int write_rows(struct journal *journal, const struct run_info *run,
		      const struct tally_row *const *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t *written = &journal->written[rows[i]->seq];
		uint64_t hits = rows[i]->hits;

		if (run->is_last ? hits == *written
				 : *written && hits / GROWTH < *written)
			continue;
		if (write_row(journal, run, rows[i]) < 0)
			return -1;
		*written = hits;
	}
	return 0;
}

static int write_counts(struct journal *journal, const struct run_info *run,
			struct tally *tally)
{
	size_t n;
	const struct tally_row *const *counts = tally_counts(tally, &n);

	for (size_t i = 0; i < n; i++) {
		const struct tally_row *count = counts[i];
		cleanup_free char *label = row_label(count);
		cleanup_free char *message =
			xasprintf("%s made %" PRIu64 " times", label,
				  count->hits);

		put_call(begin_entry(journal, run, JOURNAL_ID_COUNTED,
				     PRIORITY_INFO, message), count);
		if (send_entry(journal, SEND_WAITING) < 0)
			return -1;
	}
	return 0;
}

static int write_sums(struct journal *journal, const struct run_info *run,
		      struct tally *tally, size_t calls)
{
	cleanup_free char *end = ending_text(run);
	cleanup_free char *name = escape_utf8(
		run->command ? run->command[0] : "?", true);
	cleanup_free char *sums = sums_text(run, calls, tally_sums(tally)->hits);
	cleanup_free char *message = xasprintf("%s in %.2f s: %s (%s)", sums,
					       run->duration_s, name, end);
	FILE *out = begin_entry(journal, run, JOURNAL_ID_ENDED, PRIORITY_INFO,
				message);

	put_number(out, "TOTAL_CALLS", (int64_t)calls);
	put_number(out, "TOTAL_HITS", (int64_t)tally_sums(tally)->hits);
	return send_entry(journal, SEND_LAST);
}

int journal_write(struct journal *journal, const struct run_info *run,
		  struct tally *tally)
{
	size_t n;
	const struct tally_row *const *rows = tally_rows(tally, &n);

	if (write_rows(journal, run, rows, n) < 0)
		return -1;
	if (!run->is_last)
		return 0;
	if (run->mode == RUN_COUNT && write_counts(journal, run, tally) < 0)
		return -1;
	return write_sums(journal, run, tally, rows_calls(rows, n));
}
