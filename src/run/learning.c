#include "run/learning.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/exitcode.h"
#include "base/proc.h"
#include "base/text.h"
#include "base/util.h"
#include "formats/search.h"
#include "learn/seen_read.h"
#include "report/report_words.h"
#include "run/refuse.h"

static int refuse_filters(void)
{
	unsigned n = proc_filters();

	if (!n)
		return 0;
	return refuse(xasprintf(
		"%u seccomp filter%s in force already, and what %s keep%s from "
		"the command cannot be learned: learn outside of the container "
		"or service", n, n == 1 ? " is" : "s are",
		n == 1 ? "it" : "they", n == 1 ? "s" : ""));
}

/* A link is not followed: who reads FILE later must find what was written. */
static int look(const char *path, bool *exists)
{
	struct stat st;

	*exists = lstat(path, &st) == 0;
	if (!*exists)
		return errno == ENOENT ? 0
				       : refuse(xasprintf("%s: %s", path,
							  strerror(errno)));
	if (S_ISREG(st.st_mode))
		return 0;
	return refuse(xasprintf("%s is %s, not a regular file", path,
				S_ISLNK(st.st_mode)    ? "a symbolic link"
				: S_ISFIFO(st.st_mode) ? "a FIFO"
						       : "a directory or device"));
}

static int find_place(struct learning *l)
{
	const char *file = l->options->learn;
	char *why = place_find(&l->place, file);

	if (!why && place_try(&l->place, "", 0) == 0)
		return 0;
	why = why ? why : xstrdup(place_error(errno));
	reprint(&why, "%s cannot be written: %s", file, why);
	return refuse(why);
}

static struct policy *load(const struct policy_request *request,
			   struct kept_files *kept)
{
	released_by(diags_tell) struct diags diags = DIAGS_INIT;

	return kept ? policy_load_kept(request, kept, &diags)
		    : policy_load(request, &diags);
}

/* FILE as it is, which -p would look up by name without a slash. */
static int read_file(struct learning *l)
{
	cleanup_free char *path = xasprintf(
		"%s%s", strchr(l->options->learn, '/') ? "" : "./",
		l->options->learn);
	const char *paths[] = {path};
	const struct policy_request request = {.policies = paths, .n = 1};

	l->job.old = load(&request, &l->kept);
	if (!l->job.old)
		return EXITCODE_SANDBOX;
	l->job.text = xstrdup(l->kept.items[0].text);
	return 0;
}

/* What it says is allowed then: in a folder that others write to, too, it has to
 * be ours.  (Root's trust is asked where it is read.) */
static char *refuse_owner(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return xstrdup(strerror(errno));
	if (st.st_uid == geteuid() || st.st_uid == 0 || geteuid() == 0)
		return NULL;
	return xasprintf("it belongs to uid %u", st.st_uid);
}

static int read_seen(struct learning *l)
{
	char *path = l->options->seen, *why = NULL;
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW |
					       O_NONBLOCK | O_NOCTTY);
	struct seen_rows rows = {0};
	cleanup_free char *text = NULL;
	size_t n;

	why = fd < 0 ? xstrdup(strerror(errno)) : refuse_owner(fd);
	if (!why)
		text = search_read(&(struct found){fd, path}, &n, &why);
	if (!text) {
		reprint(&why, "cannot read %s: %s", path, why);
		return refuse(why);
	}
	l->job.before = &l->before;
	if (seen_read(text, n, &rows, &why) < 0)
		reprint(&why, "%s: %s", path, why);
	for (size_t i = 0; !why && i < rows.n; i++)
		if (rows.items[i].call.call != CALL_NONE)
			seen_add(&l->before, &rows.items[i].call);
	seen_rows_free(&rows);
	return why ? refuse(why) : 0;
}

/* Nothing that was learned or written is lost unasked. */
static int read_earlier(struct learning *l, bool file, bool seen)
{
	const struct options *options = l->options;

	if ((file || seen) && !options->merge && !options->force)
		return refuse(xasprintf(
			file ? "%s exists already: --merge adds to it what "
			       "this run needs, --force writes it afresh"
			     : "%s.seen is there, of a run that was cut short: "
			       "--merge takes it up, --force begins anew",
			options->learn));
	if (!options->merge)
		return 0;
	return (file ? read_file(l) : 0) ?: (seen ? read_seen(l) : 0);
}

/* A fresh FILE includes them. */
static int read_base(struct learning *l)
{
	const struct stat *file = &l->place.entry;
	char *why;

	l->job.base = load(&l->options->request, l->job.old ? NULL : &l->kept);
	if (!l->job.base)
		return EXITCODE_SANDBOX;
	if (l->job.old)
		return 0;
	for (size_t i = 0; i < l->kept.n; i++)
		if (l->place.exists && l->kept.items[i].ino == file->st_ino &&
		    l->kept.items[i].dev == file->st_dev)
			return refuse(xasprintf(
				"%s is one of the policies of -p, and cannot "
				"include itself: give --learn another FILE",
				l->options->learn));
	why = learn_includes(&l->job);
	return why ? refuse(why) : 0;
}

