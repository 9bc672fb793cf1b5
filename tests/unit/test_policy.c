/* A policy as a whole: its settings, and the mistakes that only show when
 * everything is known. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "model/policy.h"

struct fixture {
	struct policy *policy;
	struct layer *layer;
	struct diags diags;
};

static void set(struct layer *layer, enum setting_id id, int value, int line)
{
	layer->settings[id] =
		(struct setting){value, {layer->file, line}};
}

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->policy = policy_new(ABI_X86_64);
	f->layer = policy_add_layer(f->policy, "a.ini");
	set(f->layer, SET_DEFAULT, ACTION_DENY, 2);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	policy_free(f->policy);
	diags_free(&f->diags);
	cleanup_free_impl(state);
	return 0;
}

static struct rule *add(struct fixture *f, enum action action, int err,
			const char *group, int line)
{
	return policy_add_rule(f->layer, (struct rule){
		.action = action, .err = err, .group = group,
		.at = {f->layer->file, line}});
}

static struct rule *say(struct fixture *f, enum action action, int err,
			const char *call, bool conditional, int line)
{
	struct rule *rule = add(f, action, err, NULL, line);
	const struct cond *c = cond_test(&f->policy->conds, (struct cond){
		.bits = 32, .mask = UINT32_MAX, .value = 1});
	const struct cond *conds[ABI_COUNT] = {c, c, c};

	rule_add_call(rule, syscall_by_name(call), conditional ? conds : NULL);
	return rule;
}

/* Exactly one mistake, at this line, with this text in it. */
static void expect(struct fixture *f, int line, const char *text)
{
	assert_int_equal(policy_check(f->policy, &f->diags), -1);
	assert_int_equal(f->diags.n, 1);
	assert_string_equal(f->diags.items[0].file, "a.ini");
	assert_int_equal(f->diags.items[0].line, line);
	if (!strstr(f->diags.items[0].text, text))
		fail_msg("'%s' lacks '%s'", f->diags.items[0].text, text);
}

static void expect_clean(struct fixture *f)
{
	assert_int_equal(policy_check(f->policy, &f->diags), 0);
	assert_int_equal(f->diags.n, 0);
}

static void test_built_in(void **state)
{
	struct fixture *f = *state;
	const struct setting *e = f->policy->effective;

	expect_clean(f);
	assert_int_equal(e[SET_DEFAULT].value, ACTION_DENY);
	assert_int_equal(e[SET_DEFAULT].at.line, 2);
	assert_int_equal(e[SET_ERRNO].value, EPERM);
	assert_int_equal(e[SET_KERNEL].value, KERNEL(5, 2));
	assert_int_equal(e[SET_FOREIGN].value, ACTION_KILL);
	assert_int_equal(e[SET_ARCHITECTURES].value, 1 << ABI_X86_64);
	assert_int_equal(e[SET_PRIVILEGES].value, 0);
	assert_int_equal(e[SET_SPECULATION].value, 0);
	assert_null(e[SET_ERRNO].at.file);
	assert_true(policy_admits(f->policy, ABI_X86_64));
	assert_false(policy_admits(f->policy, ABI_X86));
}

static void test_outermost_setting_wins(void **state)
{
	struct fixture *f = *state;
	struct layer *outer = policy_add_layer(f->policy, "b.ini");
	struct layer *outermost = policy_add_layer(f->policy, "c.ini");
	const struct setting *e = f->policy->effective;

	set(f->layer, SET_ERRNO, EACCES, 3);
	set(f->layer, SET_KERNEL, KERNEL(6, 1), 4);
	set(outer, SET_ERRNO, ENOENT, 5);
	set(outermost, SET_DEFAULT, ACTION_ALLOW, 6);
	set(outermost, SET_FINAL, 1, 7);
	expect_clean(f);
	assert_int_equal(e[SET_DEFAULT].value, ACTION_ALLOW);
	assert_string_equal(e[SET_DEFAULT].at.file, "c.ini");
	assert_int_equal(e[SET_ERRNO].value, ENOENT);
	assert_string_equal(e[SET_ERRNO].at.file, "b.ini");
	assert_int_equal(e[SET_KERNEL].value, KERNEL(6, 1));
	assert_int_equal(e[SET_FINAL].value, 0);
}

