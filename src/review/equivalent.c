#include "review/equivalent.h"

#include "tables/power.h"
#include "tables/syscall.h"

#define ROW(w, d, ...) {.what = w, .denied = d, .others = __VA_ARGS__},

/* Order: files, descriptors, processes, memory, privileges, the rest. */
const struct equivalent equivalents[] = {
	ROW("opening files", "open openat creat", "@open")
	ROW("asking whether a file may be accessed", "access faccessat",
	    "@access")
	ROW("changing permission bits", "chmod fchmod fchmodat", "@chmod")
	ROW("setting set-id bits", "chmod:suid fchmod:suid fchmodat:suid",
	    "open:creates:suid openat:creates:suid openat2 creat:suid "
	    "mknod:suid mknodat:suid",
	    .mend = "open and openat if flags & (O_CREAT|O_TMPFILE) != 0 and "
	    "mode & 06000 != 0, creat, mknod and mknodat if mode & 06000 != 0, "
	    "and openat2 = ENOSYS", .ways = true)
	ROW("changing the owner of files", "chown fchown lchown fchownat",
	    "@chown")
	ROW("looking at a file's metadata", "stat lstat fstat newfstatat",
	    "@stat")
	ROW("renaming files", "rename renameat", "@rename")
	ROW("removing files", "unlink unlinkat", "unlink unlinkat",
	    .mend = "@unlink")
	ROW("removing directories", "rmdir", "rmdir unlinkat:dir",
	    .mend = "@unlink")
	ROW("making directories", "mkdir", "@mkdir")
	ROW("making device nodes and FIFOs", "mknod", "@mknod")
	ROW("making hard links", "link", "@link")
	ROW("making symbolic links", "symlink", "@symlink")
	ROW("reading symbolic links", "readlink", "@readlink")
	ROW("changing the length of files", "truncate ftruncate",
	    "truncate truncate64 ftruncate ftruncate64", .mend = "@truncate")
	ROW("changing the times of files", "utime utimes utimensat", "@utime")
	ROW("reading directories", "getdents getdents64", "getdents getdents64")
	ROW("setting extended attributes", "setxattr lsetxattr fsetxattr",
	    "setxattr lsetxattr fsetxattr setxattrat", .mend = "@xattr")
	ROW("reading extended attributes", "getxattr lgetxattr fgetxattr",
	    "getxattr lgetxattr fgetxattr getxattrat", .mend = "@xattr")
	ROW("listing extended attributes", "listxattr llistxattr flistxattr",
	    "listxattr llistxattr flistxattr listxattrat", .mend = "@xattr")
	ROW("removing extended attributes",
	    "removexattr lremovexattr fremovexattr",
	    "removexattr lremovexattr fremovexattr removexattrat",
	    .mend = "@xattr")
	ROW("setting file attributes",
	    "ioctl:FS_IOC_SETFLAGS ioctl:FS_IOC_FSSETXATTR",
	    "ioctl:FS_IOC_SETFLAGS ioctl:FS_IOC_FSSETXATTR file_setattr",
	    .mend = "file_setattr, and ioctl if cmd in (FS_IOC_SETFLAGS, "
	    "FS_IOC_FSSETXATTR)")
	ROW("mounting", "mount",
	    "mount open_tree open_tree_attr move_mount fsopen fsconfig fsmount "
	    "fspick mount_setattr", .mend = "@mount-change")
	ROW("unmounting", "umount umount2", "umount umount2",
	    .mend = "@mount-change")
	ROW("setting disk quotas", "quotactl", "@quota")

	ROW("writing to descriptors", "write writev pwrite64", "@write",
	    .ways = true)
	ROW("reading from descriptors", "read readv pread64", "@read",
	    .ways = true)
	ROW("moving data between descriptors", "sendfile splice", "@copy-file",
	    .outright = true, .ways = true)
	ROW("closing descriptors", "close", "@close")
	ROW("duplicating descriptors", "dup dup2 dup3",
	    "dup dup2 dup3 fcntl:dup fcntl:dupx",
	    .mend = "@dup, and fcntl if cmd in (F_DUPFD, F_DUPFD_CLOEXEC)",
	    .outright = true)
	ROW("making pipes", "pipe", "@pipe")
	ROW("waiting by poll or select", "poll select", "@poll",
	    .outright = true)
	ROW("waiting on epoll descriptors", "epoll_wait", "@epoll-wait",
	    .outright = true)
	ROW("making epoll descriptors", "epoll_create",
	    "epoll_create epoll_create1", .outright = true)
	ROW("making eventfds", "eventfd", "eventfd eventfd2", .outright = true)
	ROW("making signalfds", "signalfd", "signalfd signalfd4",
	    .outright = true)
	ROW("watching files", "inotify_init", "inotify_init inotify_init1",
	    .outright = true)
	ROW("making files in memory", "memfd_create", "@memfd",
	    .outright = true, .ways = true)

	ROW("accepting connections", "accept", "accept accept4")
	ROW("reaching others over sockets", "connect",
	    "connect sendto sendmsg sendmmsg",
	    .mend = "@network, or connect sendto sendmsg sendmmsg",
	    .outright = true, .needs = "socket", .ways = true)
	ROW("sending over sockets", "sendto sendmsg",
	    "send sendto sendmsg sendmmsg", .mend = "sendto sendmsg sendmmsg",
	    .needs = "socket socketpair")
	ROW("receiving over sockets", "recvfrom recvmsg",
	    "recv recvfrom recvmsg recvmmsg recvmmsg_time64",
	    .mend = "recvfrom recvmsg recvmmsg", .needs = "socket socketpair")

	ROW("running programs", "execve", "@exec")
	ROW("making processes", "fork vfork clone", "@spawn", .outright = true)
	ROW("making namespaces", "unshare", "clone:newns clone3",
	    .mend = "clone if clone_flags & (CLONE_NEWNS|CLONE_NEWCGROUP|"
	    "CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWUSER|CLONE_NEWPID|"
	    "CLONE_NEWNET) != 0, and clone3 = ENOSYS", .outright = true)
	ROW("making namespaces", "clone:newns", "unshare clone3",
	    .mend = "unshare, and clone3 = ENOSYS")
	ROW("making user namespaces", "clone:newuser unshare:newuser",
	    "clone:newuser unshare:newuser clone3",
	    .mend = "clone if clone_flags & CLONE_NEWUSER != 0, the same of "
	    "unshare, and clone3 = ENOSYS")
	ROW("signalling other processes", "kill tkill tgkill", "@send-signal")
	ROW("waiting for children", "wait4 waitid", "@wait", .outright = true)

	ROW("making memory executable",
	    "mmap:wx mmap2:wx mprotect:x pkey_mprotect:x",
	    "mmap:wx mmap2:wx mprotect:x pkey_mprotect:x shmat:x personality:x",
	    .mend = "mmap if prot & (PROT_WRITE|PROT_EXEC) == "
	    "PROT_WRITE|PROT_EXEC, mprotect and pkey_mprotect if prot & "
	    "PROT_EXEC != 0, shmat if shmflg & SHM_EXEC != 0, personality if "
	    "personality & READ_IMPLIES_EXEC != 0")
	ROW("changing the protection of memory", "mprotect",
	    "mprotect pkey_mprotect", .outright = true)
	ROW("pinning memory", "mlock mlockall", "mlock mlock2 mlockall",
	    .mend = "@memlock", .outright = true)
	ROW("waiting on futexes", "futex", "@futex", .outright = true)

	ROW("changing the user ID", "setuid setreuid setresuid",
	    "setuid setreuid setresuid setfsuid setuid32 setreuid32 "
	    "setresuid32 setfsuid32", .mend = "@setuid and setfsuid")
	ROW("changing the group ID", "setgid setregid setresgid",
	    "setgid setregid setresgid setfsgid setgid32 setregid32 "
	    "setresgid32 setfsgid32", .mend = "@setuid and setfsgid")
	ROW("changing supplementary groups", "setgroups",
	    "setgroups setgroups32", .mend = "@setuid")
	ROW("setting limits", "setrlimit", "setrlimit prlimit64:set",
	    .mend = "prlimit64 if new_rlim != 0", .outright = true)
	ROW("changing the scheduling", "sched_setscheduler sched_setparam",
	    "sched_setscheduler sched_setparam sched_setattr")
	ROW("setting the clock", "clock_settime settimeofday", "@clock stime",
	    .mend = "@clock", .outright = true)
	ROW("loading kernel modules", "init_module finit_module",
	    "@load-module")
	ROW("loading another kernel", "kexec_load", "@kexec")
	ROW("loading seccomp filters", "seccomp",
	    "seccomp prctl:PR_SET_SECCOMP",
	    .mend = "seccomp, and prctl if option == PR_SET_SECCOMP",
	    .outright = true, .ways = true)
	{0},
};

