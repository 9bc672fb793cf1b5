/* The policy as a drop-in of a systemd unit, as far as its settings can say it: of
 * arguments they ask only what try_settings() has.  Names that libseccomp does not
 * know, which systemd would pass over, are left out. */
#include <sched.h>
#include <stdlib.h>

#include "base/text.h"
#include "base/util.h"
#include "commands/export.h"
#include "formats/load.h"
#include "formats/names.h"
#include "tables/constant.h"
#include "tables/errname.h"

enum { COLUMNS = 78 };

/* systemd has two senses: what is listed runs, or what is listed is denied. */
struct unit_text {
	struct export export;
	FILE *out;
	bool lists_good;   /* by default all is denied */
	uint32_t negative; /* SystemCallErrorNumber=, or a kill */
	uint32_t answers[SYSCALL_ROWS];
	struct calls known, implied; /* the latter: @default's */
};

static bool runs(uint32_t answer)
{
	return answer_strength(answer) >= answer_strength(SECCOMP_RET_LOG);
}

static void find_answers(struct unit_text *t)
{
	struct export *export = &t->export;

	for (uint32_t call = 0; call < syscall_count(); call++) {
		if (export_abi(export, call) < 0)
			continue;
		export_answer(export, export->policy, call);
		t->answers[call] = export_one_answer(export);
		if (t->answers[call] == export->fallback ||
		    export_knows(export, call))
			calls_add(&t->known, call);
	}
}

enum list { ALLOWED, DENIED, LOGGED, NOT_LOGGED };

static bool belongs(const struct unit_text *t, uint32_t call, enum list list)
{
	uint32_t answer = t->answers[call];

	switch (list) {
	case ALLOWED:
		return runs(answer);
	case DENIED: /* an allow list always has @default */
		return !runs(answer) &&
		       (!t->lists_good || answer != t->negative ||
			calls_has(&t->implied, call));
	case LOGGED:
		return answer == SECCOMP_RET_LOG;
	default:
		return answer == SECCOMP_RET_ALLOW;
	}
}

static char *word_of(const struct unit_text *t, uint32_t call)
{
	uint32_t answer = t->answers[call];

	if (runs(answer) || answer == t->negative)
		return xstrdup(syscall_text(call));
	return xasprintf("%s:%s", syscall_text(call),
			 answer_strength(answer) == SECCOMP_RET_ERRNO
				 ? errno_text((int)(answer & SECCOMP_RET_DATA))
				 : "kill");
}

/* What is too long for a line goes on in the next of the same setting. */
static void put_list(struct unit_text *t, const char *setting, enum list list)
{
	size_t column = 0;

	for (size_t i = 0; i < t->known.n; i++) {
		cleanup_free char *word = word_of(t, t->known.items[i]);
		bool breaks = column + strlen(word) >= COLUMNS;

		if (!belongs(t, t->known.items[i], list))
			continue;
		if (!column || breaks)
			column = (size_t)fprintf(t->out, "%s%s%s",
						 column ? "\n" : "", setting,
						 word);
		else
			column += (size_t)fprintf(t->out, " %s", word);
	}
	if (column)
		putc('\n', t->out);
}

/* ------------------------------------- settings that ask for arguments */

/* A line is written if all that it denies is denied by the policy, some of it
 * just so: the list of calls need not say that again. */
static void try_line(struct unit_text *t, const char *line)
{
	struct export *export = &t->export;
	const diagram allow = diagram_leaf(export->store, SECCOMP_RET_ALLOW);
	cleanup_free char *text = xasprintf("[Service]\n%s\n", line);
	released_by(diags_free) struct diags nothing_to_say = DIAGS_INIT;
	cleanup_policy struct policy *alone = policy_load_text(
		"a line", text, export->policy->machine, &nothing_to_say);
	released_by(calls_free) struct calls same = CALLS_INIT;
	bool denies_more = !alone;

	for (size_t i = 0; i < t->known.n && !denies_more; i++) {
		uint32_t call = t->known.items[i];
		diagram its = export_answer(export, alone, call);
		diagram ours = export_answer(export, export->policy, call);
		struct diagram_node node = diagram_node(export->store, ours);

		if (its == ours && its != allow)
			calls_add(&same, call);
		else if (its != allow)
			denies_more = node.bit != DIAGRAM_LEAF || runs(node.lo);
	}
	if (!denies_more && same.n)
		fprintf(t->out, "%s\n", line);
	for (size_t i = 0; i < same.n && !denies_more; i++)
		t->answers[same.items[i]] = SECCOMP_RET_ALLOW;
}

/* Does the call run with this first argument? */
static bool runs_with(struct unit_text *t, const char *name, uint64_t value)
{
	uint32_t call = syscall_by_name(name);
	diagram answer;

	if (export_abi(&t->export, call) < 0)
		return false;
	answer = export_answer(&t->export, t->export.policy, call);
	return runs(diagram_eval(t->export.store, answer,
				 (uint64_t[6]){value}));
}

