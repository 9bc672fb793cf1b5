// build: -static
/* Two that want what a launcher's execve has in its unused registers.
 *
 * cookie watch PID    looks at PID and its children until killed, and prints
 *                     "PID R8 R9" for an execve in progress that has numbers
 *                     there
 * cookie use FILE     waits a while for its own line in FILE, and makes an
 *                     execve with them: "EXECUTED" if it runs, else "refused";
 *                     "unseen" if no line came
 *
 * The kernel reads the pages of a new program behind the point where it is
 * dumpable again; the file is large, so that it waits for the disk there. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Between the code and the data. */
__attribute__((used, section(".rodata"))) static const char far[6 << 20] = { 1 };
static volatile int cold = 7;
static volatile char zeros[5000];

static size_t text_of(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, text, size - 1);

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

static void look(int pid)
{
	static int last;
	unsigned long r[6];
	char path[64], text[512];

	snprintf(path, sizeof(path), "/proc/%d/syscall", pid);
	if (!text_of(path, text, sizeof(text)) || pid == last ||
	    sscanf(text, "59 %lx %lx %lx %lx %lx %lx", r, r + 1, r + 2, r + 3,
		   r + 4, r + 5) != 6 ||
	    r[4] < 2 || r[5] < 2)
		return;
	last = pid;
	printf("%d %lx %lx\n", pid, r[4], r[5]);
	fflush(stdout);
}

static void watch(int pid)
{
	char path[64], text[512], *at, *end;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
	puts("ready");
	fflush(stdout);
	for (;;) {
		look(pid);
		text_of(path, text, sizeof(text));
		for (at = text;; at = end) {
			long child = strtol(at, &end, 10);

			if (end == at)
				break;
			for (int i = 0; i < 50; i++)
				look((int)child);
		}
	}
}

static void execute(unsigned long a, unsigned long b)
{
	char *cmd[] = { "/bin/echo", "EXECUTED", NULL };
	register long r10 __asm__("r10") = 0;
	register unsigned long r8 __asm__("r8") = a;
	register unsigned long r9 __asm__("r9") = b;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "0"(SYS_execve), "D"(cmd[0]), "S"(cmd), "d"(0),
			   "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	printf("refused: %ld\n", -ret);
}

static int use(const char *file)
{
	char text[8192];
	unsigned long a, b;
	int pid;

	zeros[cold] = 1;
	for (int i = 0; i < 20; i++) {
		text_of(file, text, sizeof(text));
		for (char *line = strtok(text, "\n"); line;
		     line = strtok(NULL, "\n")) {
			if (sscanf(line, "%d %lx %lx", &pid, &a, &b) != 3 ||
			    pid != getpid())
				continue;
			execute(a, b);
			return 0;
		}
		usleep(10 * 1000);
	}
	puts("unseen");
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "watch"))
		watch(atoi(argv[2]));
	if (argc == 3 && !strcmp(argv[1], "use"))
		return use(argv[2]);
	return 2;
}
