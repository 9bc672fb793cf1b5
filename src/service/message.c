#include "service/message.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"

static void put_status(FILE *to, const struct message_state *state,
		       const char *own)
{
	fprintf(to, "STATUS=%s", own);
	if (*state->denied)
		fprintf(to, *own ? " (sandbox: %s)" : "sandbox: %s",
			state->denied);
}

/* The length of what was written; SIZE_MAX: too long. */
static size_t finish(FILE *to)
{
	long n = fflush(to) ? -1 : ftell(to);

	fclose(to);
	return n >= 0 && n <= MESSAGE_LIMIT ? (size_t)n : SIZE_MAX;
}

void message_set_denied(struct message_state *state, const char *what,
			size_t calls, uint64_t hits)
{
	snprintf(state->denied, sizeof(state->denied),
		 "%zu %s call%s, %" PRIu64 " hit%s", calls, what,
		 calls == 1 ? "" : "s", hits, hits == 1 ? "" : "s");
}

static void put_line(FILE *to, struct message_state *state, const char *line)
{
	if (ftell(to))
		fputc('\n', to);
	if (has_prefix(line, "STATUS=")) {
		line += strlen("STATUS=");
		snprintf(state->status, STATUS_SIZE, "%s", line);
		put_status(to, state, line);
	} else {
		fputs(line, to);
	}
}

size_t message_rewrite(struct message_state *state, const char *in, size_t n,
		       char out[static MESSAGE_SIZE])
{
	/* A NUL inside or too long: systemd's to ignore, as ever. */
	const bool is_text = n <= MESSAGE_LIMIT && !memchr(in, '\0', n);
	FILE *to = is_text ? fmemopen(out, MESSAGE_SIZE, "w") : NULL;
	char lines[MESSAGE_SIZE + 2], own[32], *rest = lines, *line;
	size_t written = SIZE_MAX;
	bool names_cmd;

	if (to) {
		snprintf(lines, sizeof(lines), "\n%.*s\n", (int)n, in);
		/* as the sd_notify(3) example of a ready daemon sends it */
		snprintf(own, sizeof(own), "\nMAINPID=%d\n", (int)state->cmd);
		names_cmd = strstr(lines, own);
		/* MAINPIDFDID= and MAINPIDFD= (systemd 257) say the same */
		while ((line = strsep(&rest, "\n")))
			if (*line && !(names_cmd &&
				       (has_prefix(line, "MAINPID=") ||
					has_prefix(line, "MAINPIDFD=") ||
					has_prefix(line, "MAINPIDFDID="))))
				put_line(to, state, line);
		written = finish(to);
	}
	if (written != SIZE_MAX)
		return written;
	/* No room for what is denied: then as it came. */
	memcpy(out, in, n);
	return n;
}

size_t message_status(const struct message_state *state,
		      char out[static MESSAGE_SIZE])
{
	FILE *to = fmemopen(out, MESSAGE_SIZE, "w");

	if (!to)
		return 0;
	put_status(to, state, state->status);
	return finish(to);
}

/* ------------------------------------------------------- what comes with it */

union control {
	struct cmsghdr align;
	char space[CMSG_SPACE(sizeof(struct ucred)) +
		   CMSG_SPACE(CLOSER_FDS * sizeof(int))];
};

static void unpack(struct parcel *parcel, struct msghdr *header)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c;
	     c = CMSG_NXTHDR(header, c)) {
		size_t n = c->cmsg_len - CMSG_LEN(0);

		if (c->cmsg_level != SOL_SOCKET)
			continue;
		if (c->cmsg_type == SCM_CREDENTIALS) {
			memcpy(&parcel->sender, CMSG_DATA(c),
			       sizeof(parcel->sender));
		} else if (c->cmsg_type == SCM_RIGHTS) {
			memcpy(parcel->fds, CMSG_DATA(c), n);
			parcel->n_fds = n / sizeof(int);
		}
	}
}

bool parcel_receive(int socket, struct parcel *parcel)
{
	union control control;
	struct iovec text = {parcel->text, sizeof(parcel->text)};
	struct msghdr header = {
		.msg_iov = &text,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n = recvmsg(socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n < 0)
		return false;
	parcel->n = (size_t)n;
	parcel->n_fds = 0;
	parcel->sender.pid = 0;
	unpack(parcel, &header);
	return true;
}

static void add_control(struct msghdr *header, int type, const void *data,
			size_t n)
{
	struct cmsghdr *c = (struct cmsghdr *)((char *)header->msg_control +
					       header->msg_controllen);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(n);
	memcpy(CMSG_DATA(c), data, n);
	header->msg_controllen += CMSG_SPACE(n);
}

int parcel_send(int socket, const struct destination *to, const char *text,
		size_t n, const struct parcel *parcel,
		const struct ucred *sender)
{
	union control control = {0};
	struct iovec iov = {(char *)text, n};
	struct msghdr header = {
		.msg_name = (void *)&to->address,
		.msg_namelen = to->size,
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
	};

	if (sender)
		add_control(&header, SCM_CREDENTIALS, sender, sizeof(*sender));
	if (parcel && parcel->n_fds)
		add_control(&header, SCM_RIGHTS, parcel->fds,
			    parcel->n_fds * sizeof(int));
	return sendmsg(socket, &header, MSG_NOSIGNAL) < 0 ? -1 : 0;
}
