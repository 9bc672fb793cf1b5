/* What `check` finds, and what it leaves alone. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "load_fixture.h"
#include "review/equivalent.h"
#include "review/check.h"
#include "tables/group.h"

#define ALLOW "[policy]\ndefault = allow\n"
/* Closes what is a finding under any policy that allows by default. */
#define QUIET                                                                  \
	"[deny]\nsyscalls = @inspect @io-uring bpf userfaultfd\n"              \
	"ioctl = if cmd in (TIOCSTI, TIOCLINUX)\n"

/* Every finding as a line: "hole equivalent 4: openat, creat". */
static char *found(const struct policy *policy)
{
	struct findings findings = {0};
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	check_find(policy, &findings);
	for (size_t i = 0; i < findings.n; i++) {
		const struct finding *finding = &findings.items[i];
		char buf[16];

		fprintf(out, "%s %s %d:", severity_names[finding->severity],
			finding_kind_names[finding->kind], finding->at.line);
		for (size_t j = 0; j < finding->calls.n; j++)
			fprintf(out, " %s",
				syscall_name(finding->calls.items[j], buf));
		fputc('\n', out);
	}
	fclose(out);
	findings_free(&findings);
	return text;
}

static void expect(const char *ini, const char *expected)
{
	struct policy *policy = load_text(ini);
	char *got = found(policy);

	assert_text(got, expected);
	free(got);
	policy_free(policy);
}

static void test_tables(void **state)
{
	(void)state;
	for (const struct equivalent *row = equivalents; row->what; row++) {
		const char *lists[] = {row->denied, row->others,
				       row->needs ? row->needs : ""};

		for (size_t j = 0; j < 3; j++) {
			struct use_list list = USE_LIST(lists[j]);
			struct use use;

			while (use_next(&list, &use)) {
				if (!syscall_row(use.call))
					fail_msg("%s: no call '%s'", row->what,
						 use.label);
				/* a use that was found has a test */
				assert_null(strchr(use.label, ':'));
				for (int n = 0; n < use.n; n++)
					assert_int_not_equal(use.tests[n].mask,
							     0);
			}
		}
	}
	for (const struct fallback *row = fallbacks; row->call; row++)
		assert_non_null(syscall_row(syscall_by_name(row->call)));
}

static void test_nested_groups(void **state)
{
	struct use_list list = USE_LIST("fsync @read close");
	struct use use;
	size_t n = 0;
	bool splice = false;

	(void)state;
	for (; use_next(&list, &use); n++)
		splice |= streq(use.label, "splice");
	assert_true(splice); /* of @copy-file, which is in @read */
	assert_string_equal(use.label, "close");
	assert_true(n > 12);
}

static void test_naive_open(void **state)
{
	(void)state;
	expect(ALLOW "[deny]\nsyscalls = open\n",
	       "hole io-uring 2: io_uring_setup io_uring_enter "
	       "io_uring_register\n"
	       "hole reach 2: bpf\n"
	       "hole reach 2: perf_event_open\n"
	       "hole reach 2: ptrace process_vm_readv process_vm_writev "
	       "pidfd_getfd\n"
	       "hole reach 2: userfaultfd\n"
	       "hole terminal 2: ioctl\n"
	       "hole equivalent 4: openat openat2 open_by_handle_at creat\n");
	expect(ALLOW QUIET "syscalls = @open\n", "");
	/* nothing is held back, so nothing leads round it */
	expect(ALLOW, "");
}

