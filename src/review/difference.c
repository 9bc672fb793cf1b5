#include "review/difference.h"

#include <stdlib.h>

#include "base/util.h"
#include "formats/condition_print.h"
#include "formats/settings.h"
#include "review/sample.h"
#include "tables/syscall.h"

struct comparison {
	const struct policy *a, *b;
	struct diagram_store *store;
	struct decision in_a, in_b; /* of the number compared last */
	struct differences *out;
	enum abi_id abi;
	/* the first number without a name that differs, NR_SKIPPED: none */
	uint32_t unnamed_nr;
};

static struct difference *add(struct comparison *c, char *what, char *a,
			      char *b)
{
	struct differences *out = c->out;
	struct difference *row;

	out->items = grow(out->items, out->n, &out->cap, sizeof(*out->items));
	row = &out->items[out->n++];
	*row = (struct difference){.what = what, .a = a, .b = b};
	return row;
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
	char buf[32];

	while (n > 0 && effect_of(&decision->clauses[n - 1].verdict) == rest)
		n--;
	for (size_t i = 0; i < n; i++) {
		const struct clause *clause = &decision->clauses[i];
		cleanup_free char *cond =
			condition_text(clause->cond, abi, call);

		reprint(&text, "%s%s if %s, ", text,
			effect_text(effect_of(&clause->verdict), buf), cond);
	}
	reprint(&text, "%s%s%s", text, n ? "else " : "",
		effect_text(rest, buf));
	return text;
}

/* The first clause with an effect stands for all with it. */
static bool is_first(const struct decision *decision, size_t i)
{
	effect e = effect_of(&decision->clauses[i].verdict);

	for (size_t j = 0; j < i; j++)
		if (effect_of(&decision->clauses[j].verdict) == e)
			return false;
	return true;
}

static void add_class(struct comparison *c, struct difference *row, effect a,
		      effect b)
{
	diagram both = diagram_and(c->store, effect_where(c->store, &c->in_a, a),
				   effect_where(c->store, &c->in_b, b));
	struct sample sample = {0};

	sample_use(&sample, &c->in_a);
	sample_use(&sample, &c->in_b);
	if (!sample_find(&sample, c->store, both, row->call))
		return;
	row->classes = grow(row->classes, row->n_classes, &row->cap_classes,
			    sizeof(*row->classes));
	row->classes[row->n_classes++] = (struct difference_class){
		a, b, sample_text(&sample, row->abi, row->call)};
}

/* Every pair of answers that some arguments get. */
static void add_classes(struct comparison *c, struct difference *row)
{
	for (size_t i = 0; i < c->in_a.n; i++)
		for (size_t j = 0; j < c->in_b.n; j++) {
			effect a = effect_of(&c->in_a.clauses[i].verdict);
			effect b = effect_of(&c->in_b.clauses[j].verdict);

			if (a != b && is_first(&c->in_a, i) &&
			    is_first(&c->in_b, j))
				add_class(c, row, a, b);
		}
}

/* ---------------------------------------------------------------- one call */

static char *label(enum abi_id abi, const char *name)
{
	return abi == ABI_NATIVE ? xstrdup(name)
				 : xasprintf("%s (%s)", name, abis[abi].name);
}

/* Fills in_a and in_b; false if the two do the same. */
static int compare(struct comparison *c, uint32_t audit_arch, uint32_t nr,
		   bool *differ)
{
	diagram a, b;

	decide_call(c->a, audit_arch, nr, &c->in_a);
	decide_call(c->b, audit_arch, nr, &c->in_b);
	a = effect_diagram(c->store, &c->in_a);
	b = effect_diagram(c->store, &c->in_b);
	*differ = a != b;
	return a == DIAGRAM_NONE || b == DIAGRAM_NONE ? -1 : 0;
}

static void add_call(struct comparison *c, uint32_t nr, uint32_t call)
{
	bool plain = c->in_a.n == 1 && c->in_b.n == 1;
	struct difference *row;
	char buf[16];

	row = add(c, label(c->abi, syscall_name(call, buf)),
		  decision_text(&c->in_a, c->abi, call),
		  decision_text(&c->in_b, c->abi, call));
	row->is_call = true;
	row->abi = c->abi;
	row->nr = nr;
	row->call = call;
	if (!plain)
		add_classes(c, row);
}

/* One number stands for its like. */
static void add_unnamed(struct comparison *c, uint32_t nr, const char *what)
{
	uint32_t arch = abis[c->abi].audit_arch;

	decide_call(c->a, arch, nr, &c->in_a);
	decide_call(c->b, arch, nr, &c->in_b);
	add(c, label(c->abi, what), decision_text(&c->in_a, c->abi, CALL_NONE),
	    decision_text(&c->in_b, c->abi, CALL_NONE));
}