int learning_open(struct learning *l, const struct options *options)
{
	bool file = false, seen = false;

	*l = (struct learning){
		.options = options,
		.place = {.dir = -1},
		.job = {
			.file = options->learn,
			.place = &l->place,
			.kept = &l->kept,
			.bases = (const char *const *)options->request.policies,
			.n_bases = options->request.n,
			.exact = options->exact,
		},
	};
	return refuse_filters() ?:
	       look(options->learn, &file) ?:
	       look(options->seen, &seen) ?:
	       read_earlier(l, file, seen) ?:
	       find_place(l) ?:
	       (options->request.n ? read_base(l) : 0);
}

void learning_recall(const struct learning *l, struct tally *tally)
{
	for (size_t i = 0; i < l->before.n; i++) {
		const struct seen_call *call = &l->before.calls[i];
		int64_t nr = syscall_number(call->call, call->abi);

		if (nr >= 0)
			tally_learned(tally, call->abi, (uint32_t)nr,
				      call->hits, &call->uses);
	}
}

/* How many calls are left out, since no policy can admit them. */
static size_t gather(struct tally *tally, struct seen *seen)
{
	size_t n, left_out = 0;
	const struct tally_row *const *counts = tally_counts(tally, &n);

	for (size_t i = 0; i < n; i++) {
		const struct tally_row *count = counts[i];

		/* unknown ABIs, x32, numbers that are none of a policy's */
		if (count->abi < 0 || abi_is_x32(count->abi, count->nr) ||
		    syscall_number(count->call, (enum abi_id)count->abi) < 0 ||
		    (count->call & CALL_RAW && count->nr > CALL_RAW_LAST)) {
			left_out++;
			continue;
		}
		seen_add(seen, &(struct seen_call){
				       .abi = (enum abi_id)count->abi,
				       .call = count->call,
				       .hits = count->hits,
				       .uses = count->uses,
			       });
	}
	return left_out;
}

static char *ending_of(const struct run_info *run)
{
	cleanup_free char *sig = NULL;

	if (run->failed)
		return xstrdup("sandbox could not trace the command any more");
	if (!WIFSIGNALED(run->wait_status))
		return NULL;
	sig = signal_label(WTERMSIG(run->wait_status));
	return xasprintf("%s died of %s", run->command[0], sig);
}

/* "83 calls: starting programs; writing or changing files" */
static char *sum(size_t calls, powers set)
{
	cleanup_free char *opens = powers_text(set);

	return xasprintf("%zu call%s%s%s", calls, calls == 1 ? "" : "s",
			 set ? ": " : "", opens);
}

static void say_learned(const struct learning *l, const struct learned *learned)
{
	const bool merged = l->job.text;
	cleanup_free char *all = sum(learned->calls, learned->opens);
	cleanup_free char *more = sum(learned->new_calls, learned->new_powers);

	if (learned->denied)
		say("sandbox: %s denies what the command called, and still "
		    "does: %s", l->options->learn, learned->denied);
	say("sandbox: learned %s; %s %s%s%s", all,
	    merged ? "new in" : "written to", l->options->learn,
	    merged ? ": " : "", merged ? more : "");
}

void learning_end(struct learning *l, const struct run_info *run,
		  struct tally *tally, bool kept)
{
	const struct options *options = l->options;
	cleanup_free char *ending = ending_of(run), *why = NULL;
	struct learn_job job = l->job;
	struct learned learned = {0};
	struct seen seen = {0};
	size_t left_out = gather(tally, &seen);

	job.ending = ending;
	if (left_out)
		say("sandbox: not learned: %zu call%s by x32 or other numbers "
		    "that no policy can allow (see %s)", left_out,
		    left_out == 1 ? "" : "s", options->seen);
	if (learn_policy(&job, &seen, &learned, &why) < 0)
		say("sandbox: the policy is not written: %s%s%s%s", why,
		    kept ? "; what was learned is in " : "",
		    kept ? options->seen : "",
		    kept ? ": --merge takes it up" : "");
	else if (!options->quiet)
		say_learned(l, &learned);
	if (run->note && !options->quiet)
		say("sandbox: %s", run->note);
	free(learned.denied);
	seen_release(&seen);
}

void learning_close(struct learning *l)
{
	place_free(&l->place);
	free(l->job.text);
	for (char **name = l->job.includes; name && *name; name++)
		free(*name);
	free(l->job.includes);
	kept_free(&l->kept);
	policy_free(l->job.old);
	policy_free(l->job.base);
	seen_release(&l->before);
}
