/* sandbox features: what this kernel, this build and its libraries can do. */
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/utsname.h>

#include "base/exitcode.h"
#include "base/proc.h"
#include "base/util.h"
#include "filter/dispatch.h"
#include "commands/command.h"
#include "base/jtree.h"
#include "report/report_words.h"
#include "tables/errname.h"
#include "tables/syscall.h"
#include "watch/probe.h"

/* Facts that are read, not tried. */
struct fact {
	const char *name;  /* a member of JSON */
	const char *title; /* for people */
	char *(*value)(void); /* malloc'd; NULL: not known here */
};

static char *first_line(const char *path)
{
	cleanup_file FILE *file = fopen(path, "re");
	char line[256];

	if (!file || !fgets(line, sizeof(line), file))
		return NULL;
	line[strcspn(line, "\n")] = '\0';
	return xstrdup(line);
}

static char *kernel(void)
{
	struct utsname name;

	return uname(&name) < 0 ? NULL
				: xasprintf("%s %s", name.release,
					    name.machine);
}

static char *version(void)
{
	return xstrdup(VERSION);
}

static char *libseccomp(void)
{
	char buf[24];

	return xstrdup(dispatch_version(buf));
}

static char *last_call(void)
{
	return xasprintf("%u", syscall_last(ABI_NATIVE));
}

static char *actions_avail(void)
{
	return first_line("/proc/sys/kernel/seccomp/actions_avail");
}

static char *actions_logged(void)
{
	return first_line("/proc/sys/kernel/seccomp/actions_logged");
}

static char *yama(void)
{
	char *scope = first_line("/proc/sys/kernel/yama/ptrace_scope");

	return scope ? scope : xstrdup("none");
}

static char *no_new_privs(void)
{
	return xasprintf("%d", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
}

static char *earlier_filters(void)
{
	long n = proc_status(0, "Seccomp_filters");

	return n < 0 ? NULL : xasprintf("%ld", n);
}

static const struct fact facts[] = {
	{"sandbox", "sandbox", version},
	{"kernel", "kernel", kernel},
	{"libseccomp", "libseccomp", libseccomp},
	{"last_call", "last call that has a name here", last_call},
	{"actions_avail", "answers a filter can give", actions_avail},
	{"actions_logged", "answers the kernel may log", actions_logged},
	{"yama_ptrace_scope", "Yama's ptrace_scope", yama},
	{"no_new_privs", "no_new_privs already set", no_new_privs},
	{"earlier_filters", "filters already in force", earlier_filters},
};

static char *why_not(struct probe_result result)
{
	char buf[16];

	return result.signal ? signal_label(result.signal)
			     : xstrdup(errno_name(result.err, buf));
}

enum { WIDTH = 40 };

static void features_text(void)
{
	const struct probe *probe;

	for (size_t i = 0; i < ARRAY_SIZE(facts); i++) {
		cleanup_free char *value = facts[i].value();

		printf("%-*s %s\n", WIDTH, facts[i].title,
		       value ? value : "not known");
	}
	fputs("\nTried in a child:\n", stdout);
	for (size_t i = 0; (probe = probe_at(i)); i++) {
		struct probe_result result = probe_run(probe);
		cleanup_free char *why = NULL;

		if (!result.works)
			why = why_not(result);
		printf("%-*s %s%s%s%s\n", WIDTH, probe->title,
		       result.works ? "yes" : "no", why ? " (" : "",
		       why ? why : "", why ? ")" : "");
	}
}

static void features_json(void)
{
	struct jtree *root = jtree_new(), *tried;
	const struct probe *probe;

	jtree_put_number(root, "version", 1);
	for (size_t i = 0; i < ARRAY_SIZE(facts); i++) {
		cleanup_free char *value = facts[i].value();

		jtree_put_text(root, facts[i].name, value);
	}
	tried = jtree_put_object(root, "tried");
	for (size_t i = 0; (probe = probe_at(i)); i++) {
		struct probe_result result = probe_run(probe);
		struct jtree *object = jtree_put_object(tried, probe->name);
		cleanup_free char *why = NULL;

		if (!result.works)
			why = why_not(result);
		jtree_put_bool(object, "works", result.works);
		jtree_put_text(object, "why_not", why);
	}
	jtree_print(root, stdout);
}

int cmd_features(const struct options *options)
{
	fflush(stdout); /* children must not print it again */
	if (options->json)
		features_json();
	else
		features_text();
	return EXITCODE_OK;
}
