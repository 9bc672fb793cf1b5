/* sandbox systemd-dropin UNIT -p POLICY: a drop-in that puts sandbox in front
 * of a service's commands, whatever they are. */
#include <errno.h>
#include <limits.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/exitcode.h"
#include "base/proc.h"
#include "base/text.h"
#include "base/util.h"
#include "formats/search.h"
#include "commands/command.h"
#include "formats/load.h"
#include "commands/unitfile.h"
#include "commands/unithides.h"

/* How the drop-in is to be called: an old one must not be wrapped again. */
#define DROPIN_NAME "sandbox.conf"

/* ------------------------------------------------------ the unit as it is */

static char *read_all(FILE *in)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	int c;

	while (out && (c = getc(in)) != EOF)
		putc(c, out);
	if (out)
		fclose(out);
	return text;
}

/* systemd's own view: the unit with all its drop-ins, from wherever they are. */
static char *ask_systemctl(const char *name)
{
	char *const argv[] = {(char *)"systemctl", (char *)"cat", (char *)"--",
			      (char *)name, NULL};
	posix_spawn_file_actions_t actions;
	char *text = NULL;
	int ends[2], status = 0, error;
	FILE *in;
	pid_t pid;

	if (pipe(ends) < 0)
		return NULL;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_addclose(&actions, ends[0]);
	error = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	in = fdopen(ends[0], "r");
	if (in) {
		text = error ? NULL : read_all(in);
		fclose(in);
	}
	if (error)
		say("sandbox: systemd-dropin: cannot run systemctl: %s; give "
		    "the unit's file instead", strerror(error));
	else
		waitpid(pid, &status, 0);
	if (!error && status == 0)
		return text;
	free(text); /* systemctl has said why */
	return NULL;
}

static char *read_unit(const char *operand)
{
	cleanup_file FILE *in = NULL;

	if (!strchr(operand, '/'))
		return ask_systemctl(operand);
	in = fopen(operand, "re");
	if (!in) {
		say("sandbox: systemd-dropin: %s: %m", operand);
		return NULL;
	}
	return read_all(in);
}

/* "nginx.service" of what was typed. */
static char *unit_name(const char *operand)
{
	const char *slash = strrchr(operand, '/');

	operand = slash ? slash + 1 : operand;
	return strchr(operand, '.') ? xstrdup(operand)
				    : xasprintf("%s.service", operand);
}

/* -------------------------------------------------------- sandbox's own part */

static void print_word(const char *word, bool expands)
{
	cleanup_free char *text = unit_word(word, expands);

	printf(" %s", text);
}

/* A unit runs in another folder and without our environment; else a name means
 * there what it means here. */
static bool is_lasting_name(const char *policy)
{
	return !strchr(policy, '/') && !has_suffix(policy, ".ini") &&
	       !getenv("SANDBOX_POLICY_PATH");
}

static char *lasting_path(const char *policy)
{
	struct found found;
	cleanup_free char *why = search_policy(policy, &found);
	cleanup_free char *path = found.path;
	char *real = path ? realpath(path, NULL) : NULL;

	if (found.fd >= 0)
		close(found.fd);
	return real ? real : xstrdup(policy);
}

static void print_policy(const char *policy, bool expands)
{
	cleanup_free char *lasting = is_lasting_name(policy)
					     ? xstrdup(policy)
					     : lasting_path(policy);

	fputs(" -p", stdout);
	print_word(lasting, expands);
}

