// build: -static -no-pie
/* Two processes with the same address for different texts.
 *
 * twin address     prints where the text is
 * twin hold TEXT   prints "PID ready", has TEXT there until killed
 * twin call TEXT   prints its own number, makes mkdir(TEXT), waits half a
 *                  second */
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static char text[128] = "?";

int main(int argc, char **argv)
{
	if (argc == 2) {
		printf("%p\n", (void *)text);
		return 0;
	}
	if (argc != 3)
		return 2;
	snprintf(text, sizeof(text), "%s", argv[2]);
	printf("%d ready\n", (int)getpid());
	fflush(stdout);
	if (!strcmp(argv[1], "hold"))
		for (;;)
			pause();
	syscall(SYS_mkdir, text, 0755);
	usleep(500 * 1000);
	return 0;
}
