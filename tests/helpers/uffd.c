// build: -pthread
/* uffd hold SOCKET   takes a userfaultfd(2) sent there, and keeps it until
 *                    killed; "held" when it has it
 * uffd call SOCKET   a thread makes mkdir with a path in a page that only
 *                    whoever holds the userfaultfd can fill; ends without it
 * uffd read          a child reads such a page of its parent: prints "blocked"
 *                    if it is still at it after a second
 *
 * Status 3: no userfaultfd here. */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static char *page;

static int make_page(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd < 0) /* not as an ordinary user, who may have one for */
		fd = (int)syscall(SYS_userfaultfd, /* its own faults alone */
				  O_CLOEXEC | UFFD_USER_MODE_ONLY);
	if (fd < 0)
		return -1;
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	range.range.start = (unsigned long)page;
	range.range.len = 4096;
	if (ioctl(fd, UFFDIO_API, &api) || ioctl(fd, UFFDIO_REGISTER, &range))
		return -1;
	return fd;
}

union control {
	struct cmsghdr align;
	char space[CMSG_SPACE(sizeof(int))];
};

static int socket_at(const char *path, struct sockaddr_un *name)
{
	*name = (struct sockaddr_un){ .sun_family = AF_UNIX };
	strncpy(name->sun_path, path, sizeof(name->sun_path) - 1);
	return socket(AF_UNIX, SOCK_DGRAM, 0);
}

static int hold(const char *path)
{
	union control control;
	char byte;
	struct iovec text = { &byte, 1 };
	struct msghdr header = { .msg_iov = &text,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control) };
	struct sockaddr_un name;
	int fd = socket_at(path, &name);

	if (bind(fd, (struct sockaddr *)&name, sizeof(name)))
		return 2;
	puts("ready");
	fflush(stdout);
	if (recvmsg(fd, &header, 0) != 1)
		return 2;
	puts("held");
	fflush(stdout);
	for (;;)
		pause();
}

static int hand_over(const char *path, int userfault)
{
	union control control = { 0 };
	char byte = 0;
	struct iovec text = { &byte, 1 };
	struct sockaddr_un name;
	int fd = socket_at(path, &name);
	struct msghdr header = { .msg_name = &name,
				 .msg_namelen = sizeof(name),
				 .msg_iov = &text,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&header);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &userfault, sizeof(int));
	return sendmsg(fd, &header, 0) == 1 ? 0 : -1;
}

static void *make_call(void *arg)
{
	syscall(SYS_mkdir, page, 0755);
	return arg;
}

static int call(const char *path)
{
	pthread_t thread;
	int fd = make_page();

	if (fd < 0)
		return 3;
	if (hand_over(path, fd))
		return 2;
	pthread_create(&thread, NULL, make_call, NULL);
	usleep(300 * 1000);
	_exit(0);
}

static int read_parent(void)
{
	char got[8];
	struct iovec mine = { got, sizeof(got) };
	struct iovec theirs = { page, sizeof(got) };

	return process_vm_readv(getppid(), &mine, 1, &theirs, 1, 0) < 0;
}

static int try_read(void)
{
	int fd = make_page(), status;
	pid_t child;

	if (fd < 0)
		return 3;
	child = fork();
	if (!child)
		_exit(read_parent());
	sleep(1);
	if (!waitpid(child, &status, WNOHANG))
		puts("blocked");
	kill(child, SIGKILL);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "hold"))
		return hold(argv[2]);
	if (argc == 3 && !strcmp(argv[1], "call"))
		return call(argv[2]);
	if (argc == 2 && !strcmp(argv[1], "read"))
		return try_read();
	return 2;
}
