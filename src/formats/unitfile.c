#include "formats/unitfile.h"

#include <stdlib.h>

#include "base/text.h"
#include "base/util.h"

static const char blanks[] = " \t\r\n";

/* ------------------------------------------------------------ the commands */

/* The length of the word at s: up to a blank outside quotes. */
static size_t word_length(const char *s)
{
	char quote = '\0';
	size_t n = 0;

	for (; s[n] && (quote || !strchr(blanks, s[n])); n++) {
		if (s[n] == '\\' && s[n + 1])
			n++;
		else if (quote && s[n] == quote)
			quote = '\0';
		else if (!quote && (s[n] == '"' || s[n] == '\''))
			quote = s[n];
	}
	return n;
}

/* Where the command at s ends: at a word that is ';', or with the line. */
static size_t command_length(const char *s)
{
	size_t at = 0;

	for (;;) {
		size_t blank = strspn(s + at, blanks);
		size_t n = word_length(s + at + blank);

		if (!n || (n == 1 && s[at + blank] == ';'))
			return at;
		at += blank + n;
	}
}

/* A copy, as long as the unit lives. */
static char *keep(struct unit *unit, const char *from, size_t n)
{
	return memcpy(arena_alloc(&unit->memory, n + 1), from, n);
}

static char *take_word(struct unit *unit, const char **s)
{
	const char *word = *s + strspn(*s, blanks);
	size_t n = word_length(word);

	*s = word + n;
	return keep(unit, word, n);
}

static void add_command(struct unit *unit, const char *text)
{
	size_t n = strspn(text, "@-:+!|");
	struct unit_command *command =
		&push(unit->commands, unit->n_commands, unit->cap_commands);

	command->prefix = keep(unit, text, n);
	text += n;
	command->path = take_word(unit, &text);
	command->argv0 = strchr(command->prefix, '@') ? take_word(unit, &text)
						      : NULL;
	command->rest = text;
}

static void take_exec_start(struct unit *unit, const char *value)
{
	if (!*value)
		unit->n_commands = 0;
	while (*(value += strspn(value, blanks))) {
		size_t n = command_length(value);

		if (n)
			add_command(unit, keep(unit, value, n));
		value += n + strspn(value + n, blanks);
		value += *value == ';';
	}
}

/* ------------------------------------------------------------ the settings */

static char *trim(char *text)
{
	size_t n;

	text += strspn(text, blanks);
	for (n = strlen(text); n && strchr(blanks, text[n - 1]); n--)
		;
	text[n] = '\0';
	return text;
}

static void add_setting(struct unit *unit, const char *line, int number)
{
	size_t n = strcspn(line, "=");
	struct unit_setting *setting;

	if (!line[n])
		return;
	setting = &push(unit->items, unit->n, unit->cap);
	setting->line = number;
	setting->name = trim(keep(unit, line, n));
	setting->value = trim(keep(unit, line + n + 1, strlen(line + n + 1)));
	if (streq(setting->name, "ExecStart"))
		take_exec_start(unit, setting->value);
}

static bool is_comment(const char *line)
{
	line += strspn(line, blanks);
	return *line == '#' || *line == ';';
}

/* A line and those that a '\' at its end puts behind it, comments among them
 * left out, and how many they are; NULL at the end. */
static char *next_logical_line(char **rest, int *n)
{
	char *line = NULL, *end = NULL, *part;
	bool more = true;

	*n = 0;
	while (more && (part = strsep(rest, "\n"))) {
		size_t length = strlen(part), slashes = 0;

		++*n;
		if (line && is_comment(part))
			continue;
		if (!line)
			line = end = part;
		while (slashes < length && part[length - 1 - slashes] == '\\')
			slashes++;
		more = !is_comment(part) && slashes % 2;
		memmove(end, part, length + 1);
		end += length;
		if (more)
			end[-1] = ' ';
	}
	return line;
}

/* "# /etc/systemd/system/x.service.d/sandbox.conf", as systemctl cat heads what
 * it prints of each file. */
static bool is_heading(const char *line)
{
	return has_prefix(line, "# /") &&
	       (has_suffix(line, ".service") || has_suffix(line, ".conf"));
}

void unit_parse(struct unit *unit, const char *text, const char *skip)
{
	cleanup_free char *copy = xstrdup(text);
	bool in_service = false, skipping = false;
	char *rest = copy, *line;
	int number = 1, n;

	for (; (line = next_logical_line(&rest, &n)); number += n) {
		const char *bare = trim(line);

		if (is_heading(bare)) {
			skipping = skip && has_suffix(bare, skip);
		} else if (skipping || is_comment(bare)) {
			continue;
		} else if (*bare == '[') {
			in_service = has_prefix(bare, "[Service]");
		} else if (in_service) {
			add_setting(unit, bare, number);
		}
	}
}

void unit_free(struct unit *unit)
{
	free(unit->items);
	free(unit->commands);
	arena_free(&unit->memory);
	*unit = (struct unit){0};
}

const char *unit_value(const struct unit *unit, const char *name)
{
	for (size_t i = unit->n; i-- > 0;)
		if (streq(unit->items[i].name, name))
			return *unit->items[i].value ? unit->items[i].value : NULL;
	return NULL;
}

/* -------------------------------------------------------------------- words */

char *unit_word(const char *word, bool expands)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789/._-=,@:+%$";
	const char *doubled = expands ? "%$" : "%";
	bool quoted = !*word || word[strspn(word, plain)];
	char *text = xmalloc(4 * strlen(word) + 3), *to = text;
	size_t n;

	if (quoted)
		*to++ = '"';
	while (*word) {
		bool unfit = is_unfit(word, &n);

		for (; n > 0; n--, word++) {
			if (unfit) {
				to += sprintf(to, "\\x%02x",
					      (unsigned char)*word);
				continue;
			}
			if (strchr(doubled, *word))
				*to++ = *word;
			else if (strchr("\"\\", *word))
				*to++ = '\\';
			*to++ = *word;
		}
	}
	if (quoted)
		*to++ = '"';
	*to = '\0';
	return text;
}
