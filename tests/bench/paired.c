// Runs two commands in turns and compares their wall-clock times.
//
// paired ROUNDS LABEL_A LABEL_B COMMAND_A... --vs-- COMMAND_B...
// prints the medians of both and of the ratio A/B, pair by pair: what slows
// the machine down for a moment slows both sides of a pair.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double run(char **argv)
{
	struct timespec a, b;
	int status;
	pid_t pid;

	clock_gettime(CLOCK_MONOTONIC, &a);
	pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 1);
		dup2(null, 2);
		execvp(argv[0], argv);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	clock_gettime(CLOCK_MONOTONIC, &b);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		fprintf(stderr, "paired: %s failed (status %#x)\n", argv[0],
			(unsigned)status);
		exit(1);
	}
	return (double)(b.tv_sec - a.tv_sec) * 1e3 +
	       (double)(b.tv_nsec - a.tv_nsec) / 1e6;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, size_t n)
{
	qsort(values, n, sizeof(*values), ascending);
	return n % 2 ? values[n / 2]
		     : (values[n / 2 - 1] + values[n / 2]) / 2;
}

int main(int argc, char **argv)
{
	size_t n = argc > 5 ? (size_t)atoi(argv[1]) : 0;
	double *a, *b, *ratio;
	char **second = NULL;

	for (int i = 4; i < argc; i++)
		if (!strcmp(argv[i], "--vs--")) {
			argv[i] = NULL;
			second = &argv[i + 1];
			break;
		}
	if (!second || !n) {
		fputs("usage: paired ROUNDS A B COMMAND... --vs-- COMMAND...\n",
		      stderr);
		return 2;
	}
	a = calloc(n, sizeof(*a));
	b = calloc(n, sizeof(*b));
	ratio = calloc(n, sizeof(*ratio));
	run(argv + 4); /* warm both up */
	run(second);
	for (size_t i = 0; i < n; i++) {
		if (i % 2) {
			b[i] = run(second);
			a[i] = run(argv + 4);
		} else {
			a[i] = run(argv + 4);
			b[i] = run(second);
		}
		ratio[i] = a[i] / b[i];
	}
	printf("  %-34s %9.2f ms\n  %-34s %9.2f ms\n  ratio %.3f (median of %zu pairs)\n",
	       argv[2], median(a, n), argv[3], median(b, n), median(ratio, n),
	       n);
	return 0;
}
