/* Random policies as text, the way people write them, so that one that fails
 * can be put in a file and tried again. */
#ifndef TEST_RANDOM_POLICY_H
#define TEST_RANDOM_POLICY_H

#include <stdio.h>
#include <stdlib.h>

#include "base/util.h"
#include "random.h"
#include "tables/signature.h"

/* Calls that harm nobody with the arguments that live.h gives them:
 *
 *   f  a descriptor, or a PID, that nobody has; the upper half is anything
 *   0  NULL
 *   1  an address that is no page's
 *   *  anything
 *
 * Registers beyond those hold anything. */
struct pool_call {
	const char *name, *args;
};

static const struct pool_call pool[] = {
	{"getppid", ""},	   {"getuid", ""},
	{"getegid", ""},	   {"read", "f0*"},
	{"write", "f0*"},	   {"readv", "f0*"},
	{"pread64", "f0**"},	   {"pwritev2", "f0****"},
	{"lseek", "f**"},	   {"fsync", "f"},
	{"fdatasync", "f"},	   {"fchmod", "f*"},
	{"fchown", "f**"},	   {"ftruncate", "f*"},
	{"fallocate", "f***"},	   {"fadvise64", "f***"},
	{"fcntl", "f**"},	   {"ioctl", "f**"},
	{"flock", "f*"},	   {"sync_file_range", "f***"},
	{"readahead", "f**"},	   {"close", "f"},
	{"dup", "f"},		   {"dup3", "f**"},
	{"epoll_ctl", "f*f0"},	   {"setsockopt", "f**0*"},
	{"getsockopt", "f**00"},   {"sendto", "f0**0*"},
	{"shutdown", "f*"},	   {"listen", "f*"},
	{"openat", "f0**"},	   {"openat2", "f00*"},
	{"fchmodat", "f0*"},	   {"chmod", "0*"},
	{"mknod", "0**"},	   {"linkat", "f0f0*"},
	{"unlinkat", "f0*"},	   {"statx", "f0**0"},
	{"mprotect", "1**"},	   {"munmap", "1*"},
	{"umask", "*"},		   {"getpgid", "f"},
	{"sched_getscheduler", "f"}, {"clock_gettime", "*0"},
	{"getrandom", "0**"},	   {"tee", "ff**"},
};

/* Errnos that none of these calls answers by itself. */
static const int odd_errnos[] = {51, 52, 54, 55, 118, 119, 120, 200, 300, 511};

struct random_policy {
	struct rng rng;
	const struct pool_call *calls[5]; /* what it is about */
	uint64_t constants[64];		  /* what its conditions look at */
	size_t n_constants;
	char *files[3]; /* texts, the innermost first */
	size_t n;
};

#define PICK(p, array) ((array)[rng_below(&(p)->rng, ARRAY_SIZE(array))])

static inline bool one_in(struct random_policy *p, uint32_t n)
{
	return rng_below(&p->rng, n) == 0;
}

static inline uint64_t remember(struct random_policy *p, uint64_t value)
{
	p->constants[p->n_constants++ % ARRAY_SIZE(p->constants)] = value;
	return value;
}

/* --- conditions ------------------------------------------------------------ */

static inline uint64_t width_of(const struct argument *arg)
{
	return arg->bits < 64 ? (1ull << arg->bits) - 1 : UINT64_MAX;
}

/* Cut to a mask: a comparison with bits outside it would be refused. */
static inline void put_value(struct random_policy *p, FILE *f,
			     const struct argument *arg, uint64_t mask)
{
	uint64_t value = rng_edge(&p->rng) & mask & width_of(arg);

	remember(p, value);
	if (arg->is_signed && arg->bits == 32)
		fprintf(f, "%d", (int)value);
	else if (arg->is_signed)
		fprintf(f, "%lld", (long long)value);
	else
		fprintf(f, "%#llx", (unsigned long long)value);
}

static inline void put_list(struct random_policy *p, FILE *f,
			    const struct argument *arg)
{
	uint32_t n = 1 + rng_below(&p->rng, 3);

	for (uint32_t i = 0; i < n; i++) {
		fputs(i ? ", " : "", f);
		if (one_in(p, 3)) {
			uint64_t low = rng_below(&p->rng, 100);
			uint64_t high = low + rng_below(&p->rng, 100);

			fprintf(f, "%d..%d", (int)remember(p, low),
				(int)remember(p, high));
		} else {
			put_value(p, f, arg, UINT64_MAX);
		}
	}
}

/* by_name: else as arg0, which calls of a group share. */
static inline void put_test(struct random_policy *p, FILE *f,
			    const struct signature *signature, bool by_name)
{
	static const char *const ops[] = {"==", "!=", "<", "<=", ">", ">="};
	uint32_t which = rng_below(&p->rng, (uint32_t)signature->n);
	const struct argument *arg = &signature->args[which];
	uint64_t mask = UINT64_MAX;

	if (by_name)
		fputs(arg->name, f);
	else
		fprintf(f, "arg%u", which);
	if (arg->is_pointer) {
		fputs(one_in(p, 2) ? " == NULL" : " != 0", f);
		return;
	}
	if (one_in(p, 3)) {
		mask = rng_edge(&p->rng) & width_of(arg);
		mask = remember(p, mask ? mask : 1);
		fprintf(f, " & %#llx", (unsigned long long)mask);
	} else if (one_in(p, 4)) {
		fputs(one_in(p, 3) ? " not in (" : " in (", f);
		put_list(p, f, arg);
		fputs(")", f);
		return;
	}
	fprintf(f, " %s ", PICK(p, ops));
	put_value(p, f, arg, mask);
}

