#include "tally/ip_origin.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

#include "base/proc.h"
#include "base/util.h"

/* " (deleted)" is said of files replaced since they were mapped. */
static size_t describe(char *name, uint64_t offset, char *buf, size_t size)
{
	char *slash, *deleted;
	size_t n = strcspn(name, "\n");

	name[n] = '\0';
	if (!n)
		return 0;
	slash = strrchr(name, '/');
	if (has_suffix(name, " (deleted)")) {
		deleted = name + n - strlen(" (deleted)");
		*deleted = '\0';
	}
	return (size_t)snprintf(buf, size, "%s+0x%" PRIx64,
				slash ? slash + 1 : name, offset);
}

/* A line: START-END PERMS PGOFF DEV INODE   NAME.  getline: a path can be
 * longer than any buffer. */
static size_t find(pid_t tid, uint64_t ip, char *buf, size_t size)
{
	cleanup_file FILE *maps = proc_stream(tid, "maps");
	cleanup_free char *line = NULL;
	size_t cap = 0;

	while (maps && getline(&line, &cap, maps) > 0) {
		uint64_t start, end, pgoff;
		int name = 0;

		if (sscanf(line,
			   "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64
			   " %*s %*s %n",
			   &start, &end, &pgoff, &name) < 3 ||
		    !name)
			continue;
		if (ip > start && ip <= end)
			return describe(line + name, ip - start + pgoff, buf,
					size);
	}
	return 0;
}

char *ip_origin(struct reader *reader, pid_t tid, uint64_t ip)
{
	char text[NAME_MAX + 32];
	size_t n = reader_ask(reader, find, tid, ip, text, sizeof(text));

	return n ? xstrndup(text, n) : NULL;
}