static bool is_named_by(const struct policy *policy, uint32_t call)
{
	for (size_t i = 0; i < policy->n_layers; i++)
		if (layer_entries(policy->layers[i], call))
			return true;
	return false;
}

static int compare_number(struct comparison *c, uint32_t nr)
{
	uint32_t call = syscall_by_number(c->abi, nr);
	bool differ;

	diagram_store_reset(c->store);
	if (compare(c, abis[c->abi].audit_arch, nr, &differ) < 0)
		return -1;
	if (!differ)
		return 0;
	if (syscall_row(call) || is_named_by(c->a, call) ||
	    is_named_by(c->b, call)) {
		add_call(c, nr, call);
		return 0;
	}
	if (nr > syscall_last(c->abi))
		add_unnamed(c, nr, "numbers above the last name");
	else if (c->unnamed_nr == NR_SKIPPED)
		c->unnamed_nr = nr;
	return 0;
}

/* Raw numbers above the table's that a policy names. */
static int compare_raw(struct comparison *c, const struct policy *policy,
		       const struct policy *before)
{
	for (size_t i = 0; i < policy->n_layers; i++)
		for (const struct entry *e = policy->layers[i]->raw; e;
		     e = e->next_raw) {
			uint32_t nr = e->call & ~CALL_RAW;

			if (nr <= syscall_last(c->abi) + 1 ||
			    syscall_number(e->call, c->abi) < 0 ||
			    (before && is_named_by(before, e->call)))
				continue;
			if (compare_number(c, nr) < 0)
				return -1;
		}
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct difference *)a)->what,
		      ((const struct difference *)b)->what);
}

static int compare_abi(struct comparison *c, uint32_t *call)
{
	size_t first = c->out->n;

	c->unnamed_nr = NR_SKIPPED;
	for (uint32_t nr = 0; nr <= syscall_last(c->abi) + 1; nr++)
		if (compare_number(c, nr) < 0) {
			*call = syscall_by_number(c->abi, nr);
			return -1;
		}
	if (compare_raw(c, c->a, NULL) < 0 || compare_raw(c, c->b, c->a) < 0) {
		*call = CALL_NONE;
		return -1;
	}
	if (c->out->n > first)
		qsort(c->out->items + first, c->out->n - first,
		      sizeof(*c->out->items), by_name);
	if (c->unnamed_nr != NR_SKIPPED)
		add_unnamed(c, c->unnamed_nr, "numbers without a name");
	return 0;
}

/* ---------------------------------------------------------------- settings */

static void compare_setting(struct comparison *c, enum setting_id id)
{
	int a = c->a->effective[id].value, b = c->b->effective[id].value;

	if (a != b)
		add(c, xstrdup(setting_key(id)), setting_text(id, a),
		    setting_text(id, b));
}

/* x32 stands for every ABI that neither can admit. */
static void compare_foreign(struct comparison *c)
{
	bool differ;

	compare(c, abis[ABI_X86_64].audit_arch, X32_BIT, &differ);
	if (differ)
		add(c, xstrdup("foreign ABIs"),
		    decision_text(&c->in_a, ABI_NATIVE, CALL_NONE),
		    decision_text(&c->in_b, ABI_NATIVE, CALL_NONE));
}

/* What is admitted by one of the two only is foreign to the other. */
static void compare_admission(struct comparison *c, enum abi_id abi)
{
	bool in_a = policy_admits(c->a, abi);
	char *a, *b;

	decide_call(c->a, abis[abi].audit_arch, 0, &c->in_a);
	decide_call(c->b, abis[abi].audit_arch, 0, &c->in_b);
	a = in_a ? xstrdup("admitted")
		 : decision_text(&c->in_a, abi, CALL_NONE);
	b = in_a ? decision_text(&c->in_b, abi, CALL_NONE)
		 : xstrdup("admitted");
	add(c, xasprintf("all calls of %s", abis[abi].name), a, b);
}

static int compare_all(struct comparison *c, uint32_t *call)
{
	compare_setting(c, SET_PRIVILEGES);
	compare_setting(c, SET_SPECULATION);
	compare_foreign(c);
	for (int abi = 0; abi < ABI_COUNT; abi++) {
		bool a = abi_counts(c->a, abi), b = abi_counts(c->b, abi);

		c->abi = (enum abi_id)abi;
		if (a != b)
			compare_admission(c, c->abi);
		else if (a && compare_abi(c, call) < 0)
			return -1;
	}
	return 0;
}

int differences_find(const struct policy *a, const struct policy *b,
		     struct differences *out, uint32_t *call)
{
	struct comparison c = {
		.a = a,
		.b = b,
		.store = diagram_store_new(DIAGRAM_BUDGET),
		.out = out,
	};
	int ret = compare_all(&c, call);

	decision_free(&c.in_a);
	decision_free(&c.in_b);
	diagram_store_free(c.store);
	return ret;
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
	*differences = DIFFERENCES_INIT;
}
