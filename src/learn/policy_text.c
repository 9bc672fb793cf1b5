#include "learn/policy_text.h"

#include "base/util.h"
#include "formats/condition.h"
#include "formats/ini_write.h"
#include "formats/names.h"
#include "formats/settings.h"
#include "tables/group.h"
#include "tables/syscall.h"

enum { HARMLESS = POWER_COUNT };

/* ------------------------------------------------------------------------ head */

static void write_powers(FILE *out, const struct policy_text *text)
{
	powers opens = 0;

	for (size_t i = 0; i < text->wanted->n; i++)
		opens |= text->wanted->wanted[i].opens;
	for_powers (p, opens)
		fprintf(out, ";   %-16s %s\n", power_name(p), power_opens(p));
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
		text->includes ? "as the included policy has it" : "denied");
}

static void write_abis(FILE *out, int foreign)
{
	cleanup_free char *list =
		setting_text(SET_ARCHITECTURES, foreign | 1 << ABI_NATIVE);

	if (foreign)
		fprintf(out, "architectures = %s\n", list);
}

static void write_settings(FILE *out, const struct policy_text *text)
{
	fputs("\n[policy]\n", out);
	for (char *const *name = text->includes; name && *name; name++)
		fprintf(out, "include = %s\n", *name);
	if (!text->includes)
		fputs("default = deny\n; newer calls are answered ENOSYS, and "
		      "programs go on with older ones\nkernel = 5.2\n", out);
	write_abis(out, text->abis);
}

/* ---------------------------------------------------------------------- blocks */

/* An entry stands in the block of its first power.  Calls of @runtime, where it is
 * to be written, are in the group. */
static void write_block(FILE *out, const struct wanted_list *list,
			const struct calls *runtime, int block)
{
	cleanup_free char *words = xstrdup(""), *conditions = NULL;
	FILE *lines = text_stream(&conditions);

	for (size_t i = 0; i < list->n; i++) {
		const struct wanted *wanted = &list->wanted[i];
		const char *name = syscall_text(wanted->call);
		int abi = condition_abi(wanted->call, ~0u);
		int own = wanted->opens ? __builtin_ctzll(wanted->opens)
					: HARMLESS;
		cleanup_free char *value = NULL;

		if (own != block)
			continue;
		if (wanted->cond) {
			value = condition_text(wanted->cond, (enum abi_id)abi,
					       wanted->call);
			reprint(&value, "if %s", value);
			ini_write_line(lines, name, value);
		} else if (!calls_has(runtime, wanted->call)) {
			reprint(&words, "%s%s%s", words, *words ? " " : "",
				name);
		}
	}
	fclose(lines);
	if (!*words && !*conditions)
		return;
	fprintf(out, "\n; %s\n",
		block == HARMLESS
			? "harmless: own memory, own descriptors, waiting, "
			  "files to read"
			: power_opens(block));
	if (*words)
		ini_write_line(out, "syscalls", words);
	fputs(conditions, out);
}

static void write_rules(FILE *out, const struct policy_text *text)
{
	released_by(calls_free) struct calls runtime = {0};
	bool needs_runtime = false;

	if (!text->exact)
		calls_add_group(&runtime, group_find("@runtime"));
	fputs(text->wanted->n ? "\n[allow]" : "\n[allow]\n", out);
	for (int block = 0; block <= HARMLESS; block++)
		write_block(out, text->wanted, &runtime, block);
	for (size_t i = 0; i < text->wanted->n; i++)
		needs_runtime |= calls_has(&runtime,
						text->wanted->wanted[i].call);
	if (needs_runtime)
		fputs("\n; harmless: what any program may need now and then\n"
		      "syscalls = @runtime\n", out);
}

static void write_addition(FILE *out, const struct policy_text *text)
{
	fputc('\n', out);
	write_ending(out, text->ending);
	fputs("; Added by \"sandbox --learn --merge\":\n;\n", out);
	write_powers(out, text);
	if (text->abis)
		fputs("\n[policy]\n", out);
	write_abis(out, text->abis);
	if (text->wanted->n)
		write_rules(out, text);
}

char *policy_text_print(const struct policy_text *text)
{
	char *bytes;
	FILE *out = text_stream(&bytes);

	if (text->is_addition) {
		write_addition(out, text);
	} else {
		write_head(out, text);
		write_settings(out, text);
		write_rules(out, text);
	}
	fclose(out);
	return bytes;
}
