/* What a tracer adds, so that CMD cannot arrange for an answer of its own to
 * a denied call: a listener of CMD's would be asked before the tracer, and an
 * untraced child could be traced by CMD itself.  Flags only, which lie in
 * registers; clone3 has them in memory.
 *
 * A debugger's PTRACE_TRACEME the kernel would refuse just so, since its caller
 * has a tracer already; here it is to be heard of. */
#include <errno.h>
#include <linux/seccomp.h>
#include <sched.h>

#include "base/util.h"
#include "model/layers.h"

#define FLAG_SET(n, flag)                                                      \
	{.kind = COND_TEST, .arg = (n), .bits = 32, .op = OP_EQ,               \
	 .mask = (flag), .value = (flag)}

static const struct tracer_rule {
	unsigned bit; /* in policy->tracer_rules */
	const char *call;
	int err;
	bool always, told;
	struct cond test; /* unless always */
} rules[] = {
	{ADD_NO_LISTENER, "seccomp", EBUSY, false, false,
	 FLAG_SET(1, SECCOMP_FILTER_FLAG_NEW_LISTENER)},
	{ADD_NO_UNTRACED, "clone", EPERM, false, false,
	 FLAG_SET(0, CLONE_UNTRACED)},
	{ADD_NO_UNTRACED, "clone3", ENOSYS, .always = true},
	{ADD_NO_UNTRACED, "ptrace", EPERM, .told = true,
	 .test = {.kind = COND_TEST, .arg = 0, .bits = 64, .op = OP_EQ,
		  .mask = ~UINT64_C(0), .value = REQUEST_TRACEME}},
};

static const struct tracer_rule *find(unsigned bits, uint32_t call)
{
	const struct syscall_row *row = syscall_row(call);

	if (!row)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (bits & rules[i].bit && streq(rules[i].call, row->name))
			return &rules[i];
	return NULL;
}

static bool runs(const struct clause *clause)
{
	return action_runs(clause->verdict.action);
}

static void replace(struct decision *out, struct verdict verdict)
{
	for (size_t i = 0; i < out->n; i++)
		if (runs(&out->clauses[i]))
			out->clauses[i].verdict = verdict;
}

/* Before each clause that runs, a copy of it that denies; from the end, so
 * that everything moves once. */
static void insert(struct writer *writer, const struct cond *test,
		   struct verdict verdict)
{
	struct decision *out = writer->out;
	size_t n = out->n, to;

	for (size_t i = 0; i < n; i++) {
		if (!runs(&out->clauses[i]))
			continue;
		out->clauses = grow(out->clauses, out->n, &out->cap,
				    sizeof(*out->clauses));
		out->n++;
	}
	to = out->n;
	for (size_t i = n; i-- > 0;) {
		struct clause c = out->clauses[i];

		out->clauses[--to] = c;
		if (runs(&c))
			out->clauses[--to] = (struct clause){
				cond_and(&out->conds, c.cond, test),
				verdict,
			};
	}
}

void insert_tracer_rules(struct writer *writer, uint32_t call)
{
	const struct tracer_rule *rule =
		find(writer->policy->tracer_rules, call);
	struct verdict verdict;

	if (!rule)
		return;
	verdict = (struct verdict){
		.action = ACTION_DENY, .err = rule->err, .kind = BY_TRACER,
		.told = rule->told};
	if (rule->always)
		replace(writer->out, verdict);
	else
		insert(writer, &rule->test, verdict);
}