static void print_options(const struct options *options, bool expands)
{
	fputs(" --in-place", stdout);
	for (size_t i = 0; i < options->request.n; i++)
		print_policy(options->request.policies[i], expands);
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

static void need_exec_path(const struct options *options,
			   const struct unit *unit, const char *sandbox)
{
	cleanup_free char *self = unit_word(sandbox, false);

	(void)options;
	if (unit_value(unit, "NoExecPaths"))
		printf("\n# NoExecPaths= is set.\nExecPaths=%s\n", self);
}

static void need_calls(const struct options *options,
		       const struct unit *unit, const char *sandbox)
{
	(void)sandbox;
	if (!unit_value(unit, "SystemCallFilter"))
		return;
	puts("\n# The unit's own filter stays, and must let sandbox load one"
	     " more.");
	puts(options->trace
		     ? "SystemCallFilter=seccomp ptrace process_vm_readv capset"
		     : "SystemCallFilter=seccomp");
}

/* The monitor is a process of its own beside the service. */
static void need_notify_access(const struct options *options,
			       const struct unit *unit, const char *sandbox)
{
	const char *type = unit_value(unit, "Type");
	const char *access = unit_value(unit, "NotifyAccess");

	(void)sandbox;
	if (!options->trace || (access && streq(access, "all")) ||
	    (!access && (!type || !has_prefix(type, "notify"))))
		return;
	puts("\n# For \"STATUS: sandbox: 3 denied calls, 41 hits\" from the"
	     " monitor, which is\n# not the main process.\nNotifyAccess=all");
}

static void need_address_family(const struct options *options,
				const struct unit *unit, const char *sandbox)
{
	const char *families = unit_value(unit, "RestrictAddressFamilies");

	(void)sandbox;
	if (options->trace && families && !strstr(families, "AF_UNIX"))
		puts("\n# For the journal.\nRestrictAddressFamilies=AF_UNIX");
}

/* The file's name, as systemd takes it; quotes go. */
static char *base_name(const struct unit_command *command)
{
	const char *slash = strrchr(command->path, '/');
	char *name = xstrdup(slash ? slash + 1 : command->path);
	size_t n = strlen(name);

	if (n && strchr("\"'", name[n - 1]))
		name[n - 1] = '\0';
	return name;
}

/* What the service writes has its program's name in the journal, which would
 * now be sandbox's. */
static void keep_identifier(const struct unit *unit,
			    const struct unit_commands *commands)
{
	cleanup_free char *first = base_name(&commands->items[0]);
	bool differ = false;

	if (unit_value(unit, "SyslogIdentifier"))
		return;
	for (size_t i = 1; i < commands->n; i++) {
		cleanup_free char *name = base_name(&commands->items[i]);

		differ |= !streq(name, first);
	}
	printf("\n# Lines in the journal keep the service's name%s.\n"
	       "SyslogIdentifier=%s\n",
	       differ ? " (of its first command)" : "", first);
}

static void need_root(const struct options *options, const struct unit *unit,
		      const char *sandbox)
{
	cleanup_free char *self = escape_utf8(sandbox, true);

	if (unit_value(unit, "RootDirectory") || unit_value(unit, "RootImage"))
		printf("\n# The unit has its own root: %s, its libraries "
		       "and the policy must\n# exist there "
		       "(BindReadOnlyPaths=)%s.\n", self,
		       options->trace ? ", and /run/systemd/journal for the "
				      "report" : "");
}

static void (*const needs[])(const struct options *options,
			     const struct unit *unit, const char *sandbox) = {
	need_exec_path, need_calls, need_notify_access, need_address_family,
	need_root,
};

/* ------------------------------------------------------------- the drop-in */

static void print_dropin(const struct options *options,
			 const struct unit *unit,
			 const struct unit_commands *commands,
			 const char *sandbox)
{
	cleanup_free char *raw_name = unit_name(options->operands[0]);
	cleanup_free char *name = escape_utf8(raw_name, true);

	printf("# Puts sandbox in front of what %s starts.  Save it as\n"
	       "#     /etc/systemd/system/%s.d/" DROPIN_NAME "\n"
	       "# then type\n"
	       "#     systemctl daemon-reload && systemctl restart %s\n"
	       "# Made by `sandbox systemd-dropin`.  Make it again when the "
	       "unit's own\n# ExecStart= changes.\n\n[Service]\n"
	       "# Empty first: otherwise systemd would add this command to the "
	       "unit's.\n"
	       "ExecStart=\n", name, name, name);
	for (size_t i = 0; i < commands->n; i++)
		print_command(options, sandbox, &commands->items[i]);
	keep_identifier(unit, commands);
	for (size_t i = 0; i < ARRAY_SIZE(needs); i++)
		needs[i](options, unit, sandbox);
}

/* ------------------------------------------------ what the unit cannot see */

static void warn_of(const struct unit *unit, const char *file)
{
	cleanup_free char *real = realpath(file, NULL);
	const char *by = unit_hides(unit, real ? real : file);

	if (by)
		say("sandbox: systemd-dropin: the unit's %s= hides %s: put it "
		    "elsewhere (a policy in /etc/sandbox), or add "
		    "BindReadOnlyPaths=%s", by, real ? real : file,
		    real ? real : file);
}

static void warn_of_hidden(const struct unit *unit, const struct policy *policy,
			   const char *sandbox)
{
	warn_of(unit, sandbox);
	for (size_t i = 0; i < policy->n_layers; i++)
		warn_of(unit, policy->layers[i]->file);
}

/* ----------------------------------------------------------- the command */

/* NULL, with the reason printed: a policy with mistakes would keep the service
 * from starting. */
static struct policy *load_policies(const struct options *options)
{
	struct diags diags = DIAGS_INIT;
	struct policy *policy;

	if (!options->request.n) {
		command_wrong(options->verb, "no policy: give -p POLICY");
		return NULL;
	}
	policy = policy_load(&options->request, &diags);
	diags_print(&diags, stderr);
	diags_free(&diags);
	return policy;
}

static int print_for(const struct options *options, const struct unit *unit,
		     const struct policy *policy, const char *sandbox)
{
	struct unit_commands commands = {0};
	int status = EXITCODE_OK;

	unit_commands(unit, "ExecStart", &commands);
	if (commands.n) {
		print_dropin(options, unit, &commands, sandbox);
		warn_of_hidden(unit, policy, sandbox);
	} else {
		say("sandbox: systemd-dropin: %s has no ExecStart= to put "
		    "sandbox in front of", options->operands[0]);
		status = EXITCODE_TROUBLE;
	}
	unit_commands_free(&commands);
	return status;
}

int cmd_dropin(const struct options *options)
{
	char sandbox[PATH_MAX];
	struct unit unit = {0};
	struct policy *policy = load_policies(options);
	int status = EXITCODE_TROUBLE;
	char *text = policy ? read_unit(options->operands[0]) : NULL;

	if (proc_link("exe", sandbox, sizeof(sandbox)) <= 0)
		strcpy(sandbox, "/usr/local/bin/sandbox");
	if (text) {
		unit_parse(&unit, text, "/" DROPIN_NAME);
		status = print_for(options, &unit, policy, sandbox);
	}
	unit_free(&unit);
	policy_free(policy);
	free(text);
	return status;
}
