#include "service/message.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"

struct text {
	char *to;
	size_t n;
	bool is_full;
};

static void put(struct text *text, const char *from, size_t n)
{
	if (text->n + n > MESSAGE_LIMIT) {
		text->is_full = true;
		return;
	}
	memcpy(text->to + text->n, from, n);
	text->n += n;
}

static void put_string(struct text *text, const char *s)
{
	put(text, s, strlen(s));
}

static void put_status(struct text *text, const struct message_state *state,
		       const char *own, size_t n)
{
	const char *denied = state->denied;

	put_string(text, "STATUS=");
	put(text, own, n);
	if (!*denied)
		return;
	put_string(text, n ? " (sandbox: " : "sandbox: ");
	put_string(text, denied);
	put_string(text, n ? ")" : "");
}

void message_set_denied(struct message_state *state, const char *what,
			size_t calls, uint64_t hits)
{
	snprintf(state->denied, sizeof(state->denied),
		 "%zu %s call%s, %" PRIu64 " hit%s", calls, what,
		 calls == 1 ? "" : "s", hits, hits == 1 ? "" : "s");
}

static void keep_status(struct message_state *state, const char *own, size_t n)
{
	n = n < STATUS_SIZE - 1 ? n : STATUS_SIZE - 1;
	memcpy(state->status, own, n);
	state->status[n] = '\0';
}

/* "NAME=" at the start of a line of n bytes: what stands behind it, else NULL. */
static const char *value_of(const char *line, size_t n, const char *name)
{
	size_t length = strlen(name);

	return n >= length && memcmp(line, name, length) == 0 ? line + length
							      : NULL;
}

/* MAINPID=CMD, which the sd_notify(3) example of a ready daemon sends. */
static bool names_cmd(const struct message_state *state, const char *line,
		      size_t n)
{
	const char *value = value_of(line, n, "MAINPID=");
	char own[24];

	if (!value)
		return false;
	snprintf(own, sizeof(own), "%d", (int)state->cmd);
	return n == (size_t)(value - line) + strlen(own) &&
	       memcmp(value, own, strlen(own)) == 0;
}

static bool has_line_of_cmd(const struct message_state *state, const char *in,
			    size_t n)
{
	for (size_t at = 0; at < n;) {
		const char *end = memchr(in + at, '\n', n - at);
		size_t length = end ? (size_t)(end - in) - at : n - at;

		if (names_cmd(state, in + at, length))
			return true;
		at += length + 1;
	}
	return false;
}

/* MAINPIDFDID= and MAINPIDFD= (systemd 257) say the same another way. */
static bool is_superfluous(const char *line, size_t n)
{
	return value_of(line, n, "MAINPID=") ||
	       value_of(line, n, "MAINPIDFD=") ||
	       value_of(line, n, "MAINPIDFDID=");
}

static void put_line(struct text *text, struct message_state *state,
		     const char *line, size_t n)
{
	const char *status = value_of(line, n, "STATUS=");

	if (text->n)
		put(text, "\n", 1);
	if (status) {
		n -= (size_t)(status - line);
		keep_status(state, status, n);
		put_status(text, state, status, n);
	} else {
		put(text, line, n);
	}
}

size_t message_rewrite(struct message_state *state, const char *in, size_t n,
		       char out[static MESSAGE_SIZE])
{
	struct text text = {.to = out};
	bool names = has_line_of_cmd(state, in, n);

	/* A NUL inside or too long: systemd's to ignore, as ever. */
	if (n > MESSAGE_LIMIT || memchr(in, '\0', n)) {
		memcpy(out, in, n);
		return n;
	}
	for (size_t at = 0; at < n;) {
		const char *end = memchr(in + at, '\n', n - at);
		size_t length = end ? (size_t)(end - in) - at : n - at;

		if (length && !(names && is_superfluous(in + at, length)))
			put_line(&text, state, in + at, length);
		at += length + 1;
	}
	/* No room for what is denied: then as it came. */
	if (text.is_full) {
		memcpy(out, in, n);
		return n;
	}
	return text.n;
}

size_t message_status(const struct message_state *state,
		      char out[static MESSAGE_SIZE])
{
	struct text text = {.to = out};

	put_status(&text, state, state->status, strlen(state->status));
	return text.n;
}