#define FAMILIES "RestrictAddressFamilies=\nRestrictAddressFamilies="

static void try_settings(struct unit_text *t)
{
	/* No MemoryDenyWriteExecute=: since systemd 253 it is PR_SET_MDWE, which
	 * denies less than the filter that it was. */
	static const char *const lines[] = {
		"LockPersonality=yes", "RestrictRealtime=yes",
		"RestrictSUIDSGID=yes"};
	static const struct {
		const char *name;
		uint64_t flag;
	} spaces[] = {
		{"cgroup", CLONE_NEWCGROUP}, {"ipc", CLONE_NEWIPC},
		{"mnt", CLONE_NEWNS},	     {"net", CLONE_NEWNET},
		{"pid", CLONE_NEWPID},	     {"user", CLONE_NEWUSER},
		{"uts", CLONE_NEWUTS},
	};
	cleanup_free char *good = xstrdup(""), *bad = xstrdup("");
	cleanup_free char *names = xstrdup("");

	for (uint64_t family = 1; family < 63; family++) {
		const char *name = family_symbol(family_find("AF"), ABI_NATIVE,
						 family);
		char **list = runs_with(t, "socket", family) ? &good : &bad;

		if (name)
			reprint(list, "%s %s", *list, name);
	}
	for (size_t i = 0; i < ARRAY_SIZE(spaces); i++)
		if (runs_with(t, "unshare", spaces[i].flag))
			reprint(&names, "%s %s", names, spaces[i].name);
	reprint(&good, FAMILIES "%s", *good ? good + 1 : "none");
	reprint(&bad, FAMILIES "~%s", bad + !!*bad);
	reprint(&names, "RestrictNamespaces=\nRestrictNamespaces=%s",
		*names ? names + 1 : "yes");
	/* which systemd does not ask of i386's socket */
	if (!abi_counts(t->export.policy, ABI_X86)) {
		try_line(t, good);
		try_line(t, bad);
	}
	try_line(t, names);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		try_line(t, lines[i]);
}

/* What the unit's own files say of the same lists is forgotten: ours would only be
 * added to it, or be taken in the other sense. */
static void put_settings(struct unit_text *t)
{
	static const char *const names[ABI_COUNT] = {"x86-64", "x86", "arm64"};
	const struct policy *policy = t->export.policy;
	const char *before = "";

	say_on(t->out, "# The filter of %s, by `sandbox convert`.",
	       t->export.at.file);
	fputs("[Service]\nSystemCallArchitectures=\n"
	      "SystemCallArchitectures=", t->out);
	for_abis (abi, policy) {
		fprintf(t->out, "%s%s", before, names[abi]);
		before = " ";
	}
	fprintf(t->out, "\nSystemCallErrorNumber=%s\n",
		answer_strength(t->negative) == SECCOMP_RET_ERRNO
			? errno_text((int)(t->negative & SECCOMP_RET_DATA))
			: "");
	try_settings(t);
	fputs("SystemCallFilter=\nSystemCallLog=\n", t->out);
	if (t->lists_good)
		put_list(t, "SystemCallFilter=", ALLOWED);
	put_list(t, "SystemCallFilter=~", DENIED);
	if (t->export.fallback != SECCOMP_RET_LOG) {
		put_list(t, "SystemCallLog=", LOGGED);
	} else { /* even if it is empty */
		fputs("SystemCallLog=~\n", t->out);
		put_list(t, "SystemCallLog=~", NOT_LOGGED);
	}
}

int systemd_write(FILE *out, const struct policy *policy,
		  const struct options *options, struct diags *diags)
{
	struct unit_text *t = xcalloc(1, sizeof(*t));
	cleanup_free char *text = NULL, *meant = NULL;
	size_t n;
	int ret;

	export_open(&t->export, "unit", policy, options->lossy, diags);
	t->out = xmemstream(&text, &n);
	t->lists_good = !runs(t->export.fallback);
	t->negative = t->lists_good
			      ? t->export.fallback
			      : SECCOMP_RET_ERRNO |
					(uint32_t)policy->effective[SET_ERRNO].value;
	calls_add_group(&t->implied, group_find("@default"));
	find_answers(t);
	put_settings(t);
	fclose(t->out);
	/* systemd adds it to a filter (256 and later): its own exec needs it */
	meant = xasprintf("%s%s", text, t->lists_good || strstr(text, "Filter=~")
						? "SystemCallFilter=write\n" : "");
	export_compare(&t->export, meant);
	fputs(text, out);
	ret = export_close(&t->export);
	calls_free(&t->known);
	calls_free(&t->implied);
	free(t);
	return ret;
}
