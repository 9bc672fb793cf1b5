/* doors PATH: every way into the kernel that a denied call could take, each in
 * a child of its own: the numbers with their upper half, bit 31, the x32 bit, by
 * int 0x80; arguments with bits that the kernel drops; the vsyscall page; number
 * -1; numbers that only x32 programs have.
 *
 * Prints "mkdir upper: EROFS", "… signal 31", "… made" if PATH came to be, and
 * "… ran" for a call that gives the time.  The last line says how many doors
 * there are and how many were open: "56 doors, 0 open". */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef __x86_64__
#error "the doors of x86-64"
#endif

#define UPPER 0x1234L << 32
#define ONES (long)0xffffffff00000000

static char *path; /* below 4 GB: for int 0x80 */

static long enter(long nr, const long *a)
{
	register long r10 __asm__("r10") = a[3];
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "0"(nr), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10)
			 : "rcx", "r11", "r8", "r9", "memory");
	return ret;
}

static long enter80(long nr, const long *a)
{
	int ret;

	__asm__ volatile("int $0x80"
			 : "=a"(ret)
			 : "0"((int)nr), "b"(a[0]), "c"(a[1]), "d"(a[2]),
			   "S"(a[3])
			 : "r8", "r9", "r10", "r11", "memory");
	return ret;
}

static long plain(long nr, const long *a) { return enter(nr, a); }
static long upper(long nr, const long *a) { return enter(nr | UPPER, a); }
static long ones(long nr, const long *a) { return enter(nr | ONES, a); }
static long bit31(long nr, const long *a) { return enter(nr | 1L << 31, a); }
static long x32(long nr, const long *a) { return enter(nr | 1L << 30, a); }
static long both(long nr, const long *a) { return enter(nr | 3L << 30, a); }

static long wide(long nr, const long *a)
{
	long b[4];

	for (int i = 0; i < 4; i++) /* what is no pointer */
		b[i] = a[i] == (long)path ? a[i] :
					    (a[i] & 0xffffffff) | 0xbeefL << 32;
	return enter(nr, b);
}

static const struct {
	const char *name;
	long (*enter)(long nr, const long *a);
} ways[] = {
	{ "plain", plain }, { "upper", upper }, { "ones", ones },
	{ "bit31", bit31 }, { "x32", x32 },	{ "both", both },
	{ "wide", wide },   { "int80", enter80 },
};

enum { AT_PATH = 1 << 30 };
static const struct {
	const char *name;
	int nr, nr80;
	int a[4]; /* AT_PATH: the path */
} makers[] = {
	{ "mkdir", SYS_mkdir, 39, { AT_PATH, 0755 } },
	{ "mkdirat", SYS_mkdirat, 296, { AT_FDCWD, AT_PATH, 0755 } },
	{ "mknod", SYS_mknod, 14, { AT_PATH, S_IFREG | 0600 } },
	{ "mknodat", SYS_mknodat, 297, { AT_FDCWD, AT_PATH, S_IFREG | 0600 } },
	{ "symlink", SYS_symlink, 83, { AT_PATH, AT_PATH } },
	{ "creat", SYS_creat, 8, { AT_PATH, 0600 } },
};

static int doors, opened;

/* After the child: what came of it. */
static void judge(const char *call, const char *way, pid_t child)
{
	struct stat is;
	int status, is_open = 0;

	waitpid(child, &status, 0);
	printf("%s %s: ", call, way);
	if (WIFSIGNALED(status))
		printf("signal %d\n", WTERMSIG(status));
	else if (!lstat(path, &is) && (is_open = 1))
		puts("made");
	else if ((is_open = WEXITSTATUS(status) == 0))
		puts("ran");
	else
		printf("%s\n", strerrorname_np(WEXITSTATUS(status)));
	remove(path);
	doors++;
	opened += is_open;
}

static void try_to_make(size_t call, size_t way)
{
	pid_t child;

	fflush(stdout);
	child = fork();
	if (!child) {
		long a[4], ret;

		for (int i = 0; i < 4; i++)
			a[i] = makers[call].a[i] == AT_PATH ?
				       (long)path : makers[call].a[i];
		ret = ways[way].enter(ways[way].enter == enter80 ?
					      makers[call].nr80 :
					      makers[call].nr, a);
		_exit(ret < 0 && ret > -200 ? (int)-ret : 0);
	}
	judge(makers[call].name, ways[way].name, child);
}

/* Doors of one kind: 0 is "it ran". */
static int time_call(void) { long a[4] = { 0 }; return enter(SYS_time, a) < 0; }
static int time80(void) { long a[4] = { 0 }; return enter80(13, a) < 0; }
static int vsyscall_time(void)
{
	return ((long (*)(long *))0xffffffffff600400)(NULL) < 0;
}
static int vsyscall_day(void)
{
	char day[64];

	return ((long (*)(void *, void *))0xffffffffff600000)(day, NULL) < 0;
}
static int x32_execve(void)
{
	char *argv[] = { "true", NULL };
	long a[4] = { (long)"/bin/true", (long)argv, 0, 0 };
	long ret = enter(520 | 1L << 30, a);

	return ret < 0;
}
static int number_520(void)
{
	char *argv[] = { "true", NULL };
	long a[4] = { (long)"/bin/true", (long)argv, 0, 0 };

	return enter(520, a) < 0;
}
static int number_545(void)
{
	char *argv[] = { "true", NULL };
	long a[4] = { AT_FDCWD, (long)"/bin/true", (long)argv, 0 };

	return enter(545, a) < 0;
}
static int minus_one(void)
{
	long a[4] = { (long)path, 0755 };

	return enter(-1, a) < 0;
}
static int restart(void)
{
	long a[4] = { (long)path, 0755 };

	return enter(SYS_restart_syscall, a) < 0;
}

static const struct {
	const char *name;
	int (*failed)(void);
} others[] = {
	{ "time", time_call },		  { "time int80", time80 },
	{ "time vsyscall", vsyscall_time }, { "day vsyscall", vsyscall_day },
	{ "execve x32", x32_execve },	  { "execve 520", number_520 },
	{ "execveat 545", number_545 },	  { "number -1", minus_one },
	{ "restart_syscall", restart },
};

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	path = mmap((void *)0x10000, 4096, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (path == MAP_FAILED)
		return 2;
	strncpy(path, argv[1], 4095);
	for (size_t call = 0; call < sizeof(makers) / sizeof(*makers); call++)
		for (size_t way = 0; way < sizeof(ways) / sizeof(*ways); way++)
			try_to_make(call, way);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		pid_t child;

		fflush(stdout);
		child = fork();
		if (!child)
			_exit(others[i].failed() ? EPERM : 0);
		judge(others[i].name, "", child);
	}
	printf("%d doors, %d open\n", doors, opened);
	return 0;
}
