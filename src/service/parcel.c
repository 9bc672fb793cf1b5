#include "service/parcel.h"

#include <string.h>

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
