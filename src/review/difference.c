#include "review/difference.h"

#include <stdlib.h>

#include "base/util.h"
#include "formats/condition.h"
#include "formats/settings.h"
#include "tables/syscall.h"

struct comparison {
	const struct policy *a, *b;
	struct diagram_store *store;
	struct decision in_a, in_b; /* of the number compared last */
	struct differences *out;
	enum abi_id abi;
	/* whose conditions are too large, so that no more is compared;
	 * CALL_NONE: no call's are */
	uint32_t too_large;
	/* the first number without a name that differs, NR_SKIPPED: none */
	uint32_t unnamed_nr;
};

static struct difference *add(struct comparison *c, char *what, char *a,
			      char *b)
{
	struct difference *place =
		&push(c->out->items, c->out->n, c->out->cap);

	*place = (struct difference){.what = what, .a = a, .b = b};
	return place;
}

/* ------------------------------------------------------------ one decision */

/* "allow if family == AF_UNIX, else deny EPERM".  What ends like the rest is
 * not told. */
static char *decision_text(const struct decision *decision, enum abi_id abi,
			   uint32_t call)
{
	size_t n = decision->n - 1;
	effect rest = effect_of(&decision->clauses[n].verdict);
	char *text = xstrdup("");

	while (n > 0 && effect_of(&decision->clauses[n - 1].verdict) == rest)
		n--;
	for (size_t i = 0; i < n; i++) {
		const struct clause *clause = &decision->clauses[i];
		cleanup_free char *cond =
			condition_text(clause->cond, abi, call);

		reprint(&text, "%s%s if %s, ", text,
			effect_name(effect_of(&clause->verdict)), cond);
	}
	reprint(&text, "%s%s%s", text, n ? "else " : "",
		effect_name(rest));
	return text;
}

static void add_class(struct comparison *c, struct difference *row, effect a,
		      effect b)
{
	diagram both = diagram_and(c->store, effect_where(c->store, &c->in_a, a),
				   effect_where(c->store, &c->in_b, b));
	char *sample;

	for (size_t i = 0; i < row->n_classes; i++)
		if (row->classes[i].a == a && row->classes[i].b == b)
			return;
	sample = sample_text(c->store, both, row->abi, row->call,
			     decision_args(&c->in_a) | decision_args(&c->in_b),
			     0);
	if (sample)
		push(row->classes, row->n_classes, row->cap_classes) =
			(struct difference_class){a, b, sample};
}

/* Every pair of answers that some arguments get. */
static void add_classes(struct comparison *c, struct difference *row)
{
	for (size_t i = 0; i < c->in_a.n; i++)
		for (size_t j = 0; j < c->in_b.n; j++) {
			effect a = effect_of(&c->in_a.clauses[i].verdict);
			effect b = effect_of(&c->in_b.clauses[j].verdict);

			if (a != b)
				add_class(c, row, a, b);
		}
}

/* ---------------------------------------------------------------- one call */

static char *label(const struct comparison *c, const char *name)
{
	return c->abi == c->a->machine
		       ? xstrdup(name)
		       : xasprintf("%s (%s)", name, abis[c->abi].name);
}

static void decide_both(struct comparison *c, uint32_t audit_arch, uint32_t nr)
{
	decide_call(c->a, audit_arch, nr, &c->in_a);
	decide_call(c->b, audit_arch, nr, &c->in_b);
}

/* What the two answer, as decided last. */
static struct difference *add_decisions(struct comparison *c, char *what,
					uint32_t call)
{
	return add(c, what, decision_text(&c->in_a, c->abi, call),
		   decision_text(&c->in_b, c->abi, call));
}

static void add_call(struct comparison *c, uint32_t nr, uint32_t call)
{
	struct difference *row = add_decisions(
		c, label(c, syscall_text(call)), call);

	row->is_call = true;
	row->abi = c->abi;
	row->nr = nr;
	row->call = call;
	if (c->in_a.n > 1 || c->in_b.n > 1)
		add_classes(c, row);
}

