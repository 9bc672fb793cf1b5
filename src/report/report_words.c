#include "report/report_words.h"

#include <inttypes.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/text.h"
#include "base/util.h"
#include "tables/errname.h"
#include "tables/syscall.h"

const char *call_name(int abi, uint32_t nr, uint32_t call,
		      char buf[static 16])
{
	const struct syscall_row *row = syscall_row(call);

	if (row)
		return row->name;
	if (call == CALL_NONE)
		return "?"; /* killed unseen */
	/* The kernel's own view of the number is signed: -1 is a call that a
	 * debugger skipped. */
	snprintf(buf, 16, "%d", (int)(abi_is_x32(abi, nr) ? nr & ~X32_BIT : nr));
	return buf;
}

const char *call_abi(int abi, uint32_t nr)
{
	if (abi < 0)
		return "unknown";
	return abi_is_x32(abi, nr) ? "x32" : abis[abi].name;
}

char *call_label(int abi, uint32_t nr, uint32_t call)
{
	const char *name = call_name(abi, nr, call, (char[16]){0});

	if (call == CALL_NONE ||
	    (abi == ABI_NATIVE && !abi_is_x32(abi, nr)))
		return xstrdup(name);
	return xasprintf("%s@%s", name, call_abi(abi, nr));
}

const char *row_answer_in(const struct tally_row *row, char buf[static 16])
{
	if (row->ran)
		return "allowed";
	if (row->verdict.action == ACTION_KILL)
		return "kill";
	return row->verdict.err ? errno_name(row->verdict.err, buf) : "0";
}

char *source_label(struct source at)
{
	at.file = at.file ? basename(at.file) : "";
	return source_text(at);
}

void place_put(struct jtree *object, struct source at)
{
	jtree_put_text(object, "file", at.file);
	if (at.file && at.line)
		jtree_put_number(object, at.line < PLACE_RULE ? "line"
							      : "syscalls",
				 at.line % PLACE_RULE);
}

const char *verdict_group(const struct verdict *verdict)
{
	return verdict->rule && verdict->kind == BY_GROUP ? verdict->rule->group
							  : NULL;
}

void rule_put(struct jtree *object, const struct verdict *verdict)
{
	struct jtree *rule = jtree_put_object(object, "rule");

	jtree_put_text(rule, "kind", verdict_kind_names[verdict->kind]);
	place_put(rule, verdict->at);
	jtree_put_text(rule, "group", verdict_group(verdict));
}

char *row_rule(const struct tally_row *row)
{
	static const char *const words[BY_COUNT] = {
		[BY_DEFAULT] = "default",     [BY_NEW] = "newer call",
		[BY_FOREIGN] = "foreign ABI", [BY_IMPLICIT] = "implicit",
	};
	cleanup_free char *at = NULL;
	const char *group = verdict_group(&row->verdict);

	if (row->unseen)
		return xstrdup("kill rule or foreign ABI");
	if (words[row->verdict.kind])
		return xstrdup(words[row->verdict.kind]);
	at = source_label(row->verdict.at);
	return group ? xasprintf("%s %s", at, group) : steal(at);
}

char *process_label(pid_t pid, const char *comm)
{
	cleanup_free char *shown = escape_utf8(comm, true);

	return xasprintf("%s[%d]", shown, (int)pid);
}

char *joined(char *const *texts, size_t n, const char *separator)
{
	size_t size = 1;
	char *text, *end;

	for (size_t i = 0; i < n; i++)
		size += strlen(separator) + strlen(texts[i]);
	text = end = xcalloc(1, size);
	for (size_t i = 0; i < n; i++)
		end = stpcpy(stpcpy(end, i ? separator : ""), texts[i]);
	return text;
}

char *row_sentence(const struct tally_row *row, const struct tally_first *call)
{
	cleanup_free char *label = row_label(row);
	cleanup_free char *list =
		joined(call->args, (size_t)call->n_args, ", ");
	cleanup_free char *by = process_label(call->pid, call->comm);
	cleanup_free char *rule = row_rule(row);
	cleanup_free char *rule_shown = escape_utf8(rule, true);

	if (row->ran)
		return xasprintf("allowed %s(%s) by %s, against %s", label,
				 list, by, rule_shown);
	return xasprintf("denied %s(%s) = %s by %s, %s", label, list,
			 row_answer(row), by, rule_shown);
}

/* Rows of one call differ in answer or rule; a name is the same call on every
 * ABI only where the ABI is the same. */
size_t rows_calls(const struct tally_row *const *rows, size_t n)
{
	size_t calls = 0;

	for (size_t i = 0; i < n; i++) {
		size_t j = 0;

		while (rows[j]->abi != rows[i]->abi || rows[j]->nr != rows[i]->nr)
			j++;
		calls += i == j;
	}
	return calls;
}

char *sums_text(const struct run_info *run, size_t calls, uint64_t hits)
{
	const char *verb =
		run->permissive ? "allowed against the policy" : "denied";

	if (!hits)
		return xasprintf("no system call was %s%s",
				 run->kills_unseen ? "seen to be " : "", verb);
	return xasprintf("%zu system call%s %s %" PRIu64 " time%s", calls,
			 plural(calls), verb, hits, plural(hits));
}

char *signal_label(int sig)
{
	const char *name = sigabbrev_np(sig);

	if (name)
		return xasprintf("SIG%s", name);
	if (sig >= SIGRTMIN && sig <= SIGRTMAX)
		return xasprintf("SIGRTMIN+%d", sig - SIGRTMIN);
	return xasprintf("signal %d", sig);
}

char *ending_text(const struct run_info *run)
{
	static const char *const states[] = {
		[RUN_GOES_ON] = "still running",
		[RUN_ENDED] = "ended, status unknown",
		[RUN_NOT_STARTED] = "not started",
	};
	cleanup_free char *signal = NULL;

	if (!run->ended)
		return xstrdup(states[run_state(run)]);
	if (!WIFSIGNALED(run->wait_status))
		return xasprintf("exit %d", WEXITSTATUS(run->wait_status));
	signal = signal_label(WTERMSIG(run->wait_status));
	return xasprintf("killed by %s", signal);
}

char *powers_text(powers set)
{
	char *text = xstrdup("");

	for_powers (p, set)
		reprint(&text, "%s%s%s", text, *text ? "; " : "", power_opens(p));
	return text;
}

void powers_put(struct jtree *object, const char *name, powers set, bool none)
{
	struct jtree *list = jtree_put_list(object, name);

	if (none && set)
		jtree_add_text(list, "none");
	for_powers (p, set)
		jtree_add_text(list, power_name(p));
}
