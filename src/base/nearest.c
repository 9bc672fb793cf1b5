#include "base/nearest.h"

#include <string.h>

unsigned edit_distance(const char *a, const char *b, unsigned limit)
{
	enum { MAX = 64 };
	unsigned row[3][MAX + 1]; /* the last two rows and the one in work */
	size_t n = strlen(a), m = strlen(b);

	if (n > MAX || m > MAX || (n > m ? n - m : m - n) > limit)
		return limit + 1;
	for (size_t j = 0; j <= m; j++)
		row[0][j] = (unsigned)j;
	for (size_t i = 1; i <= n; i++) {
		unsigned *now = row[i % 3], *last = row[(i - 1) % 3];
		unsigned *before = row[(i + 1) % 3];

		now[0] = (unsigned)i;
		for (size_t j = 1; j <= m; j++) {
			unsigned best = last[j - 1] + (a[i - 1] != b[j - 1]);

			if (last[j] + 1 < best)
				best = last[j] + 1;
			if (now[j - 1] + 1 < best)
				best = now[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			now[j] = best;
		}
	}
	return row[n % 3][m] <= limit ? row[n % 3][m] : limit + 1;
}

unsigned suggest_limit(const char *s)
{
	size_t n = strlen(s);

	return n <= 3 ? 1 : n <= 8 ? 2 : 3;
}

struct nearest nearest_to(const char *name)
{
	return (struct nearest){name, suggest_limit(name) + 1, NULL};
}

void nearest_offer(struct nearest *nearest, const char *name)
{
	unsigned d = edit_distance(nearest->to, name, nearest->distance);

	if (d < nearest->distance) {
		nearest->distance = d;
		nearest->name = name;
	}
}
