#include "learn/policy_text.h"

#include <stdlib.h>

#include "base/util.h"
#include "formats/condition_print.h"
#include "formats/ini_write.h"
#include "formats/settings.h"
#include "review/finding.h"
#include "tables/group.h"
#include "tables/syscall.h"

enum { HARMLESS = POWER_COUNT };

/* ------------------------------------------------------------------------ head */

static void write_powers(FILE *out, const struct policy_text *text)
{
	powers opens = 0;

	for (size_t i = 0; i < text->wanted->n; i++)
		opens |= text->wanted->wanted[i].opens;
	for (int p = 0; p < POWER_COUNT; p++)
		if (opens & POWER_SET(p))
			fprintf(out, ";   %-16s %s\n",
				power_name((enum power)p),
				power_opens((enum power)p));
	if (!opens)
		fputs(";   nothing but harmless calls\n", out);
}

#define EARLY "; Learned from a run that ended early: "

static void write_ending(FILE *out, const char *ending)
{
	if (!ending)
		return;
	fputs(EARLY, out);
	for (; *ending; ending++)
		fputc((unsigned char)*ending < ' ' ? ' ' : *ending, out);
	fputs(".\n; What the program would have done after that is not in "
	      "here.\n;\n", out);
}

bool policy_text_is_ending(const char *bytes, size_t n)
{
	int lines = 0;

	for (size_t i = 0; i < n; i++)
		lines += bytes[i] == '\n';
	return !n || (lines == 3 && has_prefix(bytes, EARLY));
}

static void write_head(FILE *out, const struct policy_text *text)
{
	write_ending(out, text->ending);
	fputs("; Learned by \"sandbox --learn\".  It lets the program do what it "
	      "did then:\n;\n", out);
	write_powers(out, text);
	fprintf(out, ";\n; %s.  Anything\n; else is %s.  To learn more, run it "
		     "again with --merge.\n",
		text->exact ? "Only calls that it made are allowed (--exact)"
			    : "Other calls that open no more than these are "
			      "allowed too",
		text->n_includes ? "as the included policy has it" : "denied");
}

static void write_abis(FILE *out, int seen)
{
	cleanup_free char *list = NULL;

	if (!(seen & ~(1 << ABI_NATIVE)))
		return;
	list = setting_text(SET_ARCHITECTURES, seen | 1 << ABI_NATIVE);
	fprintf(out, "architectures = %s\n", list);
}

static void write_settings(FILE *out, const struct policy_text *text)
{
	fputs("\n[policy]\n", out);
	for (size_t i = 0; i < text->n_includes; i++)
		fprintf(out, "include = %s\n", text->includes[i]);
	if (!text->n_includes)
		fputs("default = deny\n; newer calls are answered ENOSYS, and "
		      "programs go on with older ones\nkernel = 5.2\n", out);
	write_abis(out, text->abis);
}

/* ---------------------------------------------------------------------- blocks */

/* The block in which an entry stands: that of its first power. */
static int block_of(const struct wanted *wanted)
{
	return wanted->opens ? __builtin_ctzll(wanted->opens) : HARMLESS;
}

static char *condition_of(const struct wanted *wanted)
{
	enum abi_id abi = syscall_number(wanted->call, ABI_NATIVE) >= 0
				  ? ABI_NATIVE
				  : ABI_X86;

	return condition_text(wanted->cond, abi, wanted->call);
}

struct rules {
	const struct wanted_list *wanted;
	bool in_runtime[SYSCALL_ROWS]; /* none with --exact */
};

static void find_runtime(bool *members)
{
	struct use_list list = USE_LIST(group_find("@runtime")->members);
	struct use use;

	while (use_next(&list, &use))
		if (syscall_row(use.call))
			members[use.call] = true;
}

static bool in_runtime(const struct rules *rules, uint32_t call)
{
	return syscall_row(call) && rules->in_runtime[call];
}

/* A word of the block's list?  Those of @runtime are in the group. */
static bool is_listed(const struct rules *rules,
		      const struct wanted *wanted, int block)
{
	return block_of(wanted) == block && !wanted->cond &&
	       !in_runtime(rules, wanted->call);
}

static bool needs_runtime(const struct rules *rules)
{
	for (size_t i = 0; i < rules->wanted->n; i++)
		if (in_runtime(rules, rules->wanted->wanted[i].call))
			return true;
	return false;
}

static void write_list(FILE *out, const struct rules *rules, int block)
{
	cleanup_free char *list = xstrdup("");
	char buf[16];

	for (size_t i = 0; i < rules->wanted->n; i++) {
		const struct wanted *wanted = &rules->wanted->wanted[i];

		if (is_listed(rules, wanted, block))
			reprint(&list, "%s%s%s", list, *list ? " " : "",
				syscall_name(wanted->call, buf));
	}
	if (*list)
		ini_write_line(out, "syscalls", list);
}

static void write_conditions(FILE *out, const struct rules *rules,
			     int block)
{
	char buf[16];

	for (size_t i = 0; i < rules->wanted->n; i++) {
		const struct wanted *wanted = &rules->wanted->wanted[i];
		cleanup_free char *cond = NULL, *value = NULL;

		if (block_of(wanted) != block || !wanted->cond)
			continue;
		cond = condition_of(wanted);
		value = xasprintf("if %s", cond);
		ini_write_line(out, syscall_name(wanted->call, buf), value);
	}
}

static bool has_block(const struct rules *rules, int block)
{
	for (size_t i = 0; i < rules->wanted->n; i++) {
		const struct wanted *wanted = &rules->wanted->wanted[i];

		if (is_listed(rules, wanted, block) ||
		    (block_of(wanted) == block && wanted->cond))
			return true;
	}
	return false;
}

static void write_block(FILE *out, const struct rules *rules, int block)
{
	if (!has_block(rules, block))
		return;
	fprintf(out, "\n; %s\n",
		block == HARMLESS
			? "harmless: own memory, own descriptors, waiting, "
			  "files to read"
			: power_opens((enum power)block));
	write_list(out, rules, block);
	write_conditions(out, rules, block);
}

static void write_rules(FILE *out, const struct policy_text *text)
{
	struct rules rules = {.wanted = text->wanted};

	if (!text->exact)
		find_runtime(rules.in_runtime);
	fputs("\n[allow]", out);
	if (!text->wanted->n)
		fputc('\n', out);
	for (int block = 0; block <= HARMLESS; block++)
		write_block(out, &rules, block);
	if (needs_runtime(&rules))
		fputs("\n; harmless: what any program may need now and then\n"
		      "syscalls = @runtime\n", out);
}

void policy_text_write(FILE *out, const struct policy_text *text)
{
	write_head(out, text);
	write_settings(out, text);
	write_rules(out, text);
}

void policy_text_append(FILE *out, const struct policy_text *text)
{
	fputc('\n', out);
	write_ending(out, text->ending);
	fputs("; Added by \"sandbox --learn --merge\":\n;\n", out);
	write_powers(out, text);
	if (text->abis & ~(1 << ABI_NATIVE)) {
		fputs("\n[policy]\n", out);
		write_abis(out, text->abis);
	}
	if (text->wanted->n)
		write_rules(out, text);
}
