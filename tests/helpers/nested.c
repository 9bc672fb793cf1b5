// build: -pthread
/* nested filters FOLDER   loads filters of its own above what is in force, one
 *                         in each child, and makes the denied FOLDER
 * nested execs            starts /bin/true in every way there is
 *
 * Prints what each answered: "TRAP: EPERM", "fexecve: signal 9", "… made" or
 * "… ran"; the last line: "12 tries, 0 open". */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *folder;
static char *argv_true[] = { "true", NULL }, *no_env[] = { NULL };

static const struct {
	const char *name;
	unsigned action, flags;
} filters[] = {
	{ "LOG", SECCOMP_RET_LOG, 0 },
	{ "ALLOW, logged", SECCOMP_RET_ALLOW, SECCOMP_FILTER_FLAG_LOG },
	{ "ALLOW, all threads", SECCOMP_RET_ALLOW, SECCOMP_FILTER_FLAG_TSYNC },
	{ "TRACE", SECCOMP_RET_TRACE | 7, 0 },
	{ "USER_NOTIF", SECCOMP_RET_USER_NOTIF, 0 },
	{ "listener", SECCOMP_RET_USER_NOTIF, SECCOMP_FILTER_FLAG_NEW_LISTENER },
	{ "listener, killable", SECCOMP_RET_USER_NOTIF,
	  SECCOMP_FILTER_FLAG_NEW_LISTENER | 1 << 5 },
	{ "ERRNO 0", SECCOMP_RET_ERRNO, 0 },
	{ "TRAP", SECCOMP_RET_TRAP, 0 },
	{ "KILL_THREAD", SECCOMP_RET_KILL_THREAD, 0 },
	{ "KILL_PROCESS", SECCOMP_RET_KILL_PROCESS, 0 },
	{ "no such action", 0x7ffa0000, 0 },
};

static int load(size_t i)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mkdir, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, filters[i].action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(*code), code };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			    filters[i].flags, &program);
}

static void *make(void *arg)
{
	/* on every other door as well */
	syscall(SYS_mkdir, folder, 0755);
	syscall(SYS_mkdirat, AT_FDCWD, folder, 0755);
	return arg;
}

/* In the handler of the trap that its own filter has set. */
static void trapped(int sig)
{
	(void)sig;
	make(NULL);
}

static int under_filter(size_t i)
{
	pthread_t thread;

	signal(SIGSYS, filters[i].action == SECCOMP_RET_TRAP ? trapped :
							       SIG_DFL);
	alarm(5);
	load(i);
	if (filters[i].action == SECCOMP_RET_KILL_THREAD) {
		pthread_create(&thread, NULL, make, NULL);
		pthread_join(thread, NULL);
	}
	make(NULL);
	return errno;
}

static int copied(void)
{
	static char bytes[1 << 20];
	int from = open("/bin/true", O_RDONLY), to = memfd_create("true", 0);
	ssize_t n = read(from, bytes, sizeof(bytes));

	return n > 0 && write(to, bytes, (size_t)n) == n ? to : -1;
}

static long exec_way(size_t i)
{
	switch (i) {
	case 0:
		return execve("/bin/true", argv_true, no_env);
	case 1:
		return syscall(SYS_execveat, AT_FDCWD, "/bin/true", argv_true,
			       no_env, 0);
	case 2:
		return syscall(SYS_execveat, open("/bin/true", O_PATH), "",
			       argv_true, no_env, AT_EMPTY_PATH);
	case 3:
		return fexecve(open("/bin/true", O_RDONLY), argv_true, no_env);
	case 4:
		return syscall(SYS_execveat, copied(), "", argv_true, no_env,
			       AT_EMPTY_PATH);
	case 5:
		return syscall(SYS_execve | 1L << 32, "/bin/true", argv_true,
			       no_env);
	case 6:
		return syscall(520 | 1L << 30, "/bin/true", argv_true, no_env);
	default:
		return syscall(520, "/bin/true", argv_true, no_env);
	}
}

static const char *const exec_names[] = { "execve", "execveat", "O_PATH",
					  "fexecve", "memfd", "upper half",
					  "x32", "520" };

static int by_exec(size_t i)
{
	exec_way(i);
	return errno;
}

/* try() answers an errno; 0, which only /bin/true says, is an open door. */
static int try_all(const char *const *names, size_t n, int (*try)(size_t i))
{
	int opened = 0;

	for (size_t i = 0; i < n; i++) {
		struct stat is;
		int status;
		pid_t child;

		printf("%s: ", names ? names[i] : filters[i].name);
		fflush(stdout);
		child = fork();
		if (!child)
			_exit(try(i));
		waitpid(child, &status, 0);
		if (folder && !stat(folder, &is)) {
			puts("made");
			rmdir(folder);
			opened++;
		} else if (WIFSIGNALED(status)) {
			printf("signal %d\n", WTERMSIG(status));
		} else if (!folder && !WEXITSTATUS(status)) {
			puts("ran");
			opened++;
		} else {
			puts(strerrorname_np(WEXITSTATUS(status)));
		}
	}
	printf("%zu tries, %d open\n", n, opened);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "filters")) {
		folder = argv[2];
		return try_all(NULL, sizeof(filters) / sizeof(*filters),
			       under_filter);
	}
	if (argc == 2 && !strcmp(argv[1], "execs"))
		return try_all(exec_names,
			       sizeof(exec_names) / sizeof(*exec_names),
			       by_exec);
	return 2;
}
