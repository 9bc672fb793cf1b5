/* relink FILE TARGET: for ever gives the name FILE in turn to a plain file that
 * everybody may write and to a symbolic link to TARGET. Another's report that
 * takes the place of either is no hindrance. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void make_file(const char *name)
{
	int fd;

	unlink(name);
	fd = open(name, O_WRONLY | O_CREAT, 0666);
	if (fd >= 0) {
		fchmod(fd, 0666);
		close(fd);
	}
}

static void make_link(const char *name, const char *target)
{
	unlink(name);
	if (symlink(target, name))
		perror(name);
}

static int is_link(const char *name)
{
	struct stat what;

	return lstat(name, &what) == 0 && S_ISLNK(what.st_mode);
}

int main(int argc, char **argv)
{
	char other[PATH_MAX];

	if (argc != 3)
		return 2;
	snprintf(other, sizeof(other), "%s.other", argv[1]);
	make_file(argv[1]);
	make_link(other, argv[2]);
	puts("ready");
	fflush(stdout);
	for (unsigned i = 1;; i++) {
		syscall(SYS_renameat2, AT_FDCWD, argv[1], AT_FDCWD, other,
			RENAME_EXCHANGE);
		if (i % 64 || is_link(argv[1]) != is_link(other))
			continue;
		make_file(argv[1]);
		make_link(other, argv[2]);
	}
}
