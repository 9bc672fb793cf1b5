/* sandbox features: what this kernel, this build and its libraries can do. */
#include <sys/prctl.h>
#include <sys/utsname.h>

#include "base/exitcode.h"
#include "base/proc.h"
#include "base/util.h"
#include "filter/dispatch.h"
#include "commands/command.h"
#include "report/report_words.h"
#include "tables/errname.h"
#include "tables/syscall.h"
#include "watch/probe.h"

enum { WIDTH = 40 };

static char *first_line(const char *path)
{
	cleanup_file FILE *file = fopen(path, "re");
	char line[256];

	if (!file || !fgets(line, sizeof(line), file))
		return NULL;
	line[strcspn(line, "\n")] = '\0';
	return xstrdup(line);
}

/* What is read, not tried. */
static void tell_facts(struct jtree *root)
{
	struct utsname name;
	long earlier = proc_status(0, "Seccomp_filters");
	char buf[24];
	const struct {
		const char *name;  /* a member of JSON */
		const char *title; /* for people */
		char *value;       /* NULL: not known here */
	} facts[] = {
		{"sandbox", "sandbox", xstrdup(VERSION)},
		{"kernel", "kernel", uname(&name) < 0 ? NULL
				     : xasprintf("%s %s", name.release,
						 name.machine)},
		{"libseccomp", "libseccomp", xstrdup(dispatch_version(buf))},
		{"last_call", "last call that has a name here",
		 xasprintf("%u", syscall_last(ABI_NATIVE))},
		{"actions_avail", "answers a filter can give",
		 first_line("/proc/sys/kernel/seccomp/actions_avail")},
		{"actions_logged", "answers the kernel may log",
		 first_line("/proc/sys/kernel/seccomp/actions_logged")},
		{"yama_ptrace_scope", "Yama's ptrace_scope",
		 first_line("/proc/sys/kernel/yama/ptrace_scope")
			 ?: xstrdup("none")},
		{"no_new_privs", "no_new_privs already set",
		 xasprintf("%d", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0))},
		{"earlier_filters", "filters already in force",
		 earlier < 0 ? NULL : xasprintf("%ld", earlier)},
	};

	for (size_t i = 0; i < ARRAY_SIZE(facts); i++) {
		if (!root)
			printf("%-*s %s\n", WIDTH, facts[i].title,
			       facts[i].value ? facts[i].value : "not known");
		jtree_put_owned(root, facts[i].name, facts[i].value);
	}
}

static void tell_probes(struct jtree *root)
{
	struct jtree *tried = jtree_put_object(root, "tried");
	const struct probe *probe;

	if (!root)
		puts("\nTried in a child:");
	for (size_t i = 0; (probe = probe_at(i)); i++) {
		struct probe_result result = probe_run(probe);
		struct jtree *object = jtree_put_object(tried, probe->name);
		char *why = result.signal ? signal_label(result.signal)
			    : result.err  ? xstrdup(errno_text(result.err))
					  : NULL;
		const char *without = why ? probe->without : NULL;

		if (!root)
			printf("%-*s %s%s%s%s%s%s\n", WIDTH, probe->title,
			       why ? "no" : "yes", why ? " (" : "",
			       why ? why : "", why ? ")" : "",
			       without ? ": " : "", without ? without : "");
		jtree_put_bool(object, "works", !why);
		jtree_put_owned(object, "why_not", why);
		jtree_put_text(object, "without", without);
	}
}

int cmd_features(const struct options *options)
{
	struct jtree *root = command_json(options);

	tell_facts(root);
	tell_probes(root);
	jtree_print(root, stdout, 2);
	return EXITCODE_OK;
}
