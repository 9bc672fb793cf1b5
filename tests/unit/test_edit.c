/* Edits of a policy file's text: what they say and do, and that every other
 * byte stays. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "learn/edit.h"
#include "learn/wanted.h"
#include "load_fixture.h"
#include "model/power_cond.h"
#include "random_policy.h"
#include "review/survey.h"

/* ---------------------------------------------------------------- examples */

/* The condition is given as a policy says it; NULL: always. */
static const struct cond *cond_from(const char *call, const char *text,
				    struct policy **owner)
{
	cleanup_free char *all =
		xasprintf(HEAD "[allow]\n%s = if %s\n", call, text);

	write_text("cond.ini", all);
	*owner = must_load(NULL, NULL, NAMES("cond.ini"));
	return layer_entries((*owner)->layers[0], syscall_by_name(call))
		->cond[MACHINE];
}

struct editing {
	const char *names[2];
	struct policy_request request;
	struct kept_files kept;
	struct edit edit;
};

static void begin(struct editing *e, size_t n)
{
	struct diags diags = DIAGS_INIT;

	e->request = (struct policy_request){
		.policies = e->names, .n = n, .abi = &abis[MACHINE]};
	e->kept = KEPT_FILES_INIT;
	assert_int_equal(edit_open(&e->edit, &e->request, &e->kept, &diags),
			 0);
	diags_free(&diags);
}

static void end(struct editing *e)
{
	edit_close(&e->edit);
	kept_free(&e->kept);
}

/* Allows the call in p.ini; the text, or "-" and why not, malloc'd. */
static char *edited(const char *text, const char *call, const char *when,
		    int expected)
{
	struct editing e = {.names = {"p.ini"}};
	struct policy *owner = NULL;
	const struct cond *cond = when ? cond_from(call, when, &owner) : NULL;
	char *why = NULL, *got;

	write_text("p.ini", text);
	begin(&e, 1);
	assert_int_equal(edit_allow(&e.edit, syscall_by_name(call), cond, &why),
			 expected);
	got = why ? xasprintf("- %s", why) : xstrdup(e.edit.text);
	free(why);
	policy_free(owner);
	end(&e);
	return got;
}

static void expect(const char *text, const char *call, const char *when,
		   const char *new)
{
	char *got = edited(text, call, when, 1);

	assert_text(got, new);
	free(got);
}

static void test_lists(void **state)
{
	(void)state;
	expect(HEAD "[allow]\nsyscalls = read write\n", "close", NULL,
	       HEAD "[allow]\nsyscalls = read write close\n");
	/* with its like, before the comment, with the file's own line ends */
	expect(HEAD "[allow]\r\nsyscalls = read\twrite ; data\r\n"
	       "syscalls = connect bind ; net\r\n# end", "listen", NULL,
	       HEAD "[allow]\r\nsyscalls = read\twrite ; data\r\n"
	       "syscalls = connect bind listen ; net\r\n# end");
	/* a power stands apart from what is harmless */
	expect(HEAD "[allow]\nsyscalls = read write\n", "connect", NULL,
	       HEAD "[allow]\nsyscalls = read write\nsyscalls = connect\n");
	/* in a long line's next one, indented like those that are there */
	expect(HEAD "[allow]\nsyscalls = read write close fstat lseek mmap "
	       "munmap brk pread64 readv writev ; x\n    dup\n[deny]\n"
	       "syscalls = ptrace", "dup2", NULL,
	       HEAD "[allow]\nsyscalls = read write close fstat lseek mmap "
	       "munmap brk pread64 readv writev ; x\n    dup dup2\n[deny]\n"
	       "syscalls = ptrace");
	expect(HEAD "[allow]\nsyscalls = read write close fstat lseek mmap "
	       "munmap brk pread64 readv lseek ; x", "dup2", NULL,
	       HEAD "[allow]\nsyscalls = read write close fstat lseek mmap "
	       "munmap brk pread64 readv lseek ; x\n\tdup2");
	/* a list of one that names an implicit call means it alone */
	expect(HEAD "[allow]\nsyscalls = exit\n", "read", NULL,
	       HEAD "[allow]\nsyscalls = exit read\n");
}

