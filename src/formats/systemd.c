#include "formats/systemd.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdlib.h>

#include "base/util.h"
#include "formats/condition.h"
#include "formats/item.h"
#include "formats/names.h"
#include "formats/unitfile.h"
#include "tables/constant.h"
#include "tables/errname.h"
#include "tables/words.h"

enum { BY_DEFAULT_ANSWER = -1, KILLS = -2 }; /* beside an errno */

/* SystemCallFilter= or SystemCallLog=. */
struct list {
	bool is_set, names_good; /* by the first line: without '~' */
	struct listed {
		int line; /* 0: not listed */
		int err;
	} calls[SYSCALL_ROWS];
};

struct reading {
	struct ini_file *out;
	const struct unit *unit;
	struct source at;
	struct diags *diags, *notes;
	enum abi_id machine;
	unsigned abis; /* admitted, a bit each */
	bool has_filter; /* a setting that is one */
	int negative;    /* SystemCallErrorNumber= */
	struct list filter, log;
	bool is_denied[SYSCALL_ROWS]; /* whatever its arguments */
};

#define complain(r, ...) diag_add((r)->diags, (r)->at, __VA_ARGS__)
#define note(r, ...)                                                           \
	((r)->notes ? diag_add((r)->notes, (r)->at, "note: " __VA_ARGS__) : 0)

/* From one line of a setting to the next; *i begins at 0.  NULL: no more. */
static char *next_line(struct reading *r, const char *name, size_t *i)
{
	while (*i < r->unit->n) {
		const struct unit_setting *line = &r->unit->items[(*i)++];

		if (streq(line->name, name)) {
			r->at.line = line->line;
			return line->value;
		}
	}
	return NULL;
}

/* From one word of a list to the next; it is cut up. */
static char *next_word(char **rest)
{
	char *word;

	while ((word = strsep(rest, " \t\n")) && !*word)
		;
	return word;
}

/* ---------------------------------------------------------- lists of calls */

static int read_err(struct reading *r, const char *word)
{
	int err = streq(word, "kill") ? KILLS : errno_parse(word);

	return err == -1 ? complain(r, "'%s' is neither an errno nor 'kill'",
				    word)
			 : err;
}

/* systemd's set of calls is a map: what was listed for the other sense is taken
 * out of it, but a denial with an errno of its own is in it in any case. */
static void list_call(struct reading *r, struct list *list, uint32_t call,
		      bool good, int err)
{
	if (good == list->names_good || err != BY_DEFAULT_ANSWER)
		list->calls[call] = (struct listed){r->at.line, err};
	else
		list->calls[call].line = 0;
}

/* systemd passes over what it does not know, and lets it run. */
static void unknown(struct reading *r, const char *word)
{
	const char *near = is_group_name(word) ? group_suggest(word)
					       : syscall_suggest(word);

	complain(r, "%s is neither a system call nor a group, so it cannot be "
		 "denied%s%s%s", word, near ? " (did you mean " : "",
		 near ? near : "", near ? "?)" : "");
}

static void list_word(struct reading *r, struct list *list, char *word,
		      bool good)
{
	/* elsewhere systemd passes over a word with an errno */
	bool denies = !good && list == &r->filter;
	char *colon = denies ? strchr(word, ':') : NULL;
	int err = colon ? read_err(r, colon + 1) : BY_DEFAULT_ANSWER;
	struct calls calls = CALLS_INIT;
	const struct group *group;
	uint32_t call;

	if (colon)
		*colon = '\0';
	group = group_find(word);
	call = syscall_by_name(word);
	if (group)
		calls_add_group(&calls, group);
	else if (call != CALL_NONE)
		calls_add(&calls, call);
	else if (denies)
		unknown(r, word);
	else if (word[strspn(word, "@:_-0123456789abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ")])
		complain(r, "%s cannot be a system call or a group", word);
	else
		note(r, "%s is neither a system call nor a group here", word);
	for (size_t i = 0; i < calls.n; i++)
		list_call(r, list, calls.items[i], good, err);
	calls_free(&calls);
}

/* filter: what it may always do is allowed, which @default is. */
static void read_list(struct reading *r, struct list *list, const char *name)
{
	char *value, *word;

	for (size_t i = 0; (value = next_line(r, name, &i));) {
		bool good = *value != '~', first = *value && !list->is_set;

		if (first || !*value)
			*list = (struct list){.is_set = first,
					      .names_good = first && good};
		if (first && good && list == &r->filter)
			list_word(r, list, (char[]){"@default"}, true);
		value += !good;
		while ((word = next_word(&value)))
			list_word(r, list, word, good);
	}
	r->has_filter |= list->is_set;
}