/* What is denied at chmod can be had by making a file. */
static void test_set_id(void **state)
{
	static const char rest[] =
		"fchmod = if mode & 06000 != 0\n"
		"fchmodat = if mode & 06000 != 0\n"
		"fchmodat2 = if mode & 06000 != 0\n"
		"creat = if mode & 04000 != 0\n"
		"mknod = if mode & 06000 != 0\n"
		"mknodat = if mode & 06000 != 0\nopenat2 = ENOSYS\n";
	char text[2048];

	(void)state;
	snprintf(text, sizeof(text), "%s%schmod = if mode & 06000 != 0\n%s",
		 ALLOW, QUIET, rest);
	expect(text, "hole equivalent 6: open openat\n");
	snprintf(text, sizeof(text),
		 "%s%schmod = if mode & 04000 != 0\n%s"
		 "open = if flags & (O_CREAT|O_TMPFILE) != 0 and "
		 "mode & 06000 != 0\n"
		 "openat = if flags & (O_CREAT|O_TMPFILE) != 0 and "
		 "mode & 06000 != 0\n",
		 ALLOW, QUIET, rest);
	expect(text, "");
	/* denied beyond that, it is about opening files again */
	expect(ALLOW QUIET "openat = if flags & O_CREAT != 0\n",
	       "hole equivalent 6: open openat2 open_by_handle_at creat\n");
}

/* Alone such a name is a mistake (test_rules.c). */
static void test_absent(void **state)
{
	(void)state;
	expect(ALLOW QUIET "syscalls = waitpid getpgid\n",
	       "note absent 6: waitpid\n");
	expect(ALLOW QUIET "syscalls = waitpid @wait\n", "");
	expect(ALLOW QUIET "syscalls = socketcall getpgid\n", "");
}

static void test_equivalents(void **state)
{
	(void)state;
	/* partly denied is denied */
	expect(ALLOW QUIET "chmod = if mode & 06000 != 0\n",
	       "hole equivalent 6: fchmod fchmodat fchmodat2\n"
	       "hole equivalent 6: open openat openat2 creat mknod mknodat\n");
	/* another way under a condition is the author's business */
	expect(ALLOW QUIET "syscalls = execve\n"
	       "execveat = if flags & AT_EMPTY_PATH != 0\n", "");
	/* an allow list: who is only not allowed was not meant */
	expect(HEAD "[allow]\nsyscalls = openat access\n",
	       "");
	expect(HEAD "[allow]\nsyscalls = @open\n[deny]\nsyscalls = open\n",
	       "hole equivalent 6: openat openat2 open_by_handle_at creat\n");
	/* ENOSYS puts a newer call aside */
	expect(ALLOW QUIET "openat2 = ENOSYS\nfchmodat2 = ENOSYS\n", "");
	/* connect by sendto needs a socket */
	expect(ALLOW QUIET "syscalls = connect\n",
	       "hole equivalent 6: sendto sendmsg sendmmsg\n");
	expect(ALLOW QUIET "syscalls = connect socket\n", "");
}

static void test_uses(void **state)
{
	(void)state;
	expect(ALLOW QUIET "syscalls = unshare\nclone3 = ENOSYS\n",
	       "hole equivalent 6: clone\n");
	expect(ALLOW QUIET "syscalls = unshare\nclone3 = ENOSYS\n"
	       "clone = if clone_flags & 0x7e020000 != 0\n", "");
	/* one kind of namespace is not all */
	expect(ALLOW QUIET "clone3 = ENOSYS\n"
	       "clone = if clone_flags & CLONE_NEWUSER != 0\n"
	       "unshare = if unshare_flags & CLONE_NEWUSER != 0\n", "");
	expect(ALLOW QUIET
	       "mmap = if prot & (PROT_WRITE|PROT_EXEC) == "
	       "PROT_WRITE|PROT_EXEC\n",
	       "hole equivalent 6: mprotect pkey_mprotect shmat "
	       "personality\n");
	/* a personality that asks, and sets nothing */
	expect(HEAD "[allow]\nmprotect = if prot & PROT_EXEC == 0\n"
	       "personality = if personality in (0xffffffff, PER_LINUX)\n",
	       "");
	expect(HEAD "[allow]\nmprotect = if prot & PROT_EXEC == 0\n"
	       "personality = if personality >= 0xfffffffe\n",
	       "hole equivalent 2: personality\n");
	/* not about protection at all */
	expect(ALLOW QUIET "mmap = if len > 0x100000\n", "");
	expect(ALLOW QUIET "syscalls = @dup\n",
	       "hole equivalent 6: fcntl\n");
}

