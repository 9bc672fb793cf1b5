#include "service/message.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"

static void put_status(FILE *to, const struct message_state *state,
		       const char *own, size_t n)
{
	fprintf(to, "STATUS=%.*s", (int)n, own);
	if (*state->denied)
		fprintf(to, n ? " (sandbox: %s)" : "sandbox: %s", state->denied);
}

/* The length of what was written; SIZE_MAX: too long. */
static size_t finish(FILE *to)
{
	long n = fflush(to) ? -1 : ftell(to);

	fclose(to);
	return n >= 0 && n <= MESSAGE_LIMIT ? (size_t)n : SIZE_MAX;
}

void message_set_denied(struct message_state *state, const char *what,
			size_t calls, uint64_t hits)
{
	snprintf(state->denied, sizeof(state->denied),
		 "%zu %s call%s, %" PRIu64 " hit%s", calls, what,
		 calls == 1 ? "" : "s", hits, hits == 1 ? "" : "s");
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

/* The line at *at, which goes on to the next; false behind the last. */
static bool next_line(const char *in, size_t n, size_t *at, const char **line,
		      size_t *length)
{
	const char *end;

	if (*at >= n)
		return false;
	*line = in + *at;
	end = memchr(*line, '\n', n - *at);
	*length = end ? (size_t)(end - *line) : n - *at;
	*at += *length + 1;
	return true;
}

static bool has_line_of_cmd(const struct message_state *state, const char *in,
			    size_t n)
{
	const char *line;
	size_t at = 0, length;

	while (next_line(in, n, &at, &line, &length))
		if (names_cmd(state, line, length))
			return true;
	return false;
}

/* MAINPIDFDID= and MAINPIDFD= (systemd 257) say the same another way. */
static bool is_superfluous(const char *line, size_t n)
{
	return value_of(line, n, "MAINPID=") ||
	       value_of(line, n, "MAINPIDFD=") ||
	       value_of(line, n, "MAINPIDFDID=");
}

static void put_line(FILE *to, struct message_state *state, const char *line,
		     size_t n)
{
	const char *status = value_of(line, n, "STATUS=");

	if (ftell(to))
		fputc('\n', to);
	if (status) {
		n -= (size_t)(status - line);
		snprintf(state->status, STATUS_SIZE, "%.*s", (int)n, status);
		put_status(to, state, status, n);
	} else {
		fwrite(line, 1, n, to);
	}
}

size_t message_rewrite(struct message_state *state, const char *in, size_t n,
		       char out[static MESSAGE_SIZE])
{
	const bool names = has_line_of_cmd(state, in, n);
	/* A NUL inside or too long: systemd's to ignore, as ever. */
	const bool is_text = n <= MESSAGE_LIMIT && !memchr(in, '\0', n);
	FILE *to = is_text ? fmemopen(out, MESSAGE_SIZE, "w") : NULL;
	const char *line;
	size_t at = 0, length, written = SIZE_MAX;

	while (to && next_line(in, n, &at, &line, &length))
		if (length && !(names && is_superfluous(line, length)))
			put_line(to, state, line, length);
	if (to)
		written = finish(to);
	if (written != SIZE_MAX)
		return written;
	/* No room for what is denied: then as it came. */
	memcpy(out, in, n);
	return n;
}

size_t message_status(const struct message_state *state,
		      char out[static MESSAGE_SIZE])
{
	FILE *to = fmemopen(out, MESSAGE_SIZE, "w");

	if (!to)
		return 0;
	put_status(to, state, state->status, strlen(state->status));
	return finish(to);
}
