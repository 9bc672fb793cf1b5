// Makes one system call many times: calls NUMBER COUNT [ARG0].
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	long nr = atol(argv[1]), n = atol(argv[2]);
	long arg = argc > 3 ? atol(argv[3]) : 0;

	for (long i = 0; i < n; i++)
		syscall(nr, arg, 0, 0, 0, 0, 0);
	return 0;
}
