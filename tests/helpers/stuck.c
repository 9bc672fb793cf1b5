// build: -pthread
/* stuck [early]: a thread calls mkdir with a path in a page that never comes,
 * since a child holds its userfaultfd(2) and does nothing with it.  Prints the
 * answer and ends; "early": ends without, while the call waits.  The child ends
 * with its parent.  Status 77: there is no userfaultfd here. */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static void *call(void *page)
{
	long result = syscall(SYS_mkdir, page, 0700);

	printf("mkdir = %ld %s\n", result,
	       result < 0 ? strerrorname_np(errno) : "");
	return NULL;
}

static char *page_that_never_comes(void)
{
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	struct uffdio_api api = {.api = UFFD_API};
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct uffdio_register range = {
		.range = {(unsigned long)page, 4096},
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) < 0 ||
	    ioctl(fd, UFFDIO_REGISTER, &range) < 0)
		_exit(77);
	return page;
}

int main(int argc, char **argv)
{
	int early = argc > 1 && !strcmp(argv[1], "early"), ends[2];
	char *page = page_that_never_comes(), byte;
	pthread_t thread;

	if (pipe(ends) < 0)
		return 2;
	if (fork() == 0) {
		setsid();
		close(ends[1]);
		close(1);
		close(2);
		_exit((int)read(ends[0], &byte, 1));
	}
	pthread_create(&thread, NULL, call, page);
	if (early)
		usleep(50000);
	else
		pthread_join(thread, NULL);
	fflush(stdout);
	_exit(0);
}
