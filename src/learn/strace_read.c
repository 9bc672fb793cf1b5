#include "learn/seen_read.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/util.h"
#include "formats/callexpr.h"
#include "formats/names.h"
#include "formats/scan.h"
#include "tables/power.h"
#include "tables/signature.h"
#include "tables/syscall.h"

enum { LINE_LIMIT = 1 << 20 }; /* bytes; strace -s may print long strings */

struct log {
	const char *name;
	struct seen *seen;
	struct diags *notes;
	int line;
	bool is_known;       /* some line is strace's */
	bool is_table;       /* that of -c: below its head */
	bool has_begun;      /* CMD's own exec is behind us */
	struct calls untold; /* whose arguments are not known */
};

/* One call as it was printed. */
struct printed {
	uint32_t call;
	enum abi_id abi;
	uint64_t args[6]; /* registers; 0 of those that are left out */
	unsigned known;   /* of the first n, a bit each */
	int n;
};

/* ------------------------------------------------------------------- arguments */

/* Where an argument ends: at a ',' or ')' outside of strings and brackets.  What
 * -y shows of a descriptor, "3</etc/passwd>", is a bracket too. */
static const char *argument_end(const char *s)
{
	int depth = 0;

	for (; *s; s++) {
		if (*s == '"') {
			while (*++s && *s != '"')
				s += *s == '\\' && s[1];
			if (!*s)
				return s;
		} else if (depth == 0 && (*s == ',' || *s == ')')) {
			return s;
		} else if (strchr("([{<", *s)) {
			depth += s[0] != '<' || s[1] != '<';
		} else if (strchr(")]}>", *s) && s[-1] != '=' && depth > 0) {
			depth--;
		}
	}
	return s;
}

/* Which argument "flags=CLONE_VM" is: strace prints clone's in another order. */
static int argument_index(const struct printed *printed, const char *name,
			  size_t n)
{
	const struct signature *signature =
		signature_of(printed->abi, printed->call);

	for (int i = 0; signature && i < signature->n; i++)
		if (n == 5 && has_prefix(name, "flags") &&
		    has_suffix(signature->args[i].name, "flags"))
			return i;
	return -1;
}

/* The register that an argument stands for; false: it is not known. */
static bool value_of(const struct printed *printed, int i, const char *arg,
		     size_t n, uint64_t *value)
{
	cleanup_free char *text =
		xasprintf("%s@%s(%.*s%.*s)", syscall_text(printed->call),
			  abis[printed->abi].name, 2 * i, "_,_,_,_,_,", (int)n,
			  arg);
	released_by(callexpr_free) struct callexpr expr = {0};

	*value = 0;
	if (callexpr_parse(&expr, ABI_NATIVE, text) < 0 ||
	    expr.args[i].kind == CALLEXPR_ANY)
		return false;
	*value = expr.args[i].kind == CALLEXPR_POINTER ? UINT64_MAX
						       : expr.args[i].value;
	return true;
}

static void take_argument(struct printed *printed, const char *s, size_t n)
{
	size_t name = word_length(s), length;
	int i = printed->n;

	if (name && s[name] == '=') {
		i = argument_index(printed, s, name);
		s += name + 1;
		n -= name + 1;
	}
	length = strcspn(s, "<\"{[");
	if (length > n || s[length] != '<')
		length = n;
	if (i < 0 || i >= 6)
		return;
	printed->known &= ~(1u << i);
	if (value_of(printed, i, s, length, &printed->args[i]))
		printed->known |= 1u << i;
	if (i >= printed->n)
		printed->n = i + 1;
}

static void take_arguments(struct printed *printed, const char *s)
{
	while (*s && *s != ')') {
		const char *end = argument_end(s);
		const char *cut = strstr(s, " <unfinished ...>");

		if (cut && cut < end)
			end = cut;
		if (end > s)
			take_argument(printed, s, (size_t)(end - s));
		if (*end != ',')
			break;
		s = end + 1 + strspn(end + 1, " ");
	}
}

/* ------------------------------------------------------------------------ calls */

/* Does a power, or what is selected, hang on this argument? */
static bool matters(uint32_t call, int arg)
{
	for (const struct power_use *row = power_uses(call); row;
	     row = row->next)
		for (int t = 0; t < row->use.n; t++)
			if (row->use.tests[t].arg == arg)
				return true;
	return arg == use_selector(call);
}

/* Anything that the call can do. */
static void add_untold(struct log *log, struct seen_call *call)
{
	if (powers_of(call->call) != powers_always(call->call))
		calls_add(&log->untold, call->call);
	call->uses.powers = powers_of(call->call);
	call->uses.harmless = true;
	call->uses.more_values = use_selector(call->call) >= 0;
}