static inline void put_cond(struct random_policy *p, FILE *f,
			    const struct signature *signature, bool by_name,
			    int depth)
{
	static const char *const joints[] = {" and ", " or "};

	if (depth == 0 || one_in(p, 2)) {
		put_test(p, f, signature, by_name);
		return;
	}
	if (one_in(p, 4))
		fputs("not ", f);
	fputs("(", f);
	put_cond(p, f, signature, by_name, depth - 1);
	fputs(PICK(p, joints), f);
	put_cond(p, f, signature, by_name, depth - 1);
	fputs(")", f);
}

/* --- lines ------------------------------------------------------------------ */

static inline const char *call_name(struct random_policy *p)
{
	return PICK(p, p->calls)->name;
}

enum { SECTION_ALLOW, SECTION_DENY, SECTION_KILL, SECTION_LOG };

static inline void put_rule(struct random_policy *p, FILE *f, int section)
{
	bool of_group = one_in(p, 10);
	const char *name = call_name(p);
	const struct signature *signature =
		signature_any(syscall_by_name(name));
	bool asks = signature->n && !one_in(p, of_group ? 2 : 5);

	fprintf(f, "%s =", !of_group ? name : asks ? "@own" : "@timer");
	if (section == SECTION_DENY && one_in(p, 2))
		fprintf(f, " %d", PICK(p, odd_errnos));
	else if (!asks)
		fputs(" always", f);
	if (asks) {
		fputs(section == SECTION_ALLOW && one_in(p, 3) ? " only if "
							       : " if ", f);
		put_cond(p, f, signature, !of_group && !one_in(p, 3), 2);
	}
	fputs("\n", f);
}

static inline void put_list_line(struct random_policy *p, FILE *f)
{
	uint32_t n = 1 + rng_below(&p->rng, 3);

	fputs("syscalls =", f);
	while (n--)
		fprintf(f, " %s", one_in(p, 6) ? "@own" : call_name(p));
	if (one_in(p, 8))
		fprintf(f, " %u", 480 + rng_below(&p->rng, 4));
	fputs("\n", f);
}

static inline void put_settings(struct random_policy *p, FILE *f, bool must)
{
	static const char *const actions[] = {"allow", "deny", "kill", "log"};
	static const char *const kernels[] = {"3.0", "5.2", "6.6", "99.0"};

	fputs("[policy]\n", f);
	if (must || one_in(p, 3))
		fprintf(f, "default = %s\n", PICK(p, actions));
	if (one_in(p, 2))
		fprintf(f, "errno = %d\n", PICK(p, odd_errnos));
	if (one_in(p, 2))
		fprintf(f, "kernel = %s\n", PICK(p, kernels));
	if (one_in(p, 2))
		fprintf(f, "foreign = %s\n", one_in(p, 3) ? "kill" : "deny");
	if (one_in(p, 3))
		fputs("architectures = native x86\n", f);
	if (one_in(p, 3))
		fprintf(f, "final = %s\n", one_in(p, 2) ? "yes" : "all");
	if (one_in(p, 3))
		fprintf(f, "quiet = %s %s\n", call_name(p),
			one_in(p, 3) ? "@own" : call_name(p));
}

static inline char *random_file(struct random_policy *p, bool must)
{
	static const char *const sections[] = {"allow", "deny", "kill", "log"};
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		abort();
	put_settings(p, f, must);
	fprintf(f, "[groups]\n@own = %s %s\n", call_name(p), call_name(p));
	for (int i = 0; i < 4; i++) {
		uint32_t n = rng_below(&p->rng, 3);

		if (i == SECTION_KILL && one_in(p, 2))
			continue;
		fprintf(f, "[%s]\n", sections[i]);
		while (n--)
			if (one_in(p, 4))
				put_list_line(p, f);
			else
				put_rule(p, f, i);
	}
	fclose(f);
	return text;
}

/* Not every one is accepted: some contradict themselves. */
static inline void random_policy(struct random_policy *p, uint64_t seed)
{
	*p = (struct random_policy){.rng = {seed * 0x9e3779b97f4a7c15ull | 1}};
	rng_next(&p->rng);
	for (size_t i = 0; i < ARRAY_SIZE(p->calls); i++)
		p->calls[i] = &PICK(p, pool);
	p->n = 1 + rng_below(&p->rng, 3);
	for (size_t i = 0; i < p->n; i++)
		p->files[i] = random_file(p, i == 0);
}

static inline void random_policy_free(struct random_policy *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->files[i]);
}

/* A register near one of the policy's constants, its upper half often filled
 * with what the kernel does not look at. */
static inline uint64_t random_register(struct random_policy *p)
{
	uint64_t value = rng_edge(&p->rng);

	if (p->n_constants && !one_in(p, 4)) {
		size_t n = p->n_constants < ARRAY_SIZE(p->constants)
				   ? p->n_constants
				   : ARRAY_SIZE(p->constants);

		value = p->constants[rng_below(&p->rng, (uint32_t)n)] +
			rng_below(&p->rng, 3) - 1;
	}
	if (one_in(p, 3))
		value = (uint32_t)value | rng_next(&p->rng) << 32;
	return value;
}

#endif
