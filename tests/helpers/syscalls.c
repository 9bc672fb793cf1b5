// build: -static -lseccomp
/* syscalls CALL [ARG...] [xN] [, CALL ...]: makes system calls and prints what
 * each returned, "mkdir = 0" or "mkdir = -1 EPERM".
 *
 * CALL is a name, a number or int80:NUMBER (the i386 ABI from 64-bit code).
 * An ARG is a number or a string; xN makes the call N times and prints the
 * last answer. The status is 0 whatever the calls answer. */
#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define INT80 "int80:"

static int is_number(const char *word)
{
	return (*word >= '0' && *word <= '9') ||
	       (*word == '-' && word[1] >= '0' && word[1] <= '9');
}

static long value(const char *word)
{
	return is_number(word) ? (long)strtoull(word, NULL, 0) : (long)word;
}

static long number(const char *word)
{
	return is_number(word) ? value(word) :
				 seccomp_syscall_resolve_name(word);
}

#ifdef __x86_64__
/* Like syscall(3), through the door of the i386 ABI. */
static long int80(long nr, const long *a)
{
	long ret;

	__asm__ volatile("int $0x80"
			 : "=a"(ret)
			 : "a"(nr), "b"(a[0]), "c"(a[1]), "d"(a[2]),
			   "S"(a[3]), "D"(a[4])
			 : "memory", "r8", "r9", "r10", "r11");
	if ((int)ret < 0 && (int)ret > -4096) {
		errno = -(int)ret;
		return -1;
	}
	return ret;
}
#else
static long int80(long nr, const long *a)
{
	(void)nr, (void)a;
	return raise(SIGSEGV); /* as where there is no such door */
}
#endif

static void make(const char *name, const long *a, long times)
{
	int foreign = !strncmp(name, INT80, strlen(INT80));
	long nr = number(foreign ? name + strlen(INT80) : name);
	long ret = 0;

	for (long i = 0; i < times; i++)
		ret = foreign ? int80(nr, a) :
				syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	if (ret == -1)
		printf("%s = -1 %s\n", name, strerrorname_np(errno));
	else
		printf("%s = %ld\n", name, ret);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	int i = 1;

	while (i < argc) {
		const char *name = argv[i++];
		long a[6] = { 0 }, times = 1;

		for (int n = 0; i < argc && strcmp(argv[i], ","); i++) {
			if (argv[i][0] == 'x' && is_number(argv[i] + 1))
				times = value(argv[i] + 1);
			else if (n < 6)
				a[n++] = value(argv[i]);
		}
		i++;
		make(name, a, times);
	}
	return 0;
}
