#include "formats/oci.h"

#include <errno.h>
#include <sys/utsname.h>

#include "base/jtree.h"
#include "base/proc.h"
#include "base/util.h"
#include "formats/condition.h"
#include "formats/item.h"
#include "tables/constant.h"
#include "tables/errname.h"
#include "tables/syscall.h"
#include "tables/words.h"

struct answer {
	enum action action;
	int err; /* of a deny, else 0 */
};

struct reading {
	struct ini_file *out;
	struct source at; /* the head, or the rule in hand */
	struct diags *diags, *notes;
	enum abi_id machine;
	unsigned abis; /* admitted, a bit each */
	uint64_t caps;
	int kernel, newest; /* the latter: of the newest call that is named */
	int n_thread_kills;
	struct answer fallback;
	bool is_decided[SYSCALL_ROWS]; /* by a rule without a condition */
};

#define complain(r, ...) diag_add((r)->diags, (r)->at, __VA_ARGS__)
#define note(r, ...)                                                           \
	((r)->notes ? diag_add((r)->notes, (r)->at, "note: " __VA_ARGS__) : 0)

static void check(struct reading *r, const struct jtree *object,
		  const char *name, bool fits, const char *kind)
{
	if (!fits && jtree_has(object, name) && !jtree_is_null(object, name))
		complain(r, "'%s' is no %s", name, kind);
}

