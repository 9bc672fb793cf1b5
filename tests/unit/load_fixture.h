/* Policies from files, for the tests of the loader: what they answer, or all
 * that is said against them. */
#ifndef TEST_LOAD_FIXTURE_H
#define TEST_LOAD_FIXTURE_H

#include "formats/load.h"
#include "model/decide.h"
#include "scratch.h"

/* The machine that the tests' policies are for, whichever runs them: they name
 * calls and answers of this one. */
#define MACHINE ABI_X86_64

#define HEAD "[policy]\ndefault = deny\n"

/* Names end with NULL; *got holds the mistakes. */
static inline struct policy *load_for(enum abi_id machine, const char *allow,
				      const char *deny, char **got,
				      const char *const names[])
{
	const char *policies[40];
	struct policy_request request = {
		.policies = policies, .allow = allow, .deny = deny,
		.abi = &abis[machine]};
	struct diags diags = DIAGS_INIT;
	struct policy *policy;

	while (names[request.n]) {
		policies[request.n] = names[request.n];
		request.n++;
	}
	policy = policy_load(&request, &diags);
	assert_int_equal(policy == NULL, diags.n > 0);
	*got = diags_text(&diags);
	diags_free(&diags);
	return policy;
}

static inline struct policy *load_all(const char *allow, const char *deny,
				      char **got, const char *const names[])
{
	return load_for(MACHINE, allow, deny, got, names);
}

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NO_NAMES ((const char *const[]){NULL})

static inline struct policy *must_load(const char *allow, const char *deny,
				       const char *const names[])
{
	char *got;
	struct policy *policy = load_all(allow, deny, &got, names);

	assert_text(got, "");
	free(got);
	return policy;
}

static inline struct policy *load_text(const char *text)
{
	write_text("p.ini", text);
	return must_load(NULL, NULL, NAMES("p.ini"));
}

static inline char *refusal_of(const char *allow, const char *deny,
			       const char *const names[])
{
	char *got;
	struct policy *policy = load_all(allow, deny, &got, names);

	if (policy)
		fprintf(stderr, "%s was accepted\n",
			names[0] ? names[0] : "it");
	assert_null(policy);
	return got;
}

static inline void assert_refused(const char *expected,
				  const char *const names[])
{
	char *got = refusal_of(NULL, NULL, names);

	assert_text(got, expected);
	free(got);
}

static inline struct verdict ask(const struct policy *policy, const char *call)
{
	static const uint64_t args[6];
	int64_t nr = syscall_number(syscall_by_name(call), MACHINE);

	assert_true(nr >= 0);
	return decide(policy, abis[MACHINE].audit_arch, (uint32_t)nr, args);
}

static inline void assert_verdict(const struct policy *policy,
				  const char *call, enum action action,
				  int line)
{
	struct verdict verdict = ask(policy, call);

	if (verdict.action != action || verdict.at.line != line)
		fprintf(stderr, "%s: %s by line %d, expected %s by line %d\n",
			call, action_names[verdict.action], verdict.at.line,
			action_names[action], line);
	assert_int_equal(verdict.action, action);
	assert_int_equal(verdict.at.line, line);
}

static inline const struct rule *rule_of(const struct policy *policy,
					 const char *call)
{
	const struct rule *rule = ask(policy, call).rule;

	assert_non_null(rule);
	return rule;
}

#define in_scratch(test)                                                       \
	cmocka_unit_test_setup_teardown(test, scratch_enter, scratch_leave)

#endif
