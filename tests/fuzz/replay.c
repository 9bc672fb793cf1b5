/* Runs a target over files and folders of inputs, without libFuzzer: over the
 * corpus of its name if none are given, speaking TAP. */
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "base/util.h"
#include "fuzz.h"

static size_t inputs;

static void run_file(const char *path)
{
	cleanup_file FILE *f = fopen(path, "re");
	uint8_t *data = NULL;
	size_t n = 0, cap = 0;
	int c;

	MUST(f);
	while ((c = getc(f)) != EOF) {
		data = grow(data, n, &cap, 1);
		data[n++] = (uint8_t)c;
	}
	/* the last one shown is the culprit */
	printf("# %s\n", path);
	fflush(stdout);
	LLVMFuzzerTestOneInput(data, n);
	free(data);
	inputs++;
}

static void run(const char *path)
{
	struct dirent **items;
	struct stat st;
	int n;

	MUST(stat(path, &st) == 0);
	if (!S_ISDIR(st.st_mode)) {
		run_file(path);
		return;
	}
	n = scandir(path, &items, NULL, alphasort);
	MUST(n >= 0);
	for (int i = 0; i < n; i++) {
		if (*items[i]->d_name != '.') {
			cleanup_free char *below =
				xasprintf("%s/%s", path, items[i]->d_name);

			run(below);
		}
		free(items[i]);
	}
	free(items);
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	const char *target = slash ? slash + 1 : argv[0];
	cleanup_free char *corpus = xasprintf("tests/fuzz/corpus/%s", target);

	if (argc < 2)
		run(corpus);
	for (int i = 1; i < argc; i++)
		run(argv[i]);
	MUST(inputs > 0);
	printf("1..1\nok 1 - %s: %zu inputs\n", target, inputs);
	return 0;
}
