// build: -static -nostdlib -fno-stack-protector -fno-builtin
/* parents-filter: prints the "Seccomp:" of its parent, read in its very first
 * calls.  Without libc, whose start takes longer than the parent would need to
 * lock itself up after CMD's exec. */
#include <asm/unistd.h>
#include <fcntl.h>

static long call3(long nr, long a, long b, long c)
{
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(nr), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
	return result;
}

static char *put_number(char *to, long n)
{
	if (n >= 10)
		to = put_number(to, n / 10);
	*to = (char)('0' + n % 10);
	return to + 1;
}

static char *put(char *to, const char *text)
{
	while (*text)
		*to++ = *text++;
	*to = 0;
	return to;
}

static int begins(const char *text, const char *with)
{
	while (*with)
		if (*text++ != *with++)
			return 0;
	return 1;
}

__attribute__((force_align_arg_pointer)) void _start(void)
{
	static const char field[] = "\nSeccomp:\t";
	static char path[64], text[4096];
	long fd, n;

	put(put_number(put(path, "/proc/"), call3(__NR_getppid, 0, 0, 0)),
	    "/status");
	fd = call3(__NR_open, (long)path, O_RDONLY, 0);
	n = call3(__NR_read, fd, (long)text, sizeof(text) - 1);
	for (long i = 0; i < n; i++)
		if (begins(text + i, field))
			call3(__NR_write, 1, (long)text + i + sizeof(field) - 1,
			      2);
	call3(__NR_exit_group, 0, 0, 0);
}
