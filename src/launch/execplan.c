#include "launch/execplan.h"

#include <paths.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"

struct execplan execplan_new(char *const *argv)
{
	struct execplan plan = {.argv = argv};
	const char *path = getenv("PATH"), *end;
	size_t cap = 0, argc = 0;

	while (argv[argc])
		argc++;
	plan.shell_argv = xcalloc(argc + 2, sizeof(*plan.shell_argv));
	plan.shell_argv[0] = (char *)_PATH_BSHELL;
	for (size_t i = 1; i < argc; i++)
		plan.shell_argv[i + 1] = argv[i];

	if (strchr(argv[0], '/') || !*argv[0]) {
		push(plan.files, plan.n, cap) = xstrdup(argv[0]);
		return plan;
	}
	if (!path)
		path = "/bin:/usr/bin"; /* as glibc without PATH */
	for (;; path = end + 1) {
		end = strchrnul(path, ':');
		/* An empty element means the current folder. */
		push(plan.files, plan.n, cap) =
			xasprintf("%.*s%s%s", (int)(end - path), path,
				  end == path ? "" : "/", argv[0]);
		if (!*end)
			return plan;
	}
}

void execplan_free(struct execplan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		free(plan->files[i]);
	free(plan->files);
	free(plan->shell_argv);
	*plan = (struct execplan){0};
}
