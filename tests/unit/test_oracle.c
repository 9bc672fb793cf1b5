/* The meaning of random policies, compared with an oracle that asks the lines
 * themselves for one argument and builds no list. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "scenario.h"

enum { READ = 0 }; /* its number on x86-64 */

static bool matches(enum asks asks, uint64_t arg)
{
	switch (asks) {
	case NONE:
		return true;
	case IS1:
		return arg == 1;
	case IS2:
		return arg == 2;
	case ODD:
		return arg & 1;
	case NEVER:
	case UNASKABLE:
		break;
	}
	return false;
}

/* How strong a line's word is here, 0 if it says nothing: kill 9, deny 5-8,
 * log 4 or 3 (unaskable), allow 2 or 1. */
static int strength(const struct line *line, uint64_t arg)
{
	bool unaskable = line->asks == UNASKABLE;

	if (!unaskable && !matches(line->asks, arg))
		return 0;
	switch (line->action) {
	case KILL:
		return 9;
	case DENY:
		return 5 + 2 * (line->err != 0) +
		       !(line->asks == NONE || unaskable);
	case LOG:
		return unaskable ? 3 : 4;
	default:
		return unaskable ? 1 : 2;
	}
}

static struct verdict answer(const struct scenario *s, const struct line *line,
			     bool closes)
{
	int own = s->layer_errno[line->layer];
	bool unaskable = line->asks == UNASKABLE && action_runs(line->action);
	struct verdict v = {.action = line->action};

	if (closes || unaskable)
		v.action = ACTION_DENY;
	if (v.action != ACTION_DENY)
		return v;
	v.err = own;
	for (int i = 2; i >= 0 && !own && !v.err; i--)
		v.err = s->layer_errno[i];
	if (!v.err)
		v.err = EPERM;
	if (line->err && !closes)
		v.err = line->err - 1;
	if (unaskable && !closes)
		v.err = ENOSYS;
	return v;
}

static bool ask_layer(const struct scenario *s, int layer, uint64_t arg,
		      struct verdict *v)
{
	for (int groups = 0; groups < 2; groups++) {
		const struct line *best = NULL, *only = NULL;

		for (size_t i = 0; i < 8 && s->lines[i].call; i++) {
			const struct line *l = &s->lines[i];

			if (l->layer != layer || (l->group != NULL) != groups)
				continue;
			if (l->only && l->action == ALLOW)
				only = l;
			if (strength(l, arg) >
			    (best ? strength(best, arg) : 0))
				best = l;
		}
		if (!best && !only)
			continue;
		*v = best ? answer(s, best, false) : answer(s, only, true);
		return true;
	}
	return false;
}

static struct verdict oracle(const struct scenario *s, uint64_t arg)
{
	struct verdict v;

	for (int i = 2; i >= 0; i--)
		if (s->final >> i & 1 && ask_layer(s, i, arg, &v) &&
		    !action_runs(v.action))
			return v;
	for (int i = 2; i >= 0; i--)
		if (ask_layer(s, i, arg, &v))
			return v;
	return (struct verdict){.action = s->by_default};
}

static struct line random_line(void)
{
	static const enum action actions[] = {ALLOW, ALLOW, LOG, DENY, DENY,
					      KILL};
	static const int errnos[] = {0, 0, ERR(EROFS), ERR(EACCES)};
	struct line line = {
		.layer = rand() % 3,
		.action = actions[rand() % 6],
		.call = "read",
		.asks = (enum asks)(rand() % 6),
		.group = rand() % 2 ? "@g" : NULL,
	};

	if (line.action == DENY)
		line.err = errnos[rand() % 4];
	if (line.action == ALLOW)
		line.only = rand() % 3 == 0;
	return line;
}

static void test_random_policies(void **state)
{
	(void)state;
	srand(1);
	for (int round = 0; round < 50000; round++) {
		struct scenario s = {
			.by_default = rand() % 2 ? ALLOW : KILL,
			.final = (unsigned)rand() % 8,
			.layer_errno = {rand() % 2 ? EIO : 0, 0,
					rand() % 2 ? ENXIO : 0},
		};
		struct policy *policy;
		int n = 1 + rand() % 7;

		for (int i = 0; i < n; i++)
			s.lines[i] = random_line();
		policy = build(&s);
		for (uint64_t arg = 0; arg < 4; arg++) {
			const uint64_t args[6] = {arg};
			struct verdict want = oracle(&s, arg);
			struct verdict got = decide(policy, X64, READ, args);

			if (!verdict_same(&got, &want))
				fail_msg("round %d, read(%d): %s %d, not %s %d",
					 round, (int)arg,
					 action_names[got.action], got.err,
					 action_names[want.action], want.err);
		}
		policy_free(policy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_policies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