static void test_new_sections(void **state)
{
	(void)state;
	expect(HEAD, "read", NULL, HEAD "\n[allow]\nsyscalls = read\n");
	expect("[policy]\r\ndefault = deny", "read", NULL,
	       "[policy]\r\ndefault = deny\r\n\r\n[allow]\r\n"
	       "syscalls = read");
	expect("[allow]\n\n[policy]\ndefault = deny\n", "read", NULL,
	       "[allow]\nsyscalls = read\n\n[policy]\ndefault = deny\n");
	expect("\xef\xbb\xbf[allow] ; a\n[policy]\ndefault = deny\n", "socket",
	       "family == AF_UNIX",
	       "\xef\xbb\xbf[allow] ; a\nsocket = if family == AF_UNIX\n"
	       "[policy]\ndefault = deny\n");
}

static void test_conditions(void **state)
{
	(void)state;
	/* `in` grows, before its bracket */
	expect(HEAD "[allow]\nioctl\t= if cmd in (TCGETS,\n\tFIONREAD) ; tty\n",
	       "ioctl", "cmd in (TIOCGWINSZ, FIONREAD)",
	       HEAD "[allow]\nioctl\t= if cmd in (TCGETS,\n\tFIONREAD, "
	       "TIOCGWINSZ) ; tty\n");
	/* `only if` gets an alternative */
	expect(HEAD "[allow]\nsocket = only if family == AF_UNIX # local\n",
	       "socket", "family == AF_INET and type & 0xf == SOCK_STREAM",
	       HEAD "[allow]\nsocket = only if family == AF_UNIX # local\n"
	       "\tor family == AF_INET and type & SOCK_TYPE_MASK == "
	       "SOCK_STREAM\n");
	expect(HEAD "[allow]\nsocket = only if family == AF_UNIX # local\n",
	       "socket", "family == AF_INET",
	       HEAD "[allow]\nsocket = only if family == AF_UNIX or family == "
	       "AF_INET # local\n");
	/* what is wider takes the place of what is narrower */
	expect(HEAD "[allow]\nmmap = if prot & PROT_EXEC == 0 ; safe\n",
	       "mmap", "prot & (PROT_WRITE|PROT_EXEC) != PROT_WRITE|PROT_EXEC",
	       HEAD "[allow]\nmmap = if prot & (PROT_WRITE|PROT_EXEC) != "
	       "PROT_WRITE|PROT_EXEC ; safe\n");
	/* always: of several lines one is left, and their comments */
	expect(HEAD "[allow]\nsocket = if family == AF_UNIX ; a\n"
	       "socket = if family == AF_INET and ; b\n"
	       "\ttype & 0xf == SOCK_STREAM ; c\nsyscalls = read\n",
	       "socket", NULL,
	       HEAD "[allow]\n ; a\nsocket = always ; b\n\t ; c\n"
	       "syscalls = read\n");
	expect(HEAD "[allow]\nsocket = if family == AF_UNIX\n"
	       "socket =\n\tif family == AF_INET\n", "socket", NULL,
	       HEAD "[allow]\nsocket =\n\talways\n");
	/* the rest of them all is all */
	expect(HEAD "[allow]\nlisten = if backlog > 5\n", "listen",
	       "backlog <= 5", HEAD "[allow]\nlisten = always\n");
	/* a group's rule stays the group's */
	expect(HEAD "[deny]\nsyscalls = @network-io\n", "socket",
	       "family == AF_UNIX",
	       HEAD "[deny]\nsyscalls = @network-io\n\n[allow]\n"
	       "socket = if family == AF_UNIX\n");
}

static void nothing(const char *text, const char *call, const char *when,
		    int expected, const char *why)
{
	char *got = edited(text, call, when, expected);

	assert_text(got, why ? why : text);
	free(got);
}

