// build: -m32 -static
/* i386: a program of the i386 ABI; prints what getpid, made by hand, said:
 * "i386: pid" or "i386: EPERM". */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	long pid = syscall(SYS_getpid);

	printf("i386: %s\n", pid > 0 ? "pid" : strerrorname_np(errno));
	return 0;
}
