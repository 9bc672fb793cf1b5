/* From what was seen to what a policy shall allow. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/util.h"
#include "formats/condition.h"
#include "learn/wanted.h"
#include "model/diagram.h"
#include "random.h"
#include "seen_fixture.h"

static const struct wanted_how exact = {.exact = true, .allowed = ~(powers)0};
static const struct wanted_how wide = {.allowed = ~(powers)0};

/* "ioctl: cmd == TCGETS; read: always", without what stands in no brackets. */
static char *wanted_text(const struct wanted_list *list)
{
	char *text = xstrdup(""), buf[16];

	for (size_t i = 0; i < list->n; i++) {
		const struct wanted *wanted = &list->wanted[i];
		enum abi_id abi = syscall_number(wanted->call, ABI_NATIVE) < 0
					  ? ABI_X86
					  : ABI_NATIVE;
		cleanup_free char *cond =
			condition_text(wanted->cond, abi, wanted->call);

		reprint(&text, "%s%s%s: %s", text, *text ? "; " : "",
			syscall_name(wanted->call, buf), cond);
	}
	return text;
}

static void check(const char *words, const struct wanted_how *how,
		  const char *expected)
{
	struct seen seen = see(words);
	struct wanted_list list;
	char *text;

	wanted_find(&seen, how, &list);
	text = wanted_text(&list);
	assert_string_equal(text, expected);
	free(text);
	wanted_release(&list);
	seen_release(&seen);
}

static void test_exact(void **state)
{
	(void)state;
	check("read getpid", &exact, "getpid: always; read: always");
	check("openat", &exact, "openat: flags & O_WRITES == 0");
	check("openat:write-files", &exact, "openat: always");
	check("mmap mprotect", &exact,
	      "mmap: prot & (PROT_WRITE|PROT_EXEC) != PROT_WRITE|PROT_EXEC; "
	      "mprotect: prot & PROT_EXEC == 0");
	check("mmap:write-exec", &exact, "mmap: always");
	check("sendto socket:socket-unix", &exact,
	      "sendto: addr == NULL; socket: family == AF_UNIX");
	check("socket:socket-unix:socket-tcp", &exact,
	      "socket: family == AF_UNIX or family == AF_INET and type & "
	      "SOCK_TYPE_MASK == SOCK_STREAM or family == AF_INET6 and type & "
	      "SOCK_TYPE_MASK == SOCK_STREAM");
	/* one call's power is every call's: both do the same */
	check("openat:write-files open", &exact, "open: always; openat: always");
}

static void test_selectors(void **state)
{
	(void)state;
	check("ioctl=TCGETS,TIOCGWINSZ", &exact,
	      "ioctl: cmd in (TCGETS, TIOCGWINSZ)");
	check("ioctl=0x1234", &exact, "ioctl: cmd == 0x1234");
	check("ptrace=0,1", &exact,
	      "ptrace: request in (PTRACE_TRACEME, PTRACE_PEEKTEXT)");
	check("prctl=PR_SET_NAME,PR_SET_SECUREBITS", &exact,
	      "prctl: option in (PR_SET_NAME, PR_SET_SECUREBITS)");
	check("bpf=0 keyctl=11 personality=0xffffffff", &exact,
	      "bpf: cmd == BPF_MAP_CREATE; keyctl: option == KEYCTL_READ; "
	      "personality: personality == 0xffffffff");
	/* too many to be read: what their powers say */
	check("ioctl=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", &exact,
	      "ioctl: cmd not in (FS_IOC_FSSETXATTR, FS_IOC_SETFLAGS, "
	      "FS_IOC_SETVERSION, TCFLSH, TCSBRK, TCSBRKP, TCSETA, TCSETAF, "
	      "TCSETAW, TCSETS, TCSETS2, TCSETSF, TCSETSF2, TCSETSW, TCSETSW2, "
	      "TCXONC, TIOCEXCL, TIOCGPTPEER, TIOCNOTTY, TIOCNXCL, TIOCSCTTY, "
	      "TIOCSPGRP, TIOCSPTLCK, TIOCSWINSZ, TIOCLINUX, TIOCSTI)");
}

/* How the list of a wide policy says it of one call; "": not at all. */
static void check_call(const char *words, const char *call,
		       const struct wanted_how *how, const char *expected)
{
	struct seen seen = see(words);
	struct wanted_list list, one = {0};
	char *text;

	wanted_find(&seen, how, &list);
	for (size_t i = 0; i < list.n; i++)
		if (list.wanted[i].call == syscall_by_name(call)) {
			one.wanted = grow(one.wanted, one.n, &one.cap,
					  sizeof(*one.wanted));
			one.wanted[one.n++] = list.wanted[i];
		}
	text = wanted_text(&one);
	if (strcmp(text, expected) != 0)
		fail_msg("%s: %s\n%s", words, text, expected);
	free(text);
	wanted_release(&one);
	wanted_release(&list);
	seen_release(&seen);
}

