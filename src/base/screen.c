#include "base/screen.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"
#include "base/util.h"

struct screen screen_on(FILE *out)
{
	struct screen screen = {.out = out, .width = SIZE_MAX};
	const char *columns = getenv("COLUMNS"); /* as for man(1) */
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	unsigned long long n;
	struct winsize size;
	int fd = fileno(out);

	if (fd < 0 || !isatty(fd))
		return screen;
	if (columns && parse_u64(columns, &n) && n > 0 && n < UINT16_MAX)
		screen.width = (size_t)n;
	else if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col)
		screen.width = size.ws_col;
	screen.colour = !(no_color && *no_color) && term &&
			!streq(term, "dumb");
	return screen;
}

void screen_put(struct screen *screen, enum style style, const char *text)
{
	static const char *const codes[] = {
		[STYLE_BOLD] = "1",
		[STYLE_DIM] = "2",
		[STYLE_RED] = "31",
		[STYLE_YELLOW] = "33",
	};
	bool styled = screen->colour && style != STYLE_PLAIN;
	size_t bytes = utf8_prefix(text, screen->width - screen->used);

	if (!bytes)
		return;
	if (styled)
		fprintf(screen->out, "\033[%sm", codes[style]);
	fwrite(text, 1, bytes, screen->out);
	if (styled)
		fputs("\033[m", screen->out);
	screen->used += bytes == strlen(text)
				? utf8_columns(text)
				: screen->width - screen->used;
}

void screen_cell(struct screen *screen, enum style style, const char *text,
		 int width)
{
	size_t want = (size_t)abs(width), has = utf8_columns(text);
	int fill = has < want ? (int)(want - has) : 0;
	cleanup_free char *blanks = xasprintf("%*s", fill, "");

	if (width < 0)
		screen_put(screen, STYLE_PLAIN, blanks);
	screen_put(screen, style, text);
	if (width > 0)
		screen_put(screen, STYLE_PLAIN, blanks);
}

void screen_newline(struct screen *screen)
{
	fputc('\n', screen->out);
	screen->used = 0;
}

void screen_line(FILE *out, enum style style, const char *text)
{
	struct screen screen = screen_on(out);
	cleanup_free char *shown = escape_utf8(text, true);

	screen.width = SIZE_MAX;
	screen_put(&screen, style, shown);
	screen_newline(&screen);
}