static void test_nothing(void **state)
{
	(void)state;
	nothing(HEAD "[allow]\nsyscalls = read\n", "read", NULL, 0, NULL);
	nothing(HEAD "[allow]\nsocket = if family != AF_INET\n", "socket",
		"family in (AF_UNIX, AF_NETLINK)", 0, NULL);
	/* a decision is no omission */
	nothing(HEAD "[deny]\nsyscalls = ptrace\n", "ptrace", NULL, -1,
		"- rules that p.ini cannot overrule deny it");
	write_text("in.ini", HEAD "[deny]\nsyscalls = ptrace\n");
	nothing("[policy]\ninclude = in.ini\n", "ptrace", NULL, -1,
		"- rules that name it deny it");
	write_text("in.ini", HEAD "final = yes\n[deny]\nsyscalls = @debug\n");
	nothing("[policy]\ninclude = in.ini\n", "ptrace", NULL, -1,
		"- rules that p.ini cannot overrule deny it");
}

/* Only what the included file does not deny by name is opened. */
static void test_includes(void **state)
{
	(void)state;
	write_text("in.ini", HEAD "[deny]\nwrite = if fd == 7\n"
		   "[allow]\nsocket = only if family == AF_UNIX\n");
	expect("[policy]\ninclude = in.ini\n", "write", NULL,
	       "[policy]\ninclude = in.ini\n\n[allow]\nwrite = if fd != 7\n");
	expect("[policy]\ninclude = in.ini\n", "socket",
	       "family == AF_INET", "[policy]\ninclude = in.ini\n\n[allow]\n"
	       "socket = if family == AF_INET\n");
}

static void test_diff(void **state)
{
	struct editing e = {.names = {"p.ini"}};
	char *text = NULL, *why = NULL;
	size_t size;
	FILE *out;

	(void)state;
	write_text("p.ini", HEAD "; 1\n; 2\n; 3\n[allow]\nsyscalls = read\n"
		   "; 4\n; 5\n; 6\n; 7\n; 8\n; 9\n; 10\n; 11\n"
		   "socket = if family == AF_UNIX");
	begin(&e, 1);
	out = open_memstream(&text, &size);
	edit_diff(&e.edit, "p.ini", out);
	fflush(out);
	assert_text(text, "");
	edit_allow(&e.edit, syscall_by_name("write"), NULL, &why);
	edit_allow(&e.edit, syscall_by_name("socket"), NULL, &why);
	edit_diff(&e.edit, "p.ini", out);
	fclose(out);
	assert_text(text,
		    "--- p.ini\n+++ p.ini\n@@ -4,7 +4,7 @@\n ; 2\n ; 3\n "
		    "[allow]\n-syscalls = read\n+syscalls = read write\n ; 4\n"
		    " ; 5\n ; 6\n@@ -13,4 +13,4 @@\n ; 9\n ; 10\n ; 11\n"
		    "-socket = if family == AF_UNIX\n"
		    "\\ No newline at end of file\n+socket = always\n"
		    "\\ No newline at end of file\n");
	free(text);
	end(&e);
}

/* Mode and links; another process's change. */
static void test_write(void **state)
{
	struct editing e = {.names = {"p.ini"}};
	struct stat st;
	char *why = NULL, *got;

	(void)state;
	write_text("p.ini", HEAD);
	assert_int_equal(chmod("p.ini", 0640), 0);
	begin(&e, 1);
	assert_int_equal(edit_allow(&e.edit, syscall_by_name("read"), NULL,
				    &why), 1);
	got = edit_write(&e.edit);
	assert_null(got);
	assert_int_equal(stat("p.ini", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	/* the file is no longer the one that was read */
	got = edit_write(&e.edit);
	assert_text(got, "it was changed meanwhile");
	free(got);
	end(&e);
	assert_int_equal(symlink("p.ini", "link.ini"), 0);
	e.names[0] = "link.ini";
	begin(&e, 1);
	got = edit_write(&e.edit);
	assert_text(got, "a symbolic link: name the file that it leads to");
	free(got);
	end(&e);
	policy_free(load_text("[policy]\ndefault = allow\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_scratch(test_lists),
		in_scratch(test_new_sections),
		in_scratch(test_conditions),
		in_scratch(test_nothing),
		in_scratch(test_includes),
		in_scratch(test_diff),
		in_scratch(test_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