/* ------------------------------------------------------------------- rules */

/* Of a setting that is another filter: beside one of a list, only what that lets
 * run is asked of it. */
static void deny(struct reading *r, const char *name, int err, const char *cond)
{
	uint32_t call = syscall_by_name(name);

	if (r->is_denied[call] || condition_abi(call, r->abis) < 0)
		return;
	r->is_denied[call] = !*cond;
	if (*cond || err != r->negative || !r->filter.names_good)
		item_put_rule(r->out, r->at.line, ACTION_DENY, err, name, cond);
}

#define SET_ID "mode & 06000 != 0"

/* Settings (systemd.exec(5)) that deny these calls, outright or under a
 * condition; where no errno is named, EPERM. */
static const struct filter {
	const char *setting, *calls, *cond;
	int err;
} filters[] = {
	{"LockPersonality", "personality", "personality != 0", 0},
	{"MemoryDenyWriteExecute", "mmap mmap2",
	 "prot & (PROT_WRITE|PROT_EXEC) == PROT_WRITE|PROT_EXEC", 0},
	{"MemoryDenyWriteExecute", "mprotect pkey_mprotect",
	 "prot & PROT_EXEC != 0", 0},
	{"MemoryDenyWriteExecute", "shmat", "shmflg & SHM_EXEC != 0", 0},
	{"PrivateDevices", "@raw-io", "", 0},
	{"ProtectClock", "@clock", "", 0},
	{"ProtectHostname", "sethostname setdomainname", "", 0},
	{"ProtectKernelLogs", "syslog", "", 0},
	{"ProtectKernelModules", "@module", "", 0},
	{"ProtectKernelTunables", "_sysctl", "", 0},
	{"RestrictRealtime", "sched_setscheduler",
	 "not policy in (SCHED_OTHER, SCHED_BATCH, SCHED_IDLE)", 0},
	{"RestrictSUIDSGID", "chmod fchmod fchmodat fchmodat2 mkdir mkdirat "
	 "mknod mknodat creat", SET_ID, 0},
	{"RestrictSUIDSGID", "open openat",
	 "flags & O_CREAT != 0 and " SET_ID, 0},
	{"RestrictSUIDSGID", "openat2", "", ENOSYS},
};

#define YES "yes Yes YES true True TRUE on On ON 1 y Y t T"
#define NO "no No NO false False FALSE off Off OFF 0 n N f F"

/* The last line counts; an empty one is no reset. */
static bool is_on(struct reading *r, const char *name)
{
	const char *value;
	bool on = false;

	for (size_t i = 0; (value = next_line(r, name, &i));) {
		on = words_find(YES, value, NULL);
		if (!on && !words_find(NO, value, NULL))
			complain(r, "%s= is yes or no, not '%s'", name, value);
	}
	return on;
}

static void put_filters(struct reading *r)
{
	bool on = false;

	for (const struct filter *f = filters;
	     f < filters + ARRAY_SIZE(filters); f++) {
		const struct group all = {.members = f->calls};
		struct calls calls = CALLS_INIT;

		if (f == filters || !streq(f->setting, f[-1].setting))
			on = is_on(r, f->setting) ||
			     (streq(f->setting, "RestrictSUIDSGID") &&
			      is_on(r, "DynamicUser"));
		if (!on)
			continue;
		r->has_filter = true;
		calls_add_group(&calls, &all);
		for (size_t i = 0; i < calls.n; i++)
			deny(r, syscall_text(calls.items[i]),
			     f->err ? f->err : EPERM, f->cond);
		calls_free(&calls);
	}
}

/* --------------------------------------------- address families, namespaces */

/* Words are bits.  Lines add them, or with '~' the other way round; what the
 * first says holds for what is left. */
static const struct set {
	const char *setting, *none, *all; /* values that are no list */
	const char *words;                /* NULL: AF_… by number */
} address_families = {"RestrictAddressFamilies", "none", "", NULL},
  namespaces = {"RestrictNamespaces", YES, NO,
		"cgroup=CLONE_NEWCGROUP ipc=CLONE_NEWIPC mnt=CLONE_NEWNS "
		"net=CLONE_NEWNET pid=CLONE_NEWPID user=CLONE_NEWUSER "
		"uts=CLONE_NEWUTS"};

