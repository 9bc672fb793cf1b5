/* Conditions that make no sense are found, and those that do are not. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/load.h"

/* What is said of a policy with these lines behind [policy]; "" if nothing. */
static char *said(const char *lines)
{
	char path[] = "/tmp/sandbox-vacuous-XXXXXX.ini";
	const char *names[] = {path};
	struct policy_request request = {.policies = names, .n = 1};
	struct diags diags = DIAGS_INIT;
	struct policy *policy;
	char *text = NULL;
	size_t size;
	FILE *out;
	int fd = mkstemps(path, 4);

	assert_true(fd >= 0);
	dprintf(fd, "[policy]\n%s\n", lines);
	close(fd);
	policy = policy_load(&request, &diags);
	unlink(path);
	assert_int_equal(!policy, diags.n > 0);
	out = open_memstream(&text, &size);
	diags_print(&diags, out);
	fclose(out);
	diags_free(&diags);
	policy_free(policy);
	return text;
}

static void expect(const char *lines, const char *text)
{
	char *is = said(lines);

	if (*text ? !strstr(is, text) : *is != '\0')
		fail_msg("%s\nis: '%s'\nnot: '%s'", lines, is, text);
	free(is);
}

static void conditions(void **state)
{
	(void)state;
	expect("default = deny\n[allow]\nsocket = if family == AF_UNIX", "");
	expect("default = deny\n[allow]\n"
	       "lseek = if whence == 1 and whence == 2",
	       ".ini:4: the condition on lseek can never hold");
	expect("default = allow\n[deny]\n"
	       "lseek = EPERM if offset < 5 or offset >= 5",
	       ".ini:4: the condition on lseek always holds");
	expect("default = deny\n[allow]\nread = if fd >= 0",
	       "read always holds, since 'fd' is an unsigned number of 32 "
	       "bits: write 'always'");
	expect("default = deny\n[allow]\n"
	       "read = if count == 4 and (fd == 3 or fd < 0)", "");
	expect("default = deny\n[allow]\nread = if count == 4 and fd < 0",
	       "read can never hold, since 'fd' is an unsigned number of 32 "
	       "bits: the rule does nothing");
	expect("default = deny\n[allow]\nsyscalls = ioctl\n"
	       "ioctl = if cmd == TCGETS",
	       ".ini:5: this 'if' adds nothing: ioctl is allowed anyway");
	expect("default = allow\n[allow]\nioctl = if cmd == TCGETS",
	       "write 'only if' to deny the rest");
	expect("default = allow\n[allow]\nioctl = only if cmd == TCGETS", "");
	expect("default = allow\n[allow]\nioctl = if cmd == TCGETS\n[deny]\n"
	       "syscalls = @file-system\n@cpu-emulation = EACCES", "'only if'");
	/* a group's deny lies between */
	expect("default = allow\n[allow]\nopenat = if flags == O_RDONLY\n"
	       "[deny]\nsyscalls = @file-system", "");
	/* two alternatives of one call are no outright allow */
	expect("default = deny\n[allow]\nsocket = if family == AF_UNIX\n"
	       "socket = if family == AF_INET", "");
}

/* A value that one ABI's registers cannot hold is no mistake where another's
 * can. */
static void per_abi(void **state)
{
	(void)state;
	expect("default = deny\narchitectures = native x86\n[allow]\n"
	       "madvise = if start == 0", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conditions),
		cmocka_unit_test(per_abi),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