/* A text, list or object; NULL: it is not there, or is a mistake. */
#define get(r, kind, object, name)                                             \
	(check(r, object, name, jtree_##kind(object, name), #kind),            \
	 jtree_##kind(object, name))

/* NULL behind the end, or at what is no text. */
static const char *text_at(struct reading *r, const struct jtree *list,
			   size_t i)
{
	const char *text = jtree_text_at(list, i);

	if (!text && i < jtree_count(list))
		complain(r, "a list has something that is no text");
	return text;
}

static enum action read_action(struct reading *r, const char *name)
{
	char word[WORDS_VALUE];

	if (!words_find("SCMP_ACT_ALLOW=allow SCMP_ACT_ERRNO=deny SCMP_ACT_LOG=log "
			"SCMP_ACT_KILL_PROCESS=kill SCMP_ACT_KILL_THREAD=kill "
			"SCMP_ACT_KILL=kill", name, word)) {
		complain(r, "%s cannot be said in a policy", name);
		return ACTION_COUNT;
	}
	if (streq(word, "kill") && !strstr(name, "PROCESS") &&
	    !r->n_thread_kills++)
		note(r, "%s ends one thread there, all of them here", name);
	return (enum action)action_parse(word);
}

/* By the members' names.  Podman gives an errno by name too, and that counts. */
static struct answer read_answer(struct reading *r, const struct jtree *from,
				 const char *action, const char *err_name,
				 const char *err)
{
	const char *name = get(r, text, from, action);
	const char *word = get(r, text, from, err_name);
	struct answer answer = {name ? read_action(r, name) : ACTION_COUNT, 0};
	int64_t number = EPERM;

	if (!name)
		complain(r, "'%s' is missing", action);
	check(r, from, err, jtree_number(from, err, &number), "number");
	if (word)
		number = errno_parse(word);
	if (number < 0 || number > ERRNO_LAST)
		complain(r, "an errno is a name or from 0 to %d", ERRNO_LAST);
	if (answer.action == ACTION_DENY)
		answer.err = (int)number;
	return answer;
}

/* 0: there is none. */
static uint64_t capability(const char *name)
{
	uint64_t bit;

	return has_prefix(name, "CAP_") && constant_find(name, ABI_NATIVE, &bit)
		       ? UINT64_C(1) << bit
		       : 0;
}

static uint64_t read_caps(struct reading *r, const char *names)
{
	cleanup_free char *list = xstrdup(names);
	char *rest = list, *name;
	uint64_t caps = 0;

	while ((name = strsep(&rest, ", "))) {
		if (*name && !capability(name))
			complain(r, "--caps: unknown capability '%s' (they are "
				 "written as CAP_SYS_ADMIN)", name);
		caps |= capability(name);
	}
	return caps;
}

/* The first two numbers of "6.1.0-13-amd64"; -1: they are not there. */
static int read_release(struct reading *r, const char *what, const char *text)
{
	unsigned major, minor;

	if (sscanf(text, "%9u.%9u", &major, &minor) == 2 && major < 256 &&
	    minor < 256)
		return KERNEL(major, minor);
	return complain(r, "%s is a Linux release such as 5.4, not '%s'", what,
			text);
}

/* Capabilities that the kernel does not tell are none: the stricter side. */
static void read_container(struct reading *r, const struct container *who)
{
	struct __user_cap_data_struct own[2];
	struct utsname system = {0};

	uname(&system);
	r->kernel = read_release(r, "--kernel",
				 who->kernel ? who->kernel : system.release);
	if (who->caps)
		r->caps = read_caps(r, who->caps);
	else if (proc_privileges(own))
		r->caps = own[0].effective | (uint64_t)own[1].effective << 32;
}

/* As Go calls it, or libseccomp; -1: it is none of ours. */
static int read_arch(const char *name)
{
	char abi[WORDS_VALUE] = "";

	words_find("amd64=x86_64 SCMP_ARCH_X86_64=x86_64 x86=x86 "
		   "SCMP_ARCH_X86=x86 arm64=aarch64 "
		   "SCMP_ARCH_AARCH64=aarch64", name, abi);
	return abi_by_name(abi);
}

/* Do all conditions of includes or excludes hold, or one at least? */
static bool test(struct reading *r, const struct jtree *filter, bool all)
{
	const struct jtree *caps = get(r, list, filter, "caps");
	const struct jtree *arches = get(r, list, filter, "arches");
	const char *least = get(r, text, filter, "minKernel"), *word;
	size_t n = jtree_count(caps) + (jtree_count(arches) > 0) + !!least,
	       held = 0;

	for (size_t i = 0; (word = text_at(r, arches, i)); i++)
		held |= read_arch(word) == (int)r->machine;
	for (size_t i = 0; (word = text_at(r, caps, i)); i++)
		held += (r->caps & capability(word)) != 0;
	if (least)
		held += r->kernel >= read_release(r, "'minKernel'", least);
	return held >= (all ? n : 1);
}

/* libseccomp compares without a sign: what is below is from 0 on. */
static const struct op {
	const char *name, *before, *sign, *behind;
	int less; /* than the value is the last */
} ops[] = {
	{"SCMP_CMP_EQ", "", "==", "", 0},
	{"SCMP_CMP_NE", "", "!=", "", 0},
	{"SCMP_CMP_LT", "", "in (0..", ")", 1},
	{"SCMP_CMP_LE", "", "in (0..", ")", 0},
	{"SCMP_CMP_GE", "not ", "in (0..", ")", 1},
	{"SCMP_CMP_GT", "not ", "in (0..", ")", 0},
	{"SCMP_CMP_MASKED_EQ", "", "&", " == ", 0},
	{NULL, NULL, NULL, NULL, 0},
};

/* value is what is compared with, but of MASKED_EQ the mask.  Returns a bit for
 * the argument. */
static unsigned print_test(struct reading *r, const struct jtree *arg,
			   FILE *out)
{
	const char *name = get(r, text, arg, "op");
	const struct op *op = ops;
	int64_t index = -1, value = -1, two = 0;

	while (name && op->name && !streq(op->name, name))
		op++;
	jtree_number(arg, "index", &index);
	jtree_number(arg, "value", &value);
	check(r, arg, "valueTwo", jtree_number(arg, "valueTwo", &two), "number");
	if (index < 0 || index > 5 || value < 0 || !name || !op->name) {
		complain(r, "an argument has an 'index' from 0 to 5, a 'value' "
			 "from 0 to 2^63 - 1 and an 'op' such as SCMP_CMP_EQ");
		return 0;
	}
	fprintf(out, "%sarg%d %s %lld%s", op->before, (int)index, op->sign,
		(long long)value - op->less, op->behind);
	if (*op->sign == '&')
		fprintf(out, "%lld", (long long)(two & value));
	return 1u << index;
}

/* "": it has none.  Where an argument is asked twice, one test is enough. */
static char *read_condition(struct reading *r, const struct jtree *args)
{
	unsigned seen = 0, twice = 0, bit;
	char *text;
	size_t n;
	FILE *out = xmemstream(&text, &n);

	for (size_t i = 0; i < jtree_count(args); i++) {
		fputs(i ? " and " : "", out);
		bit = print_test(r, jtree_object_at(args, i), out);
		twice |= seen & bit;
		seen |= bit;
	}
	fclose(out);
	for (char *at = text; twice && (at = strstr(at, " and "));)
		memcpy(at, " or  ", strlen(" and "));
	return text;
}

static void put_call(struct reading *r, const char *name, struct answer answer,
		     const char *cond)
{
	uint32_t call = syscall_by_name(name);
	const struct syscall_row *row = syscall_row(call);

	/* a runtime passes it over, and lets it run */
	if (!row && action_runs(r->fallback.action) &&
	    !action_runs(answer.action))
		complain(r, "%s is no system call, so it cannot be denied", name);
	else if (!row)
		note(r, "%s is no system call here", name);
	if (!row || r->is_decided[call] || condition_abi(call, r->abis) < 0)
		return;
	if (row->since[r->machine] > r->newest)
		r->newest = row->since[r->machine];
	if (answer.action == r->fallback.action && answer.err == r->fallback.err)
		return; /* named, but no rule of libseccomp's */
	r->is_decided[call] = !*cond;
	item_put_rule(r->out, r->at.line, answer.action, answer.err, name,
		      cond);
}

static void read_rule(struct reading *r, const struct jtree *rule, bool second)
{
	struct answer answer =
		read_answer(r, rule, "action", "errno", "errnoRet");
	cleanup_free char *cond =
		read_condition(r, get(r, list, rule, "args"));
	const struct jtree *names = get(r, list, rule, "names");
	const char *name = get(r, text, rule, "name"); /* of older ones */
	bool in = test(r, get(r, object, rule, "includes"), true);
	bool out = test(r, get(r, object, rule, "excludes"), false);

	if (!names == !name)
		complain(r, "a rule has either 'names' or 'name'");
	if (!in || out || answer.action == ACTION_COUNT || !*cond == second)
		return;
	if (name)
		put_call(r, name, answer, cond);
	for (size_t i = 0; (name = text_at(r, names, i)); i++)
		put_call(r, name, answer, cond);
}

/* Rules with a condition come in a second round, when it is known which calls are
 * decided without one. */
static void read_rules(struct reading *r, const struct jtree *rules)
{
	size_t n = jtree_count(rules), before = r->diags->n;

	for (size_t i = 0; i < 2 * n && (i < n || r->diags->n == before); i++) {
		r->at.line = PLACE_RULE + (int)(i % n);
		read_rule(r, jtree_object_at(rules, i % n), i >= n);
	}
	r->at.line = 0;
}

static void admit(struct reading *r, const struct jtree *list)
{
	const char *name;

	for (size_t i = 0; (name = text_at(r, list, i)); i++) {
		int abi = read_arch(name);

		if (abi < 0)
			note(r, "%s cannot be admitted: its calls meet "
			     "'foreign'", name);
		else if (abi_runs_on(abi, r->machine))
			r->abis |= 1u << abi;
	}
}

/* A map has the other ABIs of each CPU. */
static void read_abis(struct reading *r, const struct jtree *profile)
{
	const struct jtree *map = get(r, list, profile, "archMap");

	r->abis = 1u << r->machine;
	admit(r, get(r, list, profile, "architectures"));
	for (size_t i = 0; i < jtree_count(map); i++) {
		const struct jtree *row = jtree_object_at(map, i);
		const char *name = get(r, text, row, "architecture");

		if (name && read_arch(name) == (int)r->machine)
			admit(r, get(r, list, row, "subArchitectures"));
	}
	item_put_setting(r->out, SET_ARCHITECTURES, (int)r->abis);
}

static void read_head(struct reading *r, const struct jtree *profile)
{
	const struct jtree *flags = get(r, list, profile, "flags");
	const char *flag;

	r->fallback = read_answer(r, profile, "defaultAction", "defaultErrno",
				  "defaultErrnoRet");
	if (r->fallback.action == ACTION_COUNT)
		return;
	item_put_setting(r->out, SET_DEFAULT, r->fallback.action);
	if (r->fallback.action == ACTION_DENY)
		item_put_setting(r->out, SET_ERRNO, r->fallback.err);
	read_abis(r, profile);
	if (jtree_has(profile, "listenerPath") ||
	    jtree_has(profile, "listenerMetadata"))
		complain(r, "listenerPath cannot be said in a policy");
	for (size_t i = 0; (flag = text_at(r, flags, i)); i++)
		if (streq(flag, "SECCOMP_FILTER_FLAG_SPEC_ALLOW"))
			item_put_setting(r->out, SET_SPECULATION, true);
		else
			note(r, "%s has no effect here", flag);
}

int oci_read(struct ini_file *out, const char *text, size_t n,
	     const char *file, enum abi_id machine,
	     const struct container *container, struct diags *diags)
{
	struct reading r = {.out = out, .at.file = file, .diags = diags,
			    .notes = container->notes, .machine = machine};
	size_t before = diags->n;
	cleanup_free char *why = NULL;
	struct jtree *root = jtree_read(text, n, &why);
	const struct jtree *profile = root;

	if (!root)
		return complain(&r, "%s", why);
	if (jtree_has(root, "linux"))
		profile = jtree_object(jtree_object(root, "linux"), "seccomp");
	read_container(&r, container);
	read_head(&r, profile);
	read_rules(&r, get(&r, list, profile, "syscalls"));
	/* A profile of few old calls has not forgotten the others: 5.2, which a
	 * policy without `kernel` has, is the least. */
	if (r.newest > KERNEL(5, 2) && !action_runs(r.fallback.action)) {
		item_put_setting(out, SET_KERNEL, r.newest);
		note(&r, "kernel = %s, of the newest call that it names: later "
		     "calls answer ENOSYS, as under runc",
		     out->items[out->n_items - 1].value);
	}
	jtree_free(root);
	return diags->n == before ? 0 : -1;
}
