#include "run/progress.h"

#include "base/text.h"
#include "base/util.h"
#include "report/report_words.h"

static const double first_gap_s = 3.0;

static char *news(const struct progress *p, size_t calls, powers set,
		  double now_s)
{
	cleanup_free char *opens = powers_text(set & ~p->powers);

	if (*opens)
		return xasprintf("new: %s", opens);
	if (calls > p->calls)
		return xasprintf("%zu new", calls - p->calls);
	return xasprintf("nothing new for %.0f s", now_s - p->new_s);
}

void progress_say(struct progress *p, const struct tally *tally, double now_s)
{
	cleanup_free char *text = NULL;
	size_t calls;
	powers set;

	if (!p->is_on || now_s < p->due_s)
		return;
	set = tally_powers(tally, &calls);
	text = news(p, calls, set, now_s);
	if (p->due_s > 0)
		say("sandbox: learning for %.0f s: %zu calls; %s", now_s, calls,
		    text);
	if (calls > p->calls || set != p->powers) {
		p->gap_s = first_gap_s;
		p->new_s = now_s;
	} else {
		p->gap_s *= 2;
	}
	p->due_s = now_s + p->gap_s;
	p->calls = calls;
	p->powers = set;
}
