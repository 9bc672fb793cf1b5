#include "commands/powers.h"

#include <stdlib.h>

#include "base/util.h"
#include "base/wrap.h"
#include "tables/syscall.h"

/* The calls stand below what they open. */
enum { CALLS_INDENT = 6 };

void power_line(FILE *out, enum power power, const char *calls)
{
	struct wrap wrap = wrap_start(out, CALLS_INDENT);

	wrap_entry(out, power_name(power), power_opens(power));
	wrap_words(&wrap, calls);
	wrap_end(&wrap);
}

static struct jtree *put_power(struct jtree *list, enum power power)
{
	struct jtree *object = jtree_add_object(list);

	jtree_put_text(object, "name", power_name(power));
	jtree_put_text(object, "opens", power_opens(power));
	return object;
}

void opened_put(struct jtree *object, const struct opened *opened)
{
	struct jtree *list = jtree_put_list(object, "powers");
	char buf[16];

	for (int p = 0; p < POWER_COUNT; p++) {
		struct jtree *calls;

		if (!opened[p].open)
			continue;
		calls = jtree_put_list(put_power(list, p), "calls");
		for (size_t i = 0; i < opened[p].calls.n; i++)
			jtree_add_text(calls,
				       syscall_name(opened[p].calls.items[i],
						    buf));
	}
}

void powers_put(struct jtree *object, powers set)
{
	struct jtree *list = jtree_put_list(object, "powers");

	for (int p = 0; p < POWER_COUNT; p++)
		if (set & POWER_SET(p))
			jtree_add_text(list, power_name(p));
}

/* The next use of any call that carries the power, in the order of the calls;
 * start with a zeroed place. */
struct place {
	uint32_t call;
	size_t use;
};

static const struct power_use *next_use(enum power power, struct place *place)
{
	for (; place->call < syscall_count(); place->call++, place->use = 0) {
		const struct power_use *use;

		while ((use = power_use_at(place->call, place->use++)))
			if (use->carries & POWER_SET(power) && !use->use.never)
				return use;
	}
	return NULL;
}

/* "ioctl with others" */
static const char *label_of(const struct power_use *use, char **owned)
{
	*owned = use->use.rest ? xasprintf("%s with anything else",
					   syscall_row(use->use.call)->name)
			       : NULL;
	return *owned ? *owned : use->use.label;
}

void powers_list_text(FILE *out)
{
	for (int p = 0; p < POWER_COUNT; p++) {
		struct wrap wrap = wrap_start(out, CALLS_INDENT);
		const struct power_use *use, *next;
		struct place place = {0};

		power_line(out, p, "");
		for (use = next_use(p, &place); use; use = next) {
			cleanup_free char *owned = NULL, *words = NULL;

			next = next_use(p, &place);
			words = xasprintf("%s%s", label_of(use, &owned),
					  next ? "," : "");
			wrap_words(&wrap, words);
		}
		wrap_end(&wrap);
	}
	fputc('\n', out);
	wrap_text(out, "All other calls open nothing: memory, waiting, reading "
		       "clocks, the program's own descriptors.");
}

void powers_list_json(FILE *out)
{
	struct jtree *root = jtree_new(), *list;

	jtree_put_number(root, "version", 1);
	list = jtree_put_list(root, "powers");
	for (int p = 0; p < POWER_COUNT; p++) {
		struct jtree *calls =
			jtree_put_list(put_power(list, p), "calls");
		const struct power_use *use;
		struct place place = {0};

		while ((use = next_use(p, &place))) {
			cleanup_free char *owned = NULL;

			jtree_add_text(calls, label_of(use, &owned));
		}
	}
	jtree_print(root, out);
}
