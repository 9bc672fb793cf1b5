#include "commands/powers.h"

#include <stdlib.h>

#include "base/util.h"
#include "base/wrap.h"
#include "tables/syscall.h"

void power_line(enum power power, const char *calls)
{
	struct wrap wrap = wrap_start(stdout, 6);

	wrap_entry(stdout, power_name(power), power_opens(power));
	wrap_words(&wrap, calls);
	wrap_end(&wrap);
}

struct jtree *power_add(struct jtree *list, enum power power)
{
	struct jtree *object = jtree_add_object(list);

	jtree_put_text(object, "name", power_name(power));
	jtree_put_text(object, "opens", power_opens(power));
	return object;
}

void powers_put(struct jtree *object, powers set)
{
	struct jtree *list = jtree_put_list(object, "powers");

	for (int p = 0; p < POWER_COUNT; p++)
		if (set & POWER_SET(p))
			jtree_add_text(list, power_name(p));
}

void calls_put(struct jtree *object, const struct calls_list *calls)
{
	struct jtree *list = jtree_put_list(object, "calls");
	char buf[16];

	for (size_t i = 0; i < calls->n; i++)
		jtree_add_text(list, syscall_name(calls->items[i], buf));
}

/* Adds the uses of a call that carry the power: "ioctl with anything else". */
static void add_uses(struct jtree *list, char **text, uint32_t call,
		     enum power power)
{
	const struct power_use *use;

	for (size_t i = 0; (use = power_use_at(call, i)); i++) {
		cleanup_free char *label =
			use->use.rest ? xasprintf("%s with anything else",
						  syscall_row(call)->name)
				      : xstrdup(use->use.label);

		if (use->use.never || !(use->carries & POWER_SET(power)))
			continue;
		jtree_add_text(list, label);
		reprint(text, "%s%s%s", *text, **text ? ", " : "", label);
	}
}

void powers_list(struct jtree *root)
{
	struct jtree *list = jtree_put_list(root, "powers");

	for (int p = 0; p < POWER_COUNT; p++) {
		struct jtree *calls =
			jtree_put_list(power_add(list, p), "calls");
		cleanup_free char *text = xstrdup("");

		for (uint32_t call = 0; call < syscall_count(); call++)
			add_uses(calls, &text, call, p);
		if (!root)
			power_line(p, text);
	}
	if (!root) {
		putchar('\n');
		wrap_text(stdout, "All other calls open nothing: memory, "
			  "waiting, reading clocks, the program's own "
			  "descriptors.");
	}
}
