/* sandbox systemd-dropin UNIT -p POLICY: a drop-in that puts sandbox in front
 * of a service's commands, whatever they are. */
#include <errno.h>
#include <limits.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/exitcode.h"
#include "base/proc.h"
#include "base/text.h"
#include "base/util.h"
#include "formats/search.h"
#include "commands/command.h"
#include "formats/load.h"
#include "formats/unitfile.h"
#include "tables/words.h"

/* How the drop-in is to be called: an old one must not be wrapped again. */
#define DROPIN_NAME "sandbox.conf"

/* ------------------------------------------------------ the unit as it is */

/* systemd's own view: the unit with all its drop-ins, from wherever they are. */
static FILE *ask_systemctl(const char *name)
{
	char *const argv[] = {(char *)"systemctl", (char *)"cat", (char *)"--",
			      (char *)name, NULL};
	int fd = memfd_create("unit", MFD_CLOEXEC), status, error;
	cleanup_file FILE *out = fdopen(fd, "r");
	posix_spawn_file_actions_t actions;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fd, STDOUT_FILENO);
	error = out ? posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ)
		    : errno;
	posix_spawn_file_actions_destroy(&actions);
	if (error) {
		say("sandbox: systemd-dropin: cannot run systemctl: %s; give "
		    "the unit's file instead", strerror(error));
		return NULL;
	}
	if (waitpid(pid, &status, 0) != pid || status != 0)
		return NULL; /* systemctl has said why */
	rewind(out);
	return steal(out);
}

static char *read_unit(const char *operand)
{
	bool is_path = strchr(operand, '/');
	cleanup_file FILE *in = is_path ? fopen(operand, "re")
					: ask_systemctl(operand);
	char *text = NULL;
	size_t size = 0;

	if (!in && is_path)
		say("sandbox: systemd-dropin: %s: %m", operand);
	if (in && getdelim(&text, &size, '\0', in) < 0)
		reprint(&text, "%s", ""); /* nothing in it */
	return text;
}

/* -------------------------------------------------------- sandbox's own part */

/* A unit runs in another folder and without our environment: a name means there
 * what it means here only without $SANDBOX_POLICY_PATH. */
static char *lasting_policy(const char *policy)
{
	struct found found;
	cleanup_free char *why = search_policy(policy, &found);
	cleanup_free char *path = found.path;
	cleanup_fd int fd = found.fd;
	char *real = NULL;

	if (path && (search_is_path(policy) || getenv("SANDBOX_POLICY_PATH")))
		real = realpath(path, NULL);
	return real ? real : xstrdup(policy);
}

static void print_options(const struct options *options, bool expands)
{
	fputs(" --in-place", stdout);
	for (size_t i = 0; i < options->request.n; i++) {
		cleanup_free char *policy =
			lasting_policy(options->request.policies[i]);
		cleanup_free char *word = unit_word(policy, expands);

		printf(" -p %s", word);
	}
	if (options->tracer)
		printf(" --trace=%s", options->tracer);
	else if (options->trace)
		fputs(" -t", stdout);
	if (options->permissive)
		fputs(" --permissive", stdout);
	if (options->trace)
		fputs(" --report=journal", stdout);
}

static void print_command(const struct options *options, const char *sandbox,
			  const struct unit_command *command)
{
	bool expands = !strchr(command->prefix, ':');
	cleanup_free char *self = unit_word(sandbox, expands);

	if (command->argv0) {
		say_on(stdout, "# Not kept: the name %s, which '@' gave the "
		       "command.", command->argv0);
		say("sandbox: systemd-dropin: the name %s, which '@' gives %s, "
		    "is not kept", command->argv0, command->path);
	}
	fputs("ExecStart=", stdout);
	for (const char *c = command->prefix; *c; c++)
		if (*c != '@')
			putchar(*c);
	fputs(self, stdout);
	print_options(options, expands);
	printf(" -- %s%s\n", command->path, command->rest);
}

