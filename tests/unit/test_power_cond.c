/* The table of powers as conditions: they say what the table says, and what a
 * person would write. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "formats/condition.h"
#include "model/power_cond.h"
#include "random.h"
#include "tables/signature.h"
#include "tables/syscall.h"

static void check_text(const char *name, powers allowed, const char *expected)
{
	struct arena arena = ARENA_INIT;
	uint32_t call = syscall_by_name(name);
	char *text = condition_text(power_cond(&arena, call, allowed),
				    ABI_X86_64, call);

	assert_string_equal(text, expected);
	free(text);
	arena_free(&arena);
}

static void test_texts(void **state)
{
	(void)state;
	check_text("read", 0, "always");
	check_text("execve", 0, "never");
	check_text("execve", POWER_SET(POWER_EXEC), "always");
	check_text("openat", 0, "flags & O_WRITES == 0");
	check_text("openat", POWER_SET(POWER_WRITE_FILES), "always");
	check_text("mmap", 0,
		   "prot & (PROT_WRITE|PROT_EXEC) != PROT_WRITE|PROT_EXEC");
	check_text("mprotect", 0, "prot & PROT_EXEC == 0");
	check_text("sendto", 0, "addr == NULL");
	check_text("socketpair", 0, "family == AF_UNIX");
	check_text("socket", POWER_SET(POWER_SOCKET_UNIX),
		   "family == AF_UNIX");
	check_text("socket",
		   POWER_SET(POWER_SOCKET_UNIX) | POWER_SET(POWER_SOCKET_TCP),
		   "family == AF_UNIX or "
		   "family == AF_INET and type & SOCK_TYPE_MASK == SOCK_STREAM "
		   "or family == AF_INET6 and type & SOCK_TYPE_MASK == "
		   "SOCK_STREAM");
	check_text("ioctl", ~POWER_SET(POWER_TERMINAL_INPUT),
		   "cmd not in (TIOCLINUX, TIOCSTI)");
}

/* A register that some use of the call asks for, or any. */
static uint64_t pick(struct rng *rng, uint32_t call, int arg)
{
	const struct power_use *use = power_uses(call);
	uint32_t n = 0;

	for (; use; use = use->next)
		n++;
	use = power_uses(call);
	for (n = n ? rng_below(rng, n) : 0; n; n--)
		use = use->next;
	for (int i = 0; use && i < use->use.n; i++)
		if (use->use.tests[i].arg == arg)
			return use->use.tests[i].value ^
			       (rng_below(rng, 3) ? 0 : rng_edge(rng));
	return rng_edge(rng);
}

static void test_says_what_the_table_says(void **state)
{
	struct rng rng = {0x9e3779b97f4a7c15ull};
	struct arena arena = ARENA_INIT;

	(void)state;
	for (uint32_t call = 0; call < syscall_count(); call++) {
		if (!signature_of(ABI_X86_64, call))
			continue;
		for (int i = 0; i < 300; i++) {
			powers allowed = rng_next(&rng) | rng_next(&rng);
			const struct cond *cond =
				power_cond(&arena, call, allowed);
			uint64_t args[6];

			for (int a = 0; a < 6; a++)
				args[a] = pick(&rng, call, a);
			if (cond_holds(cond, args) !=
			    !(powers_at(ABI_X86_64, call, args) & ~allowed))
				fail_msg("%s, allowed %#jx", syscall_row(call)->name,
					 (uintmax_t)allowed);
			if (cond == &cond_never)
				break;
		}
		arena_reset(&arena);
	}
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_says_what_the_table_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