static void test_no_default(void **state)
{
	struct fixture *f = *state;

	f->layer->settings[SET_DEFAULT].at.file = NULL;
	expect(f, 0, "default = deny");
}

static void test_native_left_out(void **state)
{
	struct fixture *f = *state;

	set(f->layer, SET_ARCHITECTURES, 1 << ABI_X86, 9);
	expect(f, 9, "native");
}

static void test_contradiction(void **state)
{
	struct fixture *f = *state;

	say(f, ACTION_ALLOW, ERRNO_UNSET, "write", true, 12);
	say(f, ACTION_DENY, ERRNO_UNSET, "write", false, 5);
	expect(f, 5, "write is denied here and allowed on line 12");
}

static void test_contradiction_kill_log(void **state)
{
	struct fixture *f = *state;

	say(f, ACTION_KILL, ERRNO_UNSET, "write", false, 5);
	say(f, ACTION_LOG, ERRNO_UNSET, "write", false, 7);
	expect(f, 5, "write is killed here and logged on line 7");
}

static void test_contradiction_raw(void **state)
{
	struct fixture *f = *state;

	rule_add_call(add(f, ACTION_ALLOW, ERRNO_UNSET, NULL, 4),
		      CALL_RAW | 499, NULL);
	rule_add_call(add(f, ACTION_ALLOW, ERRNO_UNSET, NULL, 5),
		      CALL_RAW | 500, NULL);
	rule_add_call(add(f, ACTION_DENY, ERRNO_UNSET, NULL, 6),
		      CALL_RAW | 500, NULL);
	expect(f, 6, "500 is denied here and allowed on line 5");
}

static void test_no_contradiction(void **state)
{
	struct fixture *f = *state;
	struct fixture outer = {f->policy, NULL, DIAGS_INIT};

	/* a condition, a group, another file */
	say(f, ACTION_ALLOW, ERRNO_UNSET, "write", false, 4);
	say(f, ACTION_DENY, ERRNO_UNSET, "write", true, 5);
	say(f, ACTION_DENY, ERRNO_UNSET, "read", false, 6);
	rule_add_call(add(f, ACTION_ALLOW, ERRNO_UNSET, "@x", 7),
		      syscall_by_name("read"), NULL);
	outer.layer = policy_add_layer(f->policy, "b.ini");
	say(&outer, ACTION_ALLOW, ERRNO_UNSET, "read", false, 3);
	expect_clean(f);
}

static void test_two_errnos(void **state)
{
	struct fixture *f = *state;

	say(f, ACTION_DENY, EACCES, "write", false, 4);
	say(f, ACTION_DENY, EACCES, "write", false, 5);
	say(f, ACTION_DENY, EROFS, "write", false, 6);
	expect(f, 6, "line 4");
}

static void test_errnos_that_agree(void **state)
{
	struct fixture *f = *state;

	say(f, ACTION_DENY, EACCES, "write", false, 4);
	say(f, ACTION_DENY, EACCES, "write", false, 4);
	say(f, ACTION_DENY, EROFS, "write", true, 5);
	say(f, ACTION_DENY, ERRNO_UNSET, "write", false, 6);
	expect_clean(f);
}

static void test_zero_of_a_call(void **state)
{
	struct fixture *f = *state;

	say(f, ACTION_DENY, 0, "fsync", false, 4);
	say(f, ACTION_DENY, 0, "setuid", true, 5);
	expect(f, 5, "setuid cannot answer errno 0");
}

static void test_zero_of_a_raw_number(void **state)
{
	struct fixture *f = *state;

	rule_add_call(add(f, ACTION_DENY, 0, NULL, 4), CALL_RAW | 500, NULL);
	expect(f, 4, "500 cannot answer errno 0");
}

