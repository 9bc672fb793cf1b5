/* swap A B: exchanges two names for ever, as whoever can change a folder may do
 * while somebody else looks there.  Ends after a minute. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	alarm(60);
	for (;;)
		renameat2(AT_FDCWD, argv[1], AT_FDCWD, argv[2],
			  RENAME_EXCHANGE);
}