static void test_io_uring_and_terminal(void **state)
{
	(void)state;
	expect(HEAD "[allow]\nsyscalls = @io-uring\nioctl = if cmd in "
	       "(TCGETS, TIOCGWINSZ)\n",
	       "hole io-uring 4: io_uring_setup io_uring_enter "
	       "io_uring_register\n");
	expect(HEAD "[allow]\nsyscalls = ioctl\n", "hole terminal 4: ioctl\n");
	expect(HEAD "[allow]\nsyscalls = ioctl\n[deny]\n"
	       "ioctl = if cmd == TIOCSTI\n", "hole terminal 4: ioctl\n");
	expect(HEAD "[allow]\nsyscalls = ioctl\n[deny]\n"
	       "ioctl = if cmd in (TIOCSTI, TIOCLINUX)\n", "");
}

static void test_faults(void **state)
{
	(void)state;
	expect(HEAD "[deny]\nsyscalls = exit_group\n",
	       "fault life 4: exit_group\n");
	expect(ALLOW "[kill]\nsyscalls = @known\nsyscalls = rt_sigreturn\n",
	       "fault life 5: rt_sigreturn\n");
}

static void test_fallback(void **state)
{
	(void)state;
	expect("[policy]\ndefault = deny\nkernel = 5.3\n[allow]\n"
	       "syscalls = clone\n", "fault fallback 2: clone3\n");
	expect(HEAD "[allow]\nsyscalls = clone\n", "");
	expect(HEAD "[allow]\nsyscalls = clone\n[deny]\nclone3 = EPERM\n",
	       "fault fallback 6: clone3\n");
	/* there is nothing to fall back to */
	expect(ALLOW QUIET "syscalls = @spawn\n", "");
	expect(HEAD "[allow]\nsyscalls = newfstatat\n",
	       "note fallback 2: statx\n");
}

static void test_flags(void **state)
{
	(void)state;
	expect(ALLOW QUIET "socket = if type == SOCK_RAW\n",
	       "hole exact-flags 6: socket\n");
	expect(ALLOW QUIET "socket = if type & 0xf == SOCK_RAW\n", "");
	expect(ALLOW QUIET "socket = if family == AF_INET\n", "");
	expect(ALLOW QUIET "syscalls = fchmod fchmodat fchmodat2\n"
	       "chmod = if mode == 0777\n", "hole exact-flags 7: chmod\n");
	/* what lets only one set through is exact on purpose */
	expect(ALLOW QUIET "memfd_secret = always\n"
	       "memfd_create = if not flags == MFD_CLOEXEC\n", "");
	/* the rest is denied anyway */
	expect(HEAD "[deny]\nmlockall = EACCES if flags == MCL_CURRENT\n", "");
}

static void test_read_only(void **state)
{
	(void)state;
	expect(HEAD "[allow]\n"
	       "openat = if flags & (O_WRONLY|O_RDWR) == 0\n",
	       "hole read-only 4: openat\n");
	expect(HEAD "[allow]\nopenat = if flags & O_WRITES == 0\n", "");
	expect(HEAD "[allow]\nopenat = if flags & O_TRUNC == 0\n", "");
	expect(ALLOW QUIET "syscalls = open creat open_by_handle_at\n"
	       "openat2 = ENOSYS\n"
	       "openat = if flags & O_ACCMODE != O_RDONLY\n",
	       "hole read-only 8: openat\n");
}

static void test_idle_rules(void **state)
{
	(void)state;
	/* of two lines that say the same, the later one */
	expect(HEAD "[allow]\nsyscalls = getpid\nsyscalls = getpid getuid\n",
	       "note shadowed 5: getpid\n");
	expect(HEAD "[allow]\nsyscalls = @sync fsync\n",
	       "note no-effect 4: fsync\n");
	expect(HEAD "[deny]\nsyscalls = mount\n", "note no-effect 4: mount\n");
	expect(HEAD "[deny]\nmount = EIO\n", "");
	/* being named keeps a newer call from ENOSYS */
	expect(HEAD "[deny]\nsyscalls = cachestat\n", "");
	/* everybody writes these */
	expect(HEAD "[allow]\nsyscalls = getpid exit_group rt_sigreturn\n",
	       "");
	/* an allow list with an exception */
	expect(HEAD "[allow]\nsyscalls = @sync\n[deny]\nsyscalls = sync\n",
	       "");
	expect(HEAD "[allow]\nsyscalls = @sync\n[deny]\nsyscalls = fsync "
	       "@sync\n",
	       "note shadowed 4: fdatasync fsync msync sync sync_file_range "
	       "syncfs\n"
	       "note no-effect 6: fsync\n");
}

