// Runs two commands in turns and compares their times.
//
// paired [-b BOUND] [-n CALLS] ROUNDS LABEL_A LABEL_B A... --vs-- B...
// prints the medians of both, and of A/B pair by pair: what slows the machine
// down for a moment slows both sides of a pair.  Times are wall-clock times;
// with -n they are processor time per call, and instead of the ratio it prints
// how many nanoseconds a call of A takes more.
// BOUND is what the ratio, or the difference, should not exceed.
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static posix_spawn_file_actions_t silent;

static double ms(struct timeval t)
{
	return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

static double run(char **argv, int cpu_time)
{
	struct timespec a, b;
	struct rusage usage;
	int status;
	pid_t pid;

	clock_gettime(CLOCK_MONOTONIC, &a);
	if (posix_spawnp(&pid, argv[0], &silent, NULL, argv, environ)) {
		fprintf(stderr, "paired: cannot run %s\n", argv[0]);
		exit(1);
	}
	wait4(pid, &status, 0, &usage);
	clock_gettime(CLOCK_MONOTONIC, &b);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		fprintf(stderr, "paired: %s failed (status %#x)\n", argv[0],
			(unsigned)status);
		exit(1);
	}
	if (cpu_time)
		return ms(usage.ru_utime) + ms(usage.ru_stime);
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

struct options {
	double bound; /* 0: none */
	double calls; /* 0: compare whole runs */
	size_t rounds;
	char **names; /* two */
	char **a, **b;
};

static struct options parse(int argc, char **argv)
{
	struct options o = {0};
	int opt;

	while ((opt = getopt(argc, argv, "+b:n:")) != -1) {
		if (opt == 'b')
			o.bound = atof(optarg);
		else if (opt == 'n')
			o.calls = atof(optarg);
	}
	if (argc - optind > 5) {
		o.rounds = (size_t)atoi(argv[optind]);
		o.names = argv + optind + 1;
		o.a = argv + optind + 3;
		for (char **word = o.a; *word && !o.b; word++)
			if (!strcmp(*word, "--vs--")) {
				*word = NULL;
				o.b = word + 1;
			}
	}
	if (!o.rounds || !o.b) {
		fputs("usage: paired [-b BOUND] [-n CALLS] ROUNDS A B "
		      "COMMAND... --vs-- COMMAND...\n",
		      stderr);
		exit(2);
	}
	return o;
}

static void show(const struct options *o, double a, double b, double result)
{
	double scale = o->calls > 0 ? 1e6 / o->calls : 1;
	const char *unit = o->calls > 0 ? "ns a call" : "ms";

	printf("  %-36s %9.2f %s\n", o->names[0], a * scale, unit);
	printf("  %-36s %9.2f %s\n", o->names[1], b * scale, unit);
	if (o->calls > 0)
		printf("  %.1f ns more", result);
	else
		printf("  ratio %.3f", result);
	printf(" (median of %zu pairs)", o->rounds);
	if (o->bound > 0)
		printf("; bound %g: %s", o->bound,
		       result <= o->bound ? "met" : "NOT MET");
	putchar('\n');
}

int main(int argc, char **argv)
{
	struct options o = parse(argc, argv);
	double *a = calloc(o.rounds, sizeof(*a));
	double *b = calloc(o.rounds, sizeof(*b));
	double *results = calloc(o.rounds, sizeof(*results));
	int cpu_time = o.calls > 0;

	posix_spawn_file_actions_init(&silent);
	posix_spawn_file_actions_addopen(&silent, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&silent, 2, "/dev/null", O_WRONLY, 0);
	run(o.a, cpu_time); /* warm both up */
	run(o.b, cpu_time);
	for (size_t i = 0; i < o.rounds; i++) {
		if (i % 2)
			b[i] = run(o.b, cpu_time);
		a[i] = run(o.a, cpu_time);
		if (i % 2 == 0)
			b[i] = run(o.b, cpu_time);
		results[i] = o.calls > 0 ? (a[i] - b[i]) * 1e6 / o.calls
					 : a[i] / b[i];
	}
	show(&o, median(a, o.rounds), median(b, o.rounds),
	     median(results, o.rounds));
	return 0;
}