static void add_call(struct log *log, const struct printed *printed)
{
	struct seen_call call = {
		.abi = printed->abi, .call = printed->call, .hits = 1};
	bool known = true;

	for (int i = 0; i < printed->n; i++)
		known &= printed->known >> i & 1 || !matters(printed->call, i);
	if (known)
		uses_add(&call.uses, (int)printed->abi, printed->call,
			 printed->args);
	else
		add_untold(log, &call);
	seen_add(log->seen, &call);
	uses_release(&call.uses);
}

/* A log does not say which ABI a call is of: the first that has it, ours before
 * others.  CALL_NONE: none. */
static uint32_t find_call(const char *name, enum abi_id *abi)
{
	uint32_t call = syscall_by_name(name);
	unsigned long long nr;

	*abi = ABI_NATIVE;
	if (has_prefix(name, "syscall_0x") && parse_u64(name + 8, &nr) &&
	    nr < X32_BIT)
		return syscall_by_number(*abi, (uint32_t)nr);
	if (call == CALL_NONE || syscall_number(call, *abi) >= 0)
		return call;
	for (*abi = 0; *abi < ABI_COUNT; ++*abi)
		if (abi_runs_on((int)*abi, ABI_NATIVE) &&
		    syscall_number(call, *abi) >= 0)
			return call;
	return CALL_NONE;
}

/* "openat(…", "syscall_0x1ce(…". */
static bool take_call(struct log *log, const char *s)
{
	struct printed printed = {0};
	size_t n = word_length(s);
	cleanup_free char *name = NULL;

	if (!n || s[n] != '(')
		return false;
	name = xstrndup(s, n);
	printed.call = find_call(name, &printed.abi);
	if (printed.call == CALL_NONE)
		return false;
	if (!log->has_begun && streq(name, "execve")) {
		log->has_begun = true;
		return true;
	}
	log->has_begun = true;
	take_arguments(&printed, s + n + 1);
	add_call(log, &printed);
	return true;
}

/* ------------------------------------------------------------------------ lines */

/* What -f, -t, -r, -i and -n print before a call. */
static const char *skip_prefix(const char *s)
{
	for (;;) {
		size_t n;

		s += strspn(s, " ");
		n = strspn(s, "0123456789:.");
		if (*s == '[')
			n = strcspn(s, "]") + 1;
		if (n && *s != '[' && s[n] == '<') /* -Y: a process's name */
			n += strcspn(s + n, ">") + 1;
		if (!n || strlen(s) < n || s[n] != ' ')
			return s;
		s += n;
	}
}

/* "  0.00    0.000000           0        12         3 openat" */
static bool take_row(struct log *log, const char *line)
{
	const char *name = strrchr(line, ' ');
	struct seen_call call = {0};

	if (has_prefix(line, "% time") && strstr(line, " syscall"))
		log->is_table = true;
	if (!log->is_table || !name)
		return log->is_table;
	call.call = find_call(name + 1, &call.abi);
	sscanf(line, "%*f %*f %*u %" SCNu64, &call.hits);
	if (call.call == CALL_NONE || !call.hits)
		return true; /* a rule, or the total */
	if (streq(name + 1, "execve") && --call.hits == 0)
		return true;
	add_untold(log, &call);
	seen_add(log->seen, &call);
	return true;
}

/* Remarks, and the second half of a call whose first was read. */
static bool is_remark(const char *s)
{
	return has_prefix(s, "+++ ") || has_prefix(s, "--- ") ||
	       has_prefix(s, "<... ") || has_prefix(s, "strace: ") ||
	       has_suffix(s, " bit mode. ]") || !*s;
}

static void take_line(struct log *log, const char *line)
{
	const char *s = skip_prefix(line);

	log->line++;
	if (take_call(log, s) || take_row(log, line))
		log->is_known = true;
	else if (!is_remark(s))
		diag_add(log->notes, (struct source){log->name, log->line},
			 "not understood, and left out: %.60s", s);
}

int strace_read(const char *name, const char *text, size_t n,
		struct seen *seen, struct diags *notes, char **why)
{
	released_by(diags_free) struct diags left_out = DIAGS_INIT;
	struct log log = {.name = name, .seen = seen, .notes = &left_out};
	const char *end = text + n;
	cleanup_free char *untold = NULL;

	while (text < end) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		size_t length = (size_t)((stop ? stop : end) - text);
		cleanup_free char *line = xstrndup(
			text, length < LINE_LIMIT ? length : LINE_LIMIT);

		take_line(&log, line);
		text += length + 1;
	}
	if (log.untold.n) {
		untold = calls_text(&log.untold);
		diag_add(&left_out, (struct source){name, 0},
			 "the arguments of %s are not told: allowed whatever "
			 "they are", untold);
	}
	calls_free(&log.untold);
	if (log.is_known)
		diags_move(notes, &left_out);
	else
		*why = xstrdup("no line of it is strace's");
	return log.is_known ? 0 : -1;
}