const struct brings brings[] = {
	{"read readv pread64 preadv preadv2",
	 "read readv pread64 preadv preadv2"},
	{"write writev pwrite64 pwritev pwritev2",
	 "write writev pwrite64 pwritev pwritev2"},
	{"open openat openat2 creat",
	 "@stat @access @readlink getdents getdents64 statfs statfs64 fstatfs "
	 "fstatfs64 @rename @unlink @mkdir @chmod @utime @truncate"},
	{"bind listen accept accept4", "bind listen accept accept4"},
	{"socket socketpair accept accept4",
	 "getsockname getpeername getsockopt setsockopt shutdown recv recvfrom "
	 "recvmsg recvmmsg recvmmsg_time64 send sendto sendmsg sendmmsg"},
	{"epoll_create epoll_create1", "epoll_ctl @epoll-wait"},
	{"@spawn", "@wait"},
	{0},
};

const struct reach reaches[] = {
	{"ptrace process_vm_readv process_vm_writev pidfd_getfd",
	 "control or read other processes of the same user, or take their "
	 "descriptors, and those processes are not under the policy",
	 "@inspect"},
	{"perf_event_open",
	 "watch other processes and the kernel, and is often used in kernel "
	 "exploits", "perf_event_open"},
	{"bpf",
	 "load programs into the kernel, which may read and change what other "
	 "processes do", "bpf"},
	{"userfaultfd",
	 "stop the kernel at a page fault for as long as it likes, and is "
	 "often used in kernel exploits", "userfaultfd"},
	{0},
};

