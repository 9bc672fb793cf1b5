/* pty DIALOGUE CMD...: runs CMD in a session of its own with a new terminal,
 * and talks to it as the file DIALOGUE says.  Each of its lines is
 *
 *   < TEXT    wait until the terminal shows TEXT
 *   > TEXT    type TEXT (\n, \\ and \ooo as in C)
 *   . N       wait N tenths of a second
 *
 * What the terminal shows goes to standard output.  The status is CMD's, or
 * 124 if a TEXT did not come within a minute. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char shown[1 << 20];
static size_t n_shown, searched;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* Takes what the terminal shows, if it does within ms; 0 when CMD has closed it. */
static int take(int master, int ms)
{
	struct pollfd p = { .fd = master, .events = POLLIN };
	ssize_t n;

	if (poll(&p, 1, ms) <= 0)
		return 1;
	n = read(master, shown + n_shown, sizeof(shown) - 1 - n_shown);
	if (n <= 0)
		return 0;
	if (write(1, shown + n_shown, n) != n)
		return 0;
	n_shown += n;
	return 1;
}

static int wait_text(int master, const char *text)
{
	double end = now() + 60;

	for (;;) {
		char *hit = strstr(shown + searched, text);

		if (hit) {
			searched = hit + strlen(text) - shown;
			return 0;
		}
		if (now() > end || !take(master, 200))
			return -1;
	}
}

static void type(int master, const char *text)
{
	for (; *text; text++) {
		char c = *text;

		if (c == '\\' && text[1] == 'n') {
			c = '\n';
			text++;
		} else if (c == '\\' && text[1] >= '0' && text[1] <= '3') {
			c = (text[1] - '0') << 6 | (text[2] - '0') << 3 |
			    (text[3] - '0');
			text += 3;
		} else if (c == '\\' && text[1]) {
			c = *++text;
		}
		if (write(master, &c, 1) != 1)
			return;
	}
}

static void pause_for(int master, double seconds)
{
	double end = now() + seconds;

	while (now() < end)
		if (!take(master, 50))
			return;
}

static int talk(int master, FILE *dialogue)
{
	char line[1024];

	while (fgets(line, sizeof(line), dialogue)) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '>')
			type(master, line + 2);
		else if (line[0] == '.')
			pause_for(master, atoi(line + 2) / 10.0);
		else if (line[0] == '<' && wait_text(master, line + 2))
			return -1;
	}
	return 0;
}

static pid_t start(int master, char **argv)
{
	pid_t pid = fork();
	int slave;

	if (pid)
		return pid;
	for (int i = 1; i < 32; i++)
		signal(i, SIG_DFL);
	setsid();
	slave = open(ptsname(master), O_RDWR);
	close(master);
	if (slave < 0 || ioctl(slave, TIOCSCTTY, 0))
		_exit(125);
	dup2(slave, 0);
	dup2(slave, 1);
	dup2(slave, 2);
	if (slave > 2)
		close(slave);
	execvp(argv[0], argv);
	_exit(127);
}

static int has_ended(pid_t pid)
{
	siginfo_t info = { 0 };

	waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT);
	return info.si_pid == pid;
}

/* Until CMD ends, and then what it left in the terminal. */
static void hear_out(int master, pid_t pid)
{
	size_t before;

	while (take(master, 200) && !has_ended(pid))
		;
	do
		before = n_shown;
	while (take(master, 200) && n_shown > before);
}

int main(int argc, char **argv)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	FILE *dialogue = argc > 2 ? fopen(argv[1], "re") : NULL;
	int status, failed;
	pid_t pid;

	if (!dialogue || master < 0 || grantpt(master) || unlockpt(master))
		return 2;
	pid = start(master, argv + 2);
	failed = talk(master, dialogue);
	if (failed)
		kill(-pid, SIGKILL);
	else
		hear_out(master, pid);
	if (failed)
		printf("\n[a text did not come]\n");
	waitpid(pid, &status, 0);
	if (failed)
		return 124;
	return WIFEXITED(status) ? WEXITSTATUS(status) :
				   128 + WTERMSIG(status);
}