static void test_siblings_and_floor(void **state)
{
	(void)state;
	check_call("rename", "renameat2", &wide, "renameat2: always");
	check_call("rename", "renameat2", &exact, "");
	check_call("rename", "unlink", &wide, "");
	check_call("openat", "open", &wide, "open: flags & O_WRITES == 0");
	check_call("openat", "creat", &wide, "");
	check_call("openat:write-files", "creat", &wide, "creat: always");
	check_call("socket:socket-unix", "sendmsg", &wide, "");
	check_call("socket:socket-unix connect", "sendmsg", &wide,
		   "sendmsg: always");
	check_call("fork", "wait4", &wide, "wait4: always");
	check_call("tgkill", "kill", &wide, "");
	check_call("getpid", "mmap", &wide,
		   "mmap: prot & (PROT_WRITE|PROT_EXEC) != "
		   "PROT_WRITE|PROT_EXEC");
	check_call("getpid", "futex", &wide, "futex: always");
	check_call("getpid", "futex", &exact, "");
	/* the floor opens nothing, whatever was used elsewhere */
	check_call("personality=READ_IMPLIES_EXEC", "mprotect", &wide,
		   "mprotect: prot & PROT_EXEC == 0");
	check_call("prctl=PR_GET_DUMPABLE,PR_SET_NAME,PR_SET_SECUREBITS",
		   "prctl", &wide,
		   "prctl: option in (PR_SET_NAME, PR_SET_VMA, "
		   "PR_GET_DUMPABLE, PR_SET_SECUREBITS)");
	check_call("getpid", "prctl", &wide,
		   "prctl: option in (PR_SET_NAME, PR_SET_VMA)");
	/* its own implicit calls, and those that no filter sees */
	check_call("exit_group rt_sigreturn", "exit_group", &wide, "");
}

static void test_limits(void **state)
{
	const struct wanted_how none = {.exact = true};
	const struct wanted_how writes = {
		.exact = true, .allowed = POWER_SET(POWER_WRITE_FILES)};

	(void)state;
	check("read execve openat:write-files connect", &none,
	      "openat: flags & O_WRITES == 0; read: always");
	check("execve openat:write-files", &writes, "openat: always");
	check("ioctl=TCGETS,TIOCSTI", &none, "ioctl: cmd == TCGETS");
}

static void test_other_calls(void **state)
{
	(void)state;
	/* no filter sees its flags: clone it is */
	check_call("clone3", "clone3", &wide, "");
	check_call("clone3", "clone", &wide,
		   "clone: clone_flags & (CLONE_NEWNS|CLONE_NEWCGROUP|"
		   "CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWUSER|CLONE_NEWPID|"
		   "CLONE_NEWNET) == 0");
	check("clone3 execve", &exact, "execve: always");
	check("490", &exact, "490: always");
	/* i386: calls that only it has, numbers that mean others here */
	check("_llseek@x86 waitpid@x86 read@x86", &exact,
	      "_llseek: always; read: always; waitpid: always");
	check("222@x86", &exact, "");
	/* what no policy can name */
	check("512 1000000", &exact, "");
	check("mmap2@x86", &exact,
	      "mmap2: prot & (PROT_WRITE|PROT_EXEC) != PROT_WRITE|PROT_EXEC");
	check_call("mmap2@x86", "fcntl64", &wide, "fcntl64: always");
	check_call("read", "fcntl64", &wide, "");
	check_call("socketcall@x86", "socketcall", &wide, "socketcall: always");
	check("ioctl=TCGETS ioctl@x86=TIOCSTI", &exact,
	      "ioctl: cmd in (TCGETS, TIOCSTI)");
}

/* What the entries of a call let through, together. */
static diagram let_through(struct diagram_store *store,
			   const struct wanted_list *list, uint32_t call)
{
	diagram all = DIAGRAM_FALSE;

	for (size_t i = 0; i < list->n; i++)
		if (list->wanted[i].call == call)
			all = diagram_or(store, all,
					 diagram_of_cond(store,
							 list->wanted[i].cond));
	return all;
}

/* Entries by power are together as good as the one, and none opens more than it
 * says. */
static void test_by_power(void **state)
{
	struct rng rng = {0x9e3779b97f4a7c15ull};
	struct diagram_store *store = diagram_store_new(DIAGRAM_BUDGET);

	(void)state;
	for (int round = 0; round < 300; round++) {
		struct seen seen = {0};
		struct wanted_how how = wide, parted = wide;
		struct wanted_list whole, parts;

		how.exact = parted.exact = round & 1;
		parted.by_power = true;
		for (int i = 0; i < 12; i++) {
			uint32_t call = rng_below(&rng, (uint32_t)syscall_count());
			struct seen_call one = {.abi = ABI_NATIVE,
						.call = call};

			one.uses.powers = powers_of(call) &
					  (rng_next(&rng) | powers_always(call));
			if (use_selector(call) >= 0)
				uses_add_value(&one.uses, rng_below(&rng, 99));
			seen_add(&seen, &one);
			uses_release(&one.uses);
		}
		wanted_find(&seen, &how, &whole);
		wanted_find(&seen, &parted, &parts);
		diagram_store_reset(store);
		for (uint32_t call = 0; call < syscall_count(); call++)
			assert_int_equal(let_through(store, &whole, call),
					 let_through(store, &parts, call));
		for (size_t i = 0; i < parts.n; i++)
			assert_int_equal(parts.wanted[i].opens &
						 ~wanted_powers(&seen, &how), 0);
		wanted_release(&whole);
		wanted_release(&parts);
		seen_release(&seen);
	}
	diagram_store_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exact),
		cmocka_unit_test(test_selectors),
		cmocka_unit_test(test_siblings_and_floor),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_other_calls),
		cmocka_unit_test(test_by_power),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