/* ------------------------------------------------ what else the unit needs */

/* The file's name, as systemd takes it; quotes go. */
static char *base_name(const struct unit_command *command)
{
	char *name = xstrdup(basename(command->path));
	size_t n = strlen(name);

	if (n && strchr("\"'", name[n - 1]))
		name[n - 1] = '\0';
	return name;
}

/* What the service writes has its program's name in the journal, which would
 * now be sandbox's. */
static void keep_identifier(const struct unit *unit)
{
	cleanup_free char *first = base_name(&unit->commands[0]);
	bool differ = false;

	if (unit_value(unit, "SyslogIdentifier"))
		return;
	for (size_t i = 1; i < unit->n_commands; i++) {
		cleanup_free char *name = base_name(&unit->commands[i]);

		differ |= !streq(name, first);
	}
	printf("\n# Lines in the journal keep the service's name%s.\n"
	       "SyslogIdentifier=%s\n",
	       differ ? " (of its first command)" : "", first);
}

/* The monitor tells systemd its "STATUS: sandbox: …", as a process of its own
 * beside the service. */
static bool lacks_access(const struct unit *unit)
{
	const char *type = unit_value(unit, "Type");
	const char *access = unit_value(unit, "NotifyAccess");

	return access ? !streq(access, "all")
		      : type && has_prefix(type, "notify");
}

static void print_needs(const struct unit *unit, bool trace,
			const char *sandbox)
{
	const char *families = unit_value(unit, "RestrictAddressFamilies");
	cleanup_free char *word = unit_word(sandbox, false);
	cleanup_free char *shown = escape_utf8(sandbox, true);

	if (unit_value(unit, "NoExecPaths"))
		printf("\n# NoExecPaths= is set.\nExecPaths=%s\n", word);
	if (unit_value(unit, "SystemCallFilter"))
		printf("\n# The unit's own filter stays, and must let sandbox "
		       "load one more.\nSystemCallFilter=seccomp%s\n",
		       trace ? " ptrace process_vm_readv capset" : "");
	if (trace && lacks_access(unit))
		puts("\n# For \"STATUS: sandbox: 3 denied calls, 41 hits\" "
		     "from the monitor, which is\n# not the main process.\n"
		     "NotifyAccess=all");
	if (trace && families && !strstr(families, "AF_UNIX"))
		puts("\n# For the journal.\nRestrictAddressFamilies=AF_UNIX");
	if (unit_value(unit, "RootDirectory") || unit_value(unit, "RootImage"))
		printf("\n# The unit has its own root: %s, its libraries "
		       "and the policy must\n# exist there "
		       "(BindReadOnlyPaths=)%s.\n", shown,
		       trace ? ", and /run/systemd/journal for the report"
			     : "");
}

static void print_dropin(const struct options *options,
			 const struct unit *unit, const char *sandbox)
{
	cleanup_free char *name =
		escape_utf8(basename(options->operands[0]), true);

	if (!strchr(name, '.'))
		reprint(&name, "%s.service", name);
	printf("# Puts sandbox in front of what %s starts.  Save it as\n"
	       "#     /etc/systemd/system/%s.d/" DROPIN_NAME "\n"
	       "# then type\n"
	       "#     systemctl daemon-reload && systemctl restart %s\n"
	       "# Made by `sandbox systemd-dropin`.  Make it again when the "
	       "unit's own\n# ExecStart= changes.\n\n[Service]\n"
	       "# Empty first: otherwise systemd would add this command to the "
	       "unit's.\n"
	       "ExecStart=\n", name, name, name);
	for (size_t i = 0; i < unit->n_commands; i++)
		print_command(options, sandbox, &unit->commands[i]);
	keep_identifier(unit);
	print_needs(unit, options->trace, sandbox);
}

/* ------------------------------------------------ what the unit cannot see */

/* Settings (systemd.exec(5), SANDBOXING) that put something else in the place
 * of folders: those named here, or the value's own words. */
