#include "learn/learn.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/util.h"
#include "formats/names.h"
#include "learn/policy_text.h"
#include "learn/sheet.h"

/* One learning run's end. */
struct learning {
	const struct learn_job *job;
	const struct seen *seen;
	struct wanted_list wanted, lacking; /* of what is there already */
	struct calls calls; /* that were seen */
	int abis; /* that were seen beside the native one, a bit each */
};

/* Foreign ABIs, a bit each. */
static int abis_of(const struct seen *seen)
{
	int set = 0;

	for (size_t i = 0; i < seen->n; i++)
		set |= 1 << seen->calls[i].abi;
	return set & ~(1 << ABI_NATIVE);
}

/* ---------------------------------------------------------------------- includes */

/* As FILE's `include` line is to name it: paths are relative to FILE's folder
 * there, and to the current one here. */
static char *include_of(const char *file, const char *base)
{
	cleanup_free char *here = getcwd(NULL, 0);

	if (!strchr(file, '/') || base[0] == '/' ||
	    (!strchr(base, '/') && !has_suffix(base, ".ini")))
		return xstrdup(base);
	return here ? xasprintf("%s/%s", here, base) : NULL;
}

/* Not what an INI line cannot hold, nor what is gone when CMD has ended
 * (/dev/fd/63). */
static bool is_fit(const char *path)
{
	for (const char *c = path; *c; c++)
		if ((unsigned char)*c < ' ' || *c == ';' || *c == '#')
			return false;
	return *path && *path != ' ' && !has_suffix(path, " ") &&
	       !has_prefix(path, "/dev/");
}

char *learn_includes(struct learn_job *job)
{
	job->includes = xcalloc(job->n_bases + 1, sizeof(*job->includes));
	for (size_t i = 0; i < job->n_bases; i++) {
		job->includes[i] = include_of(job->file, job->bases[i]);
		if (!job->includes[i] || !is_fit(job->includes[i]))
			return xasprintf("no 'include' line of %s can name %s: "
					 "learn in its folder, from a file that "
					 "stays and a path without ';' and '#'",
					 job->file, job->bases[i]);
	}
	return NULL;
}

/* -------------------------------------------------------------------------- text */

char *learn_text(const struct seen *seen, bool exact)
{
	const struct wanted_how how = {exact, ~(powers)0, .by_power = true};
	released_by(wanted_release) struct wanted_list wanted;
	const struct policy_text text = {
		.wanted = &wanted,
		.exact = exact,
		.abis = abis_of(seen),
	};

	wanted_find(seen, &how, &wanted);
	return policy_text_print(&text);
}

/* Does FILE hold what was learned before, and nothing else but how that
 * ended? */
static bool is_untouched(const struct learn_job *job, bool exact)
{
	cleanup_free char *fresh = learn_text(job->before, exact);

	return has_suffix(job->text, fresh) &&
	       policy_text_is_ending(job->text, strlen(job->text) -
							strlen(fresh));
}

/* Every byte of FILE, and behind them what it lacks. */
static char *longer_text(struct learning *l)
{
	const struct learn_job *job = l->job;
	bool is_set = job->old->effective[SET_ARCHITECTURES].at.file;
	const struct policy_text text = {
		.wanted = &l->lacking,
		.exact = job->exact,
		.ending = job->ending,
		.abis = is_set ? 0 : l->abis,
		.is_addition = true,
	};
	cleanup_free char *more = NULL, *ours = NULL;
	size_t n = strlen(job->text);

	lack_for_file(job->old, &l->wanted.arena, &l->lacking);
	if (!l->lacking.n && !text.abis)
		return xstrdup(job->text);
	ours = policy_text_print(&text);
	if (n && job->text[n - 1] != '\n')
		reprint(&ours, "\n%s", ours);
	more = with_line_ends(ours, job->text);
	return xasprintf("%s%s", job->text, more);
}

static char *new_text(struct learning *l)
{
	const struct learn_job *job = l->job;
	const struct policy_text fresh = {
		.wanted = !job->text && job->base ? &l->lacking : &l->wanted,
		.exact = job->exact,
		.ending = job->ending,
		.abis = l->abis,
		.includes = job->includes,
	};
	bool is_ours = !job->text ||
		       (job->before && (is_untouched(job, job->exact) ||
					is_untouched(job, !job->exact)));

	return is_ours ? policy_text_print(&fresh) : longer_text(l);
}