static void test_groups_share(void **state)
{
	(void)state;
	expect(HEAD "[allow]\nsyscalls = @basic-io\n[deny]\n"
	       "syscalls = @file-system\n",
	       "hole equivalent 6: close_range\n"
	       "note shared 6: close\n");
	/* a part taken out of the whole */
	expect(HEAD "[allow]\nsyscalls = @privileged\n[deny]\nsyscalls = "
	       "@clock bpf open_by_handle_at\n", "");
}

static void test_errnos(void **state)
{
	(void)state;
	expect(ALLOW QUIET "mmap = EACCES if prot & PROT_EXEC != 0 and len > 4"
	       "\nmmap = EIO if prot & PROT_WRITE != 0 and len > 4\n",
	       "note errnos 7: mmap\n");
	expect(ALLOW QUIET "listen = EACCES if backlog > 5\n"
	       "listen = EIO if backlog < 3\n", "");
	/* one with, one without a condition: that is settled */
	expect(ALLOW QUIET "listen = EACCES if backlog > 5\nlisten = EIO\n",
	       "");
}

static void test_layers(void **state)
{
	struct policy *policy;
	char *got;

	(void)state;
	write_text("inner.ini", HEAD "[deny]\nptrace = EACCES\nkcmp = EACCES\n"
		   "syscalls = @keyring\n");
	write_text("outer.ini", "[allow]\nsyscalls = @debug kcmp @keyring\n"
		   "[deny]\nsyscalls = perf_event_open pidfd_getfd\n");
	policy = must_load(NULL, NULL, NAMES("inner.ini", "outer.ini"));
	got = found(policy);
	assert_text(got, "hole undone 4: ptrace\n"
		    "hole reach 2: ptrace\n"
		    "note undone 5: kcmp\n"
		    "note undone 6: add_key keyctl request_key\n");
	free(got);
	policy_free(policy);
	write_text("inner.ini", "[policy]\nfinal = yes\ndefault = deny\n"
		   "[deny]\nptrace = EACCES\n");
	policy = must_load(NULL, NULL, NAMES("inner.ini", "outer.ini"));
	got = found(policy);
	assert_null(strstr(got, "undone"));
	free(got);
	policy_free(policy);
}

/* i386 has calls of its own; what it shares with the native ABI is told
 * once. */
static void test_abis(void **state)
{
	(void)state;
	expect("[policy]\ndefault = allow\narchitectures = native x86\n" QUIET
	       "syscalls = setgroups setgroups32 chmod\n",
	       "hole equivalent 7: fchmod fchmodat fchmodat2\n"
	       "note foreign 3:\n");
	expect("[policy]\ndefault = allow\narchitectures = native x86\n" QUIET
	       "syscalls = setgroups\nfutex_time64 = EPERM\n",
	       "hole equivalent 7: setgroups32\n"
	       "note foreign 3:\n"
	       "note fallback 8: futex_time64\n");
	expect("[policy]\ndefault = deny\nforeign = deny\n",
	       "note foreign 3:\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_nested_groups),
		in_scratch(test_naive_open),
		in_scratch(test_equivalents),
		in_scratch(test_set_id),
		in_scratch(test_absent),
		in_scratch(test_uses),
		in_scratch(test_io_uring_and_terminal),
		in_scratch(test_faults),
		in_scratch(test_fallback),
		in_scratch(test_flags),
		in_scratch(test_read_only),
		in_scratch(test_idle_rules),
		in_scratch(test_groups_share),
		in_scratch(test_errnos),
		in_scratch(test_layers),
		in_scratch(test_abis),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