static const struct {
	const char *setting;
	const char *values;  /* those that hide; NULL: any */
	const char *folders;
} hidings[] = {
	{"PrivateTmp", "yes true on 1 disconnected", "/tmp /var/tmp"},
	{"DynamicUser", "yes true on 1", "/tmp /var/tmp"},
	{"ProtectHome", "yes true on 1 tmpfs", "/home /root /run/user"},
	{"PrivateDevices", "yes true on 1", "/dev"},
	{"InaccessiblePaths", NULL, NULL},
	{"TemporaryFileSystem", NULL, NULL},
	{"RootDirectory", NULL, "/"},
	{"RootImage", NULL, "/"},
};

/* Is a word of the list this path, or a folder that it is in?  A word may have
 * systemd's '-' and '+' before it and ":OPTIONS" behind. */
static bool lists(const char *list, const char *path)
{
	while (*(list += strspn(list, " \t-+"))) {
		size_t word = strcspn(list, " \t"), n = strcspn(list, " \t:");
		bool same = strncmp(list, path, n) == 0;

		while (n > 0 && list[n - 1] == '/')
			n--;
		if (same && (!path[n] || path[n] == '/'))
			return true;
		list += word;
	}
	return false;
}

static bool is_bound(const struct unit *unit, const char *path)
{
	for (size_t i = 0; i < unit->n; i++)
		if ((streq(unit->items[i].name, "BindPaths") ||
		     streq(unit->items[i].name, "BindReadOnlyPaths")) &&
		    lists(unit->items[i].value, path))
			return true;
	return false;
}

/* The setting that hides the file at this absolute path from the service; NULL:
 * none, or it is bound there all the same. */
static const char *hidden_by(const struct unit *unit, const char *path)
{
	if (is_bound(unit, path))
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(hidings); i++) {
		const char *value = unit_value(unit, hidings[i].setting);

		if (!value || (hidings[i].values &&
			       !words_find(hidings[i].values, value, NULL)))
			continue;
		if (lists(hidings[i].folders ?: value, path))
			return hidings[i].setting;
	}
	return NULL;
}

static void warn_of(const struct unit *unit, const char *file)
{
	cleanup_free char *real = realpath(file, NULL);
	const char *path = real ? real : file, *by = hidden_by(unit, path);

	if (by)
		say("sandbox: systemd-dropin: the unit's %s= hides %s: put it "
		    "elsewhere (a policy in /etc/sandbox), or add "
		    "BindReadOnlyPaths=%s", by, path, path);
}

/* ----------------------------------------------------------- the command */

int cmd_dropin(const struct options *options)
{
	released_by(diags_tell) struct diags diags = DIAGS_INIT;
	released_by(unit_free) struct unit unit = {0};
	cleanup_policy struct policy *policy = NULL;
	cleanup_free char *text = NULL;
	char sandbox[PATH_MAX];

	if (!options->request.n)
		return command_wrong(options->verb,
				     "no policy: give -p POLICY");
	/* one with mistakes would keep the service from starting */
	policy = policy_load(&options->request, &diags);
	if (policy)
		text = read_unit(options->operands[0]);
	if (!text)
		return EXITCODE_TROUBLE;
	unit_parse(&unit, text, "/" DROPIN_NAME);
	if (!unit.n_commands) {
		say("sandbox: systemd-dropin: %s has no ExecStart= to put "
		    "sandbox in front of", options->operands[0]);
		return EXITCODE_TROUBLE;
	}
	if (proc_link("exe", sandbox, sizeof(sandbox)) <= 0)
		strcpy(sandbox, "/usr/local/bin/sandbox");
	print_dropin(options, &unit, sandbox);
	warn_of(&unit, sandbox);
	for (size_t i = 0; i < policy->n_layers; i++)
		warn_of(&unit, policy->layers[i]->file);
	return EXITCODE_OK;
}