const struct fallback fallbacks[] = {
	{"clone3", "clone", "libc", true},
	{"openat2", "openat", "a program", false},
	{"faccessat2", "faccessat", "libc's faccessat", false},
	{"fchmodat2", "fchmodat", "libc's fchmodat", false},
	{"close_range", "close", "a program", false},
	{"statx", "newfstatat fstatat64 stat64", "libc's statx", false},
	{"epoll_pwait2", "epoll_pwait epoll_wait", "an event loop", false},
	{"clock_gettime64", "clock_gettime", "libc on 32 bits", false},
	{"futex_time64", "futex", "libc on 32 bits", false},
	{"ppoll_time64", "ppoll poll", "libc on 32 bits", false},
	{"pselect6_time64", "pselect6 _newselect", "libc on 32 bits", false},
	{0},
};

const struct fallback *fallback_of(uint32_t call)
{
	for (const struct fallback *row = fallbacks; row->call; row++)
		if (syscall_by_name(row->call) == call)
			return row;
	return NULL;
}

const char *const io_uring_does =
	"@open @stat @rename @unlink @mkdir @link @symlink @pipe @futex @wait "
	"read readv pread64 preadv preadv2 write writev pwrite64 pwritev "
	"pwritev2 recvfrom recvmsg sendto sendmsg splice tee socket bind "
	"listen accept accept4 connect shutdown close fsync fdatasync "
	"sync_file_range fallocate ftruncate fadvise64 madvise getxattr "
	"fgetxattr setxattr fsetxattr epoll_ctl epoll_wait poll "
	"getsockopt setsockopt";

/* Does the list name the call, outright or, with_powers, by the use that
 * carries its power? */
static bool names(const char *calls, uint32_t call, bool with_powers)
{
	struct use use;

	for_uses (calls, &use)
		if (use.call == call &&
		    (!use.n ||
		     (with_powers && power_use_named(call, use.label))))
			return true;
	return false;
}

bool equivalent_calls(uint32_t a, uint32_t b)
{
	for (const struct equivalent *row = equivalents; row->what; row++)
		if (names(row->others, a, true) && names(row->others, b, true))
			return true;
	return false;
}

static void add_list(const char *calls, struct calls *siblings)
{
	struct use use;

	for_uses (calls, &use)
		if (!use.n)
			calls_add(siblings, use.call);
}

void siblings_add(uint32_t call, struct calls *siblings)
{
	for (const struct equivalent *row = equivalents; row->what; row++)
		if (!row->ways && names(row->others, call, false))
			add_list(row->others, siblings);
	for (const struct brings *row = brings; row->calls; row++)
		if (names(row->calls, call, false))
			add_list(row->others, siblings);
}

/* names of threads, and of malloc's memory */
const char *const floor_uses = "prctl:PR_SET_NAME prctl:PR_SET_VMA";

void floor_add(struct calls *calls)
{
	/* memory, isatty(), which is another ioctl in every libc, threads */
	add_list("mmap mmap2 mprotect ioctl clone fork vfork", calls);
}