static uint64_t bit_of(struct reading *r, const struct set *set,
		       const char *word)
{
	char symbol[WORDS_VALUE] = "";
	uint64_t value;

	if (!set->words && has_prefix(word, "AF_") &&
	    constant_find(word, r->machine, &value) && value < 64)
		return UINT64_C(1) << value;
	if (set->words && words_find(set->words, word, symbol) &&
	    constant_find(symbol, r->machine, &value))
		return value;
	complain(r, "%s= does not know '%s'", set->setting, word);
	return 0;
}

/* Those of all that are denied. */
static uint64_t read_set(struct reading *r, const struct set *set, uint64_t all)
{
	bool is_set = false, good = false;
	uint64_t bits = 0;
	char *value, *word;

	for (size_t i = 0; (value = next_line(r, set->setting, &i));) {
		const bool none = words_find(set->none, value, NULL);
		const bool whole = none || words_find(set->all, value, NULL);
		const bool plain = *value != '~';

		if (whole || !*value)
			bits = 0;
		if (whole || !*value || !is_set)
			good = whole ? none : *value && plain;
		is_set = *value && (!none || set->words); /* as systemd does */
		value += whole ? strlen(value) : !plain;
		while ((word = next_word(&value)))
			if (plain == good)
				bits |= bit_of(r, set, word);
			else
				bits &= ~bit_of(r, set, word);
	}
	r->has_filter |= good || bits;
	return good ? all & ~bits : bits;
}

static void put_families(struct reading *r)
{
	const uint64_t denied = read_set(r, &address_families, UINT64_MAX);
	cleanup_free char *list = xstrdup("");
	const bool good = denied >> 63; /* no kernel has that family */

	for (int family = 0; family < 63; family++)
		if ((denied >> family & 1) != good)
			reprint(&list, "%s%s%d", list, *list ? ", " : "",
				family);
	if (*list)
		reprint(&list, "%sfamily in (%s)", good ? "not " : "", list);
	if (denied)
		deny(r, "socket", EAFNOSUPPORT, list);
}

/* setns() with 0 takes any namespace. */
static void put_namespaces(struct reading *r)
{
	static const uint64_t all = CLONE_NEWCGROUP | CLONE_NEWIPC |
				    CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID |
				    CLONE_NEWUSER | CLONE_NEWUTS;
	const uint64_t denied = read_set(r, &namespaces, all);
	const struct {
		const char *call, *test;
	} rows[] = {{"clone", "clone_flags"}, {"unshare", "unshare_flags"},
		    {"setns", "flags == 0 or flags"}};

	if (!denied)
		return;
	deny(r, "clone3", ENOSYS, "");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_free char *cond =
			xasprintf("%s & 0x%" PRIx64 " != 0", rows[i].test,
				  denied);
		bool outright = denied == all && i == 2;

		deny(r, rows[i].call, EPERM, outright ? "" : cond);
	}
}

/* --------------------------------------------------------------- the whole */

static void admit(struct reading *r, const char *word)
{
	char name[WORDS_VALUE];
	int abi = words_find("x86-64=x86_64 x86=x86 arm64=aarch64", word, name)
			  ? abi_by_name(name)
			  : -1;

	if (abi >= 0 && abi_runs_on(abi, r->machine))
		r->abis |= 1u << abi;
	else if (!streq(word, "native"))
		note(r, "%s cannot be admitted: its calls meet 'foreign'", word);
}

/* Without SystemCallArchitectures= systemd filters all that run here. */
static void put_abis(struct reading *r)
{
	char *value, *word;

	for (size_t i = 0; (value = next_line(r, "SystemCallArchitectures", &i));) {
		r->abis = *value ? r->abis | 1u << r->machine : 0;
		while ((word = next_word(&value)))
			admit(r, word);
	}
	r->has_filter |= r->abis != 0;
	for (int abi = 0; !r->has_filter && abi < ABI_COUNT; abi++)
		r->abis |= (unsigned)abi_runs_on(abi, r->machine) << abi;
	item_put_setting(r->out, SET_ARCHITECTURES, (int)r->abis);
}

