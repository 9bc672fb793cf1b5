/* A stream that may be a terminal: columns and colour only there. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum style { STYLE_PLAIN, STYLE_BOLD, STYLE_DIM, STYLE_RED, STYLE_YELLOW };

struct screen {
	FILE *out;
	size_t width; /* SIZE_MAX: not a terminal, never cut */
	bool colour;  /* a terminal, and no NO_COLOR (no-color.org) */
	size_t used;  /* columns of the line so far */
};

struct screen screen_on(FILE *out);

/* A piece of a line, cut to what is left of the width; valid UTF-8 without
 * control characters. */
void screen_put(struct screen *screen, enum style style, const char *text);
/* The same, filled up with blanks on the right or, if width is negative, on
 * the left. */
void screen_cell(struct screen *screen, enum style style, const char *text,
		 int width);
void screen_newline(struct screen *screen);
/* A line of its own, whole and escaped. */
void screen_line(FILE *out, enum style style, const char *text);