static void test_zero_of_a_group(void **state)
{
	struct fixture *f = *state;
	struct rule *rule = add(f, ACTION_DENY, 0, "@sync", 4);
	struct rule *bad = add(f, ACTION_DENY, 0, "@bad", 5);

	rule_add_call(rule, syscall_by_name("fsync"), NULL);
	rule_add_call(rule, syscall_by_name("uprobe"), NULL);
	rule_add_call(bad, syscall_by_name("fsync"), NULL);
	rule_add_call(bad, syscall_by_name("openat"), NULL);
	rule_add_call(bad, syscall_by_name("socket"), NULL);
	expect(f, 5, "@bad cannot answer errno 0: openat is in it");
}

static void test_zero_raw_in_a_group(void **state)
{
	struct fixture *f = *state;
	struct rule *rule = add(f, ACTION_DENY, 0, "@g", 4);

	rule_add_call(rule, syscall_by_name("fsync"), NULL);
	rule_add_call(rule, CALL_RAW | 500, NULL);
	expect(f, 4, "500 is in it");
}

static void test_zero_for_everything(void **state)
{
	struct fixture *f = *state;

	set(f->layer, SET_ERRNO, 0, 3);
	set(policy_add_layer(f->policy, "b.ini"), SET_ERRNO, EPERM, 3);
	expect(f, 3, "pretend success");
}

static void test_unfiltered(void **state)
{
	struct fixture *f = *state;

	say(f, ACTION_ALLOW, ERRNO_UNSET, "uretprobe", false, 3);
	rule_add_call(add(f, ACTION_KILL, ERRNO_UNSET, "@g", 4),
		      syscall_by_name("uprobe"), NULL);
	say(f, ACTION_DENY, 0, "uprobe", true, 5);
	expect(f, 5, "does not filter");
}

static void test_all_mistakes_at_once(void **state)
{
	struct fixture *f = *state;

	f->layer->settings[SET_DEFAULT].at.file = NULL;
	say(f, ACTION_DENY, ERRNO_UNSET, "uprobe", false, 3);
	say(f, ACTION_DENY, 0, "open", false, 4);
	say(f, ACTION_ALLOW, ERRNO_UNSET, "open", false, 5);
	assert_int_equal(policy_check(f->policy, &f->diags), -1);
	assert_int_equal(f->diags.n, 4);
}

static void test_entries_keep_their_order(void **state)
{
	struct fixture *f = *state;
	const uint32_t calls[] = {syscall_by_name("write"), CALL_RAW | 499,
				  CALL_RAW | 500};

	for (int line = 1; line <= 300; line++)
		rule_add_call(add(f, ACTION_ALLOW, ERRNO_UNSET, NULL, line),
			      calls[line % 3], NULL);
	for (int i = 0; i < 3; i++) {
		const struct entry *e = layer_entries(f->layer, calls[i]);
		int line = i ? i : 3;

		for (; e; e = e->next, line += 3) {
			assert_int_equal(e->call, calls[i]);
			assert_int_equal(e->rule->at.line, line);
		}
		assert_true(line > 300);
	}
	assert_null(layer_entries(f->layer, CALL_RAW | 501));
	assert_null(layer_entries(f->layer, syscall_by_name("read")));
}

static void test_strings_are_copied(void **state)
{
	struct fixture *f = *state;
	char file[] = "x.ini", group[] = "@g";
	struct layer *layer = policy_add_layer(f->policy, file);
	struct rule *rule = policy_add_rule(layer, (struct rule){
		.action = ACTION_ALLOW, .group = group});

	file[0] = group[1] = 'y';
	assert_string_equal(layer->file, "x.ini");
	assert_string_equal(rule->group, "@g");
	assert_ptr_equal(rule->at.file, layer->file);
	assert_ptr_equal(rule->layer, layer);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_built_in),
		T(test_outermost_setting_wins),
		T(test_no_default),
		T(test_native_left_out),
		T(test_contradiction),
		T(test_contradiction_kill_log),
		T(test_contradiction_raw),
		T(test_no_contradiction),
		T(test_two_errnos),
		T(test_errnos_that_agree),
		T(test_zero_of_a_call),
		T(test_zero_of_a_raw_number),
		T(test_zero_of_a_group),
		T(test_zero_raw_in_a_group),
		T(test_zero_for_everything),
		T(test_unfiltered),
		T(test_all_mistakes_at_once),
		T(test_entries_keep_their_order),
		T(test_strings_are_copied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