/* What the two lists say of a call, in systemd's order: what denies wins. */
static enum action answer(const struct reading *r, uint32_t call, int *err)
{
	const struct listed *entry = &r->filter.calls[call];
	bool listed = entry->line;

	*err = listed ? entry->err : BY_DEFAULT_ANSWER;
	if (r->filter.is_set && *err == BY_DEFAULT_ANSWER &&
	    listed != r->filter.names_good)
		*err = r->negative;
	if (*err != BY_DEFAULT_ANSWER)
		return *err == KILLS ? ACTION_KILL : ACTION_DENY;
	listed = r->log.calls[call].line;
	return r->log.is_set && listed == r->log.names_good ? ACTION_LOG
							    : ACTION_ALLOW;
}

static void put_default(struct reading *r)
{
	const struct list *filter = &r->filter, *log = &r->log;
	uint16_t newest = 0;

	if (!filter->is_set || !filter->names_good) {
		item_put_setting(r->out, SET_DEFAULT,
				 log->is_set && !log->names_good
					 ? ACTION_LOG : ACTION_ALLOW);
		return;
	}
	for (uint32_t call = 0; call < syscall_count(); call++)
		if (syscall_row(call)->since[r->machine] > newest)
			newest = syscall_row(call)->since[r->machine];
	/* systemd has no other answer for newer calls */
	item_put_setting(r->out, SET_KERNEL, newest);
	item_put_setting(r->out, SET_DEFAULT,
			 r->negative == KILLS ? ACTION_KILL : ACTION_DENY);
	if (r->negative != KILLS)
		item_put_setting(r->out, SET_ERRNO, r->negative);
}

/* First what denies, so that it is known what the other settings are not asked
 * for, and at last what they left. */
static void put_lists(struct reading *r, bool denials)
{
	const bool by_default = r->filter.is_set && r->filter.names_good;
	const bool logs = r->log.is_set && !r->log.names_good;

	for (uint32_t call = 0; call < syscall_count(); call++) {
		int err;
		enum action action = answer(r, call, &err);
		bool usual = by_default ? err == r->negative
					: action == (logs ? ACTION_LOG
							  : ACTION_ALLOW);

		if (action_runs(action) == denials || r->is_denied[call] ||
		    syscall_has(call, SYSCALL_UNFILTERED) ||
		    condition_abi(call, r->abis) < 0)
			continue;
		r->is_denied[call] = denials;
		r->at.line = r->filter.calls[call].line
				     ?: r->log.calls[call].line;
		if (!usual || syscall_has(call, SYSCALL_IMPLICIT))
			item_put_rule(r->out, r->at.line, action, err,
				      syscall_text(call), "");
	}
}

bool systemd_is_unit(const char *text)
{
	return has_prefix(text, "[Service]") || strstr(text, "\n[Service]");
}

int systemd_read(struct ini_file *out, char *text, size_t n, const char *file,
		 enum abi_id machine, const struct container *container,
		 struct diags *diags)
{
	released_by(unit_free) struct unit unit = {0};
	struct reading *r = xcalloc(1, sizeof(*r));
	const char *value;
	size_t before = diags->n;

	*r = (struct reading){.out = out, .unit = &unit, .at.file = file,
			      .diags = diags, .notes = container->notes,
			      .machine = machine, .negative = KILLS};
	if (memchr(text, '\0', n) || strchr(text, '\r') || /* end a line there */
	    strstr(text, "\ufeff"))
		complain(r, "a unit has neither NUL bytes nor byte order marks "
			 "nor carriage returns");
	unit_parse(&unit, text, NULL);
	for (size_t i = 0; (value = next_line(r, "SystemCallErrorNumber", &i));)
		r->negative = *value ? read_err(r, value) : KILLS;
	put_abis(r);
	read_list(r, &r->filter, "SystemCallFilter");
	read_list(r, &r->log, "SystemCallLog");
	put_default(r);
	put_lists(r, true);
	put_families(r);
	put_namespaces(r);
	put_filters(r);
	/* which locks another than ours, 0 */
	if (unit_value(&unit, "Personality") && is_on(r, "LockPersonality"))
		complain(r, "LockPersonality= beside Personality= cannot be said "
			 "in a policy");
	put_lists(r, false);
	r->at.line = 0;
	if (!r->has_filter)
		complain(r, "the unit has no setting that filters system calls "
			 "(SystemCallFilter=, RestrictNamespaces= …)");
	free(r);
	return diags->n == before ? 0 : -1;
}