/* ------------------------------------------------------------------------ result */

static void count_new(const struct learning *l, struct learned *result)
{
	const struct wanted_list *lacking = &l->lacking;
	released_by(calls_free) struct calls new = {0};

	for (size_t i = 0; i < lacking->n; i++) {
		const struct wanted *wanted = &lacking->wanted[i];

		if (!calls_has(&l->calls, wanted->call))
			continue;
		result->new_powers |= wanted->opens;
		calls_add(&new, wanted->call);
	}
	result->new_calls = new.n;
}

/* What was seen and is denied all the same, by the policy that is there now. */
static void find_denied(const struct learning *l, const struct policy *now,
			struct learned *result)
{
	released_by(calls_free) struct calls denied = {0};
	released_by(wanted_release) struct wanted_list lacking;

	lack_find(now, &l->wanted, 0, &lacking);
	for (size_t i = 0; i < lacking.n; i++)
		if (calls_has(&l->calls, lacking.wanted[i].call))
			calls_add(&denied, lacking.wanted[i].call);
	for (size_t i = 0; i < l->seen->n; i++)
		if (!policy_admits(now, l->seen->calls[i].abi))
			calls_add(&denied, l->seen->calls[i].call);
	if (denied.n)
		result->denied = calls_text(&denied);
}

/* A fresh FILE of this text, and those of -p where it includes them. */
static void keep(const struct learn_job *job, const char *text,
		 struct kept_files *files)
{
	kept_add(files, (struct kept_file){.name = job->file,
					   .path = job->file,
					   .text = text,
					   .n = strlen(text)});
	for (size_t i = 0; i < job->n_bases; i++) {
		const struct kept_file *base =
			kept_find(job->kept, job->bases[i], NULL);
		struct kept_file inner;

		if (!base)
			continue;
		inner = *base;
		inner.name = job->includes[i];
		inner.within = job->file;
		kept_add(files, inner);
	}
	for (size_t i = 0; job->kept && i < job->kept->n; i++)
		if (job->kept->items[i].within)
			kept_add(files, job->kept->items[i]);
}

/* The text as the policy that it is, or NULL with why. */
static struct policy *load(const struct learn_job *job, const char *text,
			   char **why)
{
	released_by(kept_free) struct kept_files fresh = KEPT_FILES_INIT;
	struct kept_files *files = job->text && job->kept ? job->kept : &fresh;
	struct policy_request request = {.n = 1};
	released_by(diags_free) struct diags diags = DIAGS_INIT;
	struct policy *policy;

	if (files == job->kept)
		kept_replace(files, text);
	else
		keep(job, text, files);
	request.policies = &files->items[0].name;
	policy = policy_load_kept(&request, files, &diags);
	if (!policy)
		*why = xasprintf("%s:%d: %s", job->file,
				 diags.items[0].line, diags.items[0].text);
	return policy;
}

/* NULL, or why not. */
static char *learn(struct learning *l, struct learned *result)
{
	const struct learn_job *job = l->job;
	const struct policy *there = job->text ? job->old : job->base;
	cleanup_free char *text = NULL;
	cleanup_policy struct policy *policy = NULL;
	char *why = NULL;

	if (there)
		lack_find(there, &l->wanted, l->abis, &l->lacking);
	text = new_text(l);
	count_new(l, result);
	policy = load(job, text, &why);
	if (policy) {
		find_denied(l, policy, result);
		if (!job->text || !streq(text, job->text))
			why = place_replace(job->place, job->text, text);
		if (why)
			reprint(&why, "%s could not be written: %s", job->file,
				why);
	}
	return why;
}

int learn_policy(const struct learn_job *job, const struct seen *seen,
		 struct learned *result, char **why)
{
	const struct wanted_how how = {job->exact, ~(powers)0, true};
	struct learning l = {.job = job, .seen = seen, .abis = abis_of(seen)};

	for (size_t i = 0; i < seen->n; i++)
		calls_add(&l.calls, seen->calls[i].call);
	*result = (struct learned){
		.calls = l.calls.n,
		.opens = wanted_powers(seen, &how),
	};
	wanted_find(seen, &how, &l.wanted);
	*why = learn(&l, result);
	wanted_release(&l.lacking);
	wanted_release(&l.wanted);
	free(l.calls.items);
	return *why ? -1 : 0;
}