static void compare_number(struct comparison *c, uint32_t nr)
{
	uint32_t call = syscall_by_number(c->abi, nr);
	diagram a, b;

	if (c->too_large != CALL_NONE)
		return;
	diagram_store_reset(c->store);
	decide_both(c, abis[c->abi].audit_arch, nr);
	a = effect_diagram(c->store, &c->in_a);
	b = effect_diagram(c->store, &c->in_b);
	if (a == DIAGRAM_NONE || b == DIAGRAM_NONE) {
		c->too_large = call;
	} else if (a == b) {
		return;
	} else if (syscall_row(call) || policy_names(c->a, call) ||
		   policy_names(c->b, call)) {
		add_call(c, nr, call);
	} else if (nr > syscall_last(c->abi)) {
		/* one number stands for its like */
		add_decisions(c, label(c, "numbers above the last name"),
			      CALL_NONE);
	} else if (c->unnamed_nr == NR_SKIPPED) {
		c->unnamed_nr = nr;
	}
}

/* The next number above the table's that one of the two names. */
static uint32_t next_raw(const struct comparison *c, uint32_t above)
{
	uint32_t a = policy_next_raw(c->a, c->abi, above);
	uint32_t b = policy_next_raw(c->b, c->abi, above);

	return a < b ? a : b;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct difference *)a)->what,
		      ((const struct difference *)b)->what);
}

static void compare_abi(struct comparison *c)
{
	size_t first = c->out->n;
	uint32_t last = syscall_last(c->abi) + 1;

	c->unnamed_nr = NR_SKIPPED;
	for (uint32_t nr = 0; nr != UINT32_MAX;
	     nr = nr < last ? nr + 1 : next_raw(c, nr))
		compare_number(c, nr);
	if (c->out->n > first)
		qsort(c->out->items + first, c->out->n - first,
		      sizeof(*c->out->items), by_name);
	if (c->unnamed_nr != NR_SKIPPED) {
		decide_both(c, abis[c->abi].audit_arch, c->unnamed_nr);
		add_decisions(c, label(c, "numbers without a name"),
			      CALL_NONE);
	}
}

/* ---------------------------------------------------------------- settings */

static void compare_setting(struct comparison *c, enum setting_id id)
{
	int a = c->a->effective[id].value, b = c->b->effective[id].value;

	if (a != b)
		add(c, xstrdup(setting_key(id)), setting_text(id, a),
		    setting_text(id, b));
}

/* One that is none stands for every ABI that neither can admit. */
static void compare_foreign(struct comparison *c)
{
	decide_both(c, 0, 0);
	if (effect_of(&c->in_a.clauses[0].verdict) !=
	    effect_of(&c->in_b.clauses[0].verdict))
		add_decisions(c, xstrdup("foreign ABIs"), CALL_NONE);
}

/* What is admitted by one of the two only is foreign to the other. */
static void compare_admission(struct comparison *c, bool in_a)
{
	char *admitted = xstrdup("admitted"), *foreign;

	decide_both(c, abis[c->abi].audit_arch, 0);
	foreign = decision_text(in_a ? &c->in_b : &c->in_a, c->abi, CALL_NONE);
	add(c, xasprintf("all calls of %s", abis[c->abi].name),
	    in_a ? admitted : foreign, in_a ? foreign : admitted);
}

int differences_find(const struct policy *a, const struct policy *b,
		     struct differences *out, uint32_t *call)
{
	struct comparison c = {
		.a = a,
		.b = b,
		.store = diagram_store_new(DIAGRAM_BUDGET),
		.out = out,
		.too_large = CALL_NONE,
	};

	compare_setting(&c, SET_PRIVILEGES);
	compare_setting(&c, SET_SPECULATION);
	compare_foreign(&c);
	for (int abi = 0; abi < ABI_COUNT; abi++) {
		bool in_a = abi_counts(a, abi), in_b = abi_counts(b, abi);

		c.abi = (enum abi_id)abi;
		if (in_a != in_b)
			compare_admission(&c, in_a);
		else if (in_a)
			compare_abi(&c);
	}
	decision_free(&c.in_a);
	decision_free(&c.in_b);
	diagram_store_free(c.store);
	*call = c.too_large;
	return c.too_large == CALL_NONE ? 0 : -1;
}

void differences_free(struct differences *differences)
{
	for (size_t i = 0; i < differences->n; i++) {
		struct difference *row = &differences->items[i];

		free(row->what);
		free(row->a);
		free(row->b);
		for (size_t j = 0; j < row->n_classes; j++)
			free(row->classes[j].sample);
		free(row->classes);
	}
	free(differences->items);
	*differences = (struct differences){0};
}
