#include "commands/unitfile.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/text.h"
#include "base/util.h"

static const char blanks[] = " \t\r\n";

/* ------------------------------------------------------------ the settings */

static char *trimmed(const char *from, size_t n)
{
	while (n && strchr(blanks, *from)) {
		from++;
		n--;
	}
	while (n && strchr(blanks, from[n - 1]))
		n--;
	return xstrndup(from, n);
}

static void add_setting(struct unit *unit, const char *line)
{
	const char *equals = strchr(line, '=');

	if (!equals)
		return;
	unit->items = grow(unit->items, unit->n, &unit->cap,
			   sizeof(*unit->items));
	unit->items[unit->n++] = (struct unit_setting){
		.name = trimmed(line, (size_t)(equals - line)),
		.value = trimmed(equals + 1, strlen(equals + 1)),
	};
}

static bool is_comment(const char *line)
{
	line += strspn(line, blanks);
	return *line == '#' || *line == ';';
}

/* The next physical line; NULL at the end. */
static char *next_line(const char **text)
{
	size_t n = strcspn(*text, "\n");
	char *line;

	if (!**text)
		return NULL;
	line = xstrndup(*text, n);
	*text += n + ((*text)[n] == '\n');
	return line;
}

/* A line and those that a '\' at its end puts behind it, comments among them
 * left out. */
static char *next_logical_line(const char **text)
{
	char *line = next_line(text);

	while (line && !is_comment(line) && has_suffix(line, "\\")) {
		cleanup_free char *more = next_line(text);
		char *joined;

		while (more && is_comment(more)) {
			free(more);
			more = next_line(text);
		}
		line[strlen(line) - 1] = '\0';
		joined = xasprintf("%s %s", line, more ? more : "");
		free(line);
		line = joined;
		if (!more)
			break;
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
	bool in_service = false, skipping = false;
	char *line;

	for (; (line = next_logical_line(&text)); free(line)) {
		cleanup_free char *bare = trimmed(line, strlen(line));

		if (is_heading(bare)) {
			skipping = skip && has_suffix(bare, skip);
			in_service = false;
		} else if (skipping || is_comment(bare)) {
			continue;
		} else if (*bare == '[') {
			in_service = streq(bare, "[Service]");
			unit->has_service |= in_service;
		} else if (in_service) {
			add_setting(unit, bare);
		}
	}
}

void unit_free(struct unit *unit)
{
	for (size_t i = 0; i < unit->n; i++) {
		free(unit->items[i].name);
		free(unit->items[i].value);
	}
	free(unit->items);
	*unit = (struct unit){0};
}

const char *unit_value(const struct unit *unit, const char *name)
{
	const char *value = NULL;

	for (size_t i = 0; i < unit->n; i++)
		if (streq(unit->items[i].name, name))
			value = unit->items[i].value;
	return value && *value ? value : NULL;
}

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

static char *take_word(const char **s)
{
	size_t n;
	char *word;

	*s += strspn(*s, blanks);
	n = word_length(*s);
	word = xstrndup(*s, n);
	*s += n;
	return word;
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

static struct unit_command split_command(const char *text)
{
	struct unit_command command = {0};
	size_t n = strspn(text, "@-:+!|");

	command.prefix = xstrndup(text, n);
	text += n;
	command.path = take_word(&text);
	if (strchr(command.prefix, '@'))
		command.argv0 = take_word(&text);
	command.rest = xstrdup(text);
	return command;
}

static void add_commands(struct unit_commands *commands, const char *value)
{
	while (*(value += strspn(value, blanks))) {
		size_t n = command_length(value);
		cleanup_free char *text = xstrndup(value, n);

		if (n) {
			commands->items =
				grow(commands->items, commands->n,
				     &commands->cap, sizeof(*commands->items));
			commands->items[commands->n++] = split_command(text);
		}
		value += n;
		value += strspn(value, blanks);
		value += *value == ';';
	}
}

void unit_commands(const struct unit *unit, const char *name,
		   struct unit_commands *commands)
{
	for (size_t i = 0; i < unit->n; i++) {
		if (!streq(unit->items[i].name, name))
			continue;
		if (!*unit->items[i].value)
			unit_commands_free(commands);
		add_commands(commands, unit->items[i].value);
	}
}

void unit_commands_free(struct unit_commands *commands)
{
	for (size_t i = 0; i < commands->n; i++) {
		free(commands->items[i].prefix);
		free(commands->items[i].path);
		free(commands->items[i].argv0);
		free(commands->items[i].rest);
	}
	free(commands->items);
	*commands = (struct unit_commands){0};
}

static bool is_plain(char c)
{
	return isalnum((unsigned char)c) || strchr("/._-=,@:+%$", c);
}

static char *put_plain(char *to, char c, bool expands)
{
	if (c == '%' || (c == '$' && expands))
		*to++ = c;
	else if (c == '"' || c == '\\')
		*to++ = '\\';
	*to++ = c;
	return to;
}

/* As systemd.syntax(7) has it for quoted words: a line must not end here. */
static char *put_escaped(char *to, char c)
{
	return to + sprintf(to, "\\x%02x", (unsigned char)c);
}

char *unit_word(const char *word, bool expands)
{
	size_t n = strlen(word);
	char *text = xmalloc(4 * n + 3), *to = text;
	bool quoted = !*word;

	for (size_t i = 0; i < n; i++)
		quoted |= !is_plain(word[i]);
	if (quoted)
		*to++ = '"';
	while (*word) {
		bool unfit = is_unfit(word, &n);

		for (; n > 0; n--, word++)
			to = unfit ? put_escaped(to, *word)
				   : put_plain(to, *word, expands);
	}
	if (quoted)
		*to++ = '"';
	*to = '\0';
	return text;
}
