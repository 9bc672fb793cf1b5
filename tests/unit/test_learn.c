/* The file that a learning run writes, or adds to. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "learn/learn.h"
#include "learn/policy_text.h"
#include "load_fixture.h"
#include "random.h"
#include "review/check.h"
#include "review/difference.h"
#include "seen_fixture.h"

static char *file_text(const char *path)
{
	char *text = xcalloc(1, 1 << 16);
	FILE *f = fopen(path, "re");

	assert_non_null(f);
	text[fread(text, 1, (1 << 16) - 1, f)] = '\0';
	fclose(f);
	return text;
}

/* Runs the end of a learning run; job has what is special. */
static struct learned learn(struct learn_job job, const struct seen *seen)
{
	struct place place;
	struct learned result;
	char *why = place_find(&place, "p.ini");

	assert_null(why);
	job.file = "p.ini";
	job.place = &place;
	if (job.n_bases)
		assert_null(learn_includes(&job));
	if (learn_policy(&job, seen, &result, &why) < 0)
		fail_msg("%s", why);
	place_free(&place);
	for (size_t i = 0; i < job.n_bases; i++)
		free(job.includes[i]);
	free(job.includes);
	return result;
}

static struct learned learn_words(const char *words, struct learn_job job)
{
	struct seen seen = see(words);
	struct learned result = learn(job, &seen);

	seen_release(&seen);
	return result;
}

static char *fresh(const char *words, struct learn_job job)
{
	learn_words(words, job);
	return file_text("p.ini");
}

/* FILE gets these words too; before: those of FILE.seen, or NULL. */
static struct learned merge(const char *before, const char *words)
{
	char *text = file_text("p.ini");
	struct policy *old = load_text(text);
	struct seen seen = see(before ? before : words), all = see(words);
	struct learn_job job = {
		.text = text,
		.old = old,
		.before = before ? &seen : NULL,
	};
	struct learned result;

	for (size_t i = 0; i < seen.n; i++)
		seen_add(&all, &seen.calls[i]);
	result = learn(job, &all);
	policy_free(old);
	seen_release(&all);
	seen_release(&seen);
	free(text);
	return result;
}

static void test_text(void **state)
{
	char *text = fresh("read openat:write-files execve "
			   "socket:socket-unix:socket-tcp "
			   "ioctl=TCGETS,TCSETS,0x1234 getpid 490",
			   (struct learn_job){.exact = true});

	(void)state;
	assert_text(text,
		    "; Learned by \"sandbox --learn\".  It lets the program do "
		    "what it did then:\n"
		    ";\n"
		    ";   exec             starting programs\n"
		    ";   write-files      writing or changing files\n"
		    ";   socket-unix      making UNIX sockets\n"
		    ";   socket-tcp       making TCP sockets\n"
		    ";   terminal         changing the settings of the "
		    "terminal\n"
		    ";   device-ioctl     controlling devices by ioctl\n"
		    ";   unknown-calls    calls that sandbox has no name for\n"
		    ";\n"
		    "; Only calls that it made are allowed (--exact).  "
		    "Anything\n"
		    "; else is denied.  To learn more, run it again with "
		    "--merge.\n"
		    "\n"
		    "[policy]\n"
		    "default = deny\n"
		    "; newer calls are answered ENOSYS, and programs go on with "
		    "older ones\n"
		    "kernel = 5.2\n"
		    "\n"
		    "[allow]\n"
		    "; starting programs\n"
		    "syscalls = execve\n"
		    "\n"
		    "; writing or changing files\n"
		    "syscalls = openat\n"
		    "\n"
		    "; making UNIX sockets\n"
		    "socket = if family == AF_UNIX\n"
		    "\n"
		    "; making TCP sockets\n"
		    "socket = if family == AF_INET and type & SOCK_TYPE_MASK "
		    "== SOCK_STREAM or\n"
		    "\tfamily == AF_INET6 and type & SOCK_TYPE_MASK == "
		    "SOCK_STREAM\n"
		    "\n"
		    "; changing the settings of the terminal\n"
		    "ioctl = if cmd == TCSETS\n"
		    "\n"
		    "; controlling devices by ioctl\n"
		    "ioctl = if cmd == 0x1234\n"
		    "\n"
		    "; calls that sandbox has no name for\n"
		    "syscalls = 490\n"
		    "\n"
		    "; harmless: own memory, own descriptors, waiting, files "
		    "to read\n"
		    "syscalls = getpid read\n"
		    "ioctl = if cmd == TCGETS\n");
	free(text);
}

static void test_other_texts(void **state)
{
	char *text = fresh("read", (struct learn_job){0});

	(void)state;
	assert_contains(text, "\n;   nothing but harmless calls\n");
	assert_contains(text, "\nsyscalls = @runtime\n");
	assert_null(strstr(text, "architectures"));
	assert_null(strstr(text, "ended early"));
	free(text);
	text = fresh("read", (struct learn_job){.exact = true});
	assert_null(strstr(text, "@runtime"));
	free(text);
	text = fresh("read readdir@x86", (struct learn_job){0});
	assert_contains(text, "\narchitectures = x86_64 x86\n");
	assert_contains(text, " readdir");
	free(text);
	text = fresh("read", (struct learn_job){
				     .ending = "x died of\nSIGSEGV"});
	assert_int_equal(strncmp(text, "; Learned from a run that ended early: "
				       "x died of SIGSEGV.\n; What", 61), 0);
	free(text);
	/* CMD that was not seen to make any call */
	text = fresh("clone3", (struct learn_job){.exact = true});
	policy_free(load_text(text));
	free(text);
}

/* The same set, seen in another order and number, gives the same bytes. */
static void test_same_bytes(void **state)
{
	char *a = fresh("read openat:write-files ioctl=TCGETS,1,2 connect",
			(struct learn_job){0});
	char *b = fresh("connect connect ioctl=2 openat read ioctl=1,TCGETS "
			"openat:write-files read",
			(struct learn_job){0});

	(void)state;
	assert_text(a, b);
	free(a);
	free(b);
}

static void see_at_random(struct rng *rng, struct seen *seen)
{
	for (int i = 0; i < 20; i++) {
		uint32_t call = rng_below(rng, (uint32_t)syscall_count());
		enum abi_id abi = rng_below(rng, 8) ? ABI_NATIVE : ABI_X86;
		struct seen_call one = {.abi = abi, .call = call, .hits = 1};
		uint64_t args[6] = {rng_edge(rng), rng_below(rng, 50),
				    rng_edge(rng), rng_edge(rng)};

		if (syscall_number(call, abi) < 0)
			continue;
		uses_add(&one.uses, abi, call, args);
		seen_add(seen, &one);
		uses_release(&one.uses);
	}
}

/* What the policy lets through, and what was wanted: the same, but for the
 * calls that no policy denies. */
static void assert_allows_just(const struct policy *policy,
			       const struct wanted_list *list)
{
	struct survey survey;

	survey_open(&survey, policy, NULL);
	for (uint32_t call = 0; call < syscall_count(); call++) {
		diagram wanted = DIAGRAM_FALSE;
		diagram runs = survey_runs(&survey, call);

		if (syscall_row(call)->flags &
			    (SYSCALL_IMPLICIT | SYSCALL_UNFILTERED) ||
		    syscall_number(call, ABI_NATIVE) < 0)
			continue;
		for (size_t i = 0; i < list->n; i++)
			if (list->wanted[i].call == call)
				wanted = diagram_or(
					survey.store, wanted,
					diagram_of_cond(survey.store,
							list->wanted[i].cond));
		if (runs != wanted)
			fail_msg("%s", syscall_row(call)->name);
	}
	survey_close(&survey);
}

static void test_allows_just_that(void **state)
{
	struct rng rng = {7};

	(void)state;
	for (int i = 0; i < 150; i++) {
		struct wanted_how how = {.exact = i & 1,
					 .allowed = ~(powers)0};
		struct seen seen = {0};
		struct wanted_list list;
		struct policy *policy;
		struct learned learned;
		char *text;

		see_at_random(&rng, &seen);
		learned = learn((struct learn_job){.exact = how.exact}, &seen);
		if (learned.denied)
			fail_msg("%s stays denied", learned.denied);
		assert_int_equal(learned.opens, wanted_powers(&seen, &how));
		text = file_text("p.ini");
		policy = load_text(text);
		wanted_find(&seen, &how, &list);
		assert_allows_just(policy, &list);
		wanted_release(&list);
		policy_free(policy);
		free(text);
		seen_release(&seen);
	}
}

/* ------------------------------------------------------------------------ merge */

static struct policy *merged(const char *first, const char *second, bool edited)
{
	char *text = fresh(first, (struct learn_job){0}), *longer;
	struct policy *policy;

	if (edited) {
		longer = xasprintf("%s; mine\n", text);
		write_text("p.ini", longer);
		free(longer);
	}
	free(text);
	merge(first, second);
	text = file_text("p.ini");
	policy = load_text(text);
	free(text);
	return policy;
}

static const char *const sets[] = {
	"read openat ioctl=TCGETS,0x1234 mmap",
	"openat:write-files rename socket:socket-unix connect clone3",
	"socket:socket-tcp:socket-udp sendto:connect bind prctl=PR_SET_NAME",
	"ioctl=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17 ptrace=0 490",
	"mmap:write-exec mprotect:write-exec personality=0x0040000 execve",
	"waitpid@x86 read@x86 open@x86",
};

static void test_order_of_merges(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
		for (size_t j = 0; j < ARRAY_SIZE(sets); j++)
			/* the form of a condition counts on i386 */
			for (int edited = 0; edited < (i < 5 && j < 5 ? 4 : 1);
			     edited++) {
				struct policy *ab = merged(sets[i], sets[j],
							   edited & 1);
				struct policy *ba = merged(sets[j], sets[i],
							   edited & 2);
				struct differences found = {0};
				uint32_t call;

				assert_int_equal(differences_find(
							 ab, ba, &found, &call),
						 0);
				if (found.n)
					fail_msg("%zu, %zu: %s: %s, %s", i, j,
						 found.items[0].what,
						 found.items[0].a,
						 found.items[0].b);
				differences_free(&found);
				policy_free(ab);
				policy_free(ba);
			}
}

/* A file that nobody changed is what one run of both would have written; so is
 * one that says how a run ended. */
static void test_untouched(void **state)
{
	char *both = fresh("read rename connect", (struct learn_job){0}), *text;
	struct learned learned;

	(void)state;
	for (int early = 0; early < 2; early++) {
		learn_words("read rename", (struct learn_job){
					    .ending = early ? "x died" : NULL});
		learned = merge("read rename", "read connect");
		assert_int_equal(learned.calls, 3);
		assert_int_equal(learned.new_calls, 1);
		assert_int_equal(learned.new_powers,
				 POWER_SET(POWER_CONNECT));
		text = file_text("p.ini");
		assert_text(text, both);
		free(text);
	}
	free(both);
}

static const char by_hand[] =
	"; for the web server, by Ada\n"
	"[policy]\n"
	"default = deny ; and no more\n"
	"errno = EACCES\n"
	"\n"
	"[groups]\n"
	"@web = epoll_wait\n"
	"\taccept4 ; the newer one\n"
	"\n"
	"# what everybody needs\n"
	"[allow]\n"
	"syscalls = read write @web\n"
	"\tclose ; files\n"
	"openat = if flags & O_WRITES == 0 ; to read\n"
	"socket = only if family == AF_UNIX\n"
	"ioctl = if cmd in (TCGETS,\n"
	"\tTIOCGWINSZ)\n"
	"\n"
	"[deny]\n"
	"ptrace = ENOSYS\n"
	"syscalls = @mount\n"
	"bind = EACCES if addrlen > 110\n"
	"\n"
	"[kill]\n"
	"syscalls = kexec_load\n"
	"; the end, without a newline";

/* Each line of a stands in b, in that order. */
static void assert_only_adds(const char *a, const char *b)
{
	if (strncmp(a, b, strlen(a)) != 0)
		fail_msg("bytes were changed:\n%s", b);
}

static void test_by_hand(void **state)
{
	struct learned learned;
	struct policy *policy;
	char *text, *again;

	(void)state;
	write_text("p.ini", by_hand);
	learned = merge(NULL, "read openat:write-files socket:socket-tcp bind "
			      "ioctl=TCGETS,0x1234 mount ptrace=0 getpid");
	text = file_text("p.ini");
	assert_only_adds(by_hand, text);
	/* decided by rules of the file, bind only for some arguments */
	assert_string_equal(learned.denied, "bind, mount and ptrace");
	free(learned.denied);
	policy = load_text(text);
	assert_int_equal(ask(policy, "mount").action, ACTION_DENY);
	assert_int_equal(ask(policy, "ptrace").err, ENOSYS);
	assert_int_equal(ask(policy, "openat").action, ACTION_ALLOW);
	assert_int_equal(ask(policy, "link").err, EACCES);
	policy_free(policy);
	/* nothing new: not a byte more */
	learned = merge(NULL, "read openat:write-files socket:socket-tcp bind "
			      "ioctl=TCGETS,0x1234 getpid");
	free(learned.denied);
	assert_int_equal(learned.new_calls, 0);
	again = file_text("p.ini");
	assert_text(again, text);
	free(text);
	free(again);
}

/* No line that a condition under [deny] leaves nothing of. */
static void test_no_idle_line(void **state)
{
	const char *text = "[policy]\ndefault = allow\n[deny]\n"
			   "openat = if flags & O_WRITES != 0\n";
	struct learned learned;
	char *after;

	(void)state;
	write_text("p.ini", text);
	learned = merge(NULL, "read openat:write-files");
	after = file_text("p.ini");
	assert_text(after, text);
	assert_string_equal(learned.denied, "openat");
	assert_int_equal(learned.new_powers, 0);
	free(learned.denied);
	free(after);
}

/* Of a call that is there on the other ABI alone: what its line lacks. */
static void test_line_of_other_abi(void **state)
{
	struct policy *policy;
	char *text;

	(void)state;
	write_text("p.ini", "[policy]\ndefault = deny\n"
			    "architectures = native x86\n"
			    "[allow]\n_llseek = if arg0 == 3\n");
	free(merge(NULL, "read@x86 _llseek@x86").denied);
	text = file_text("p.ini");
	policy = load_text(text);
	assert_non_null(strstr(text, "\n_llseek = if fd != 3\n"));
	policy_free(policy);
	free(text);
}

static void test_crlf(void **state)
{
	static const char crlf[] = "[policy]\r\ndefault = deny\r\n[allow]\r\n"
				   "syscalls = read\r\n";
	char *text;

	(void)state;
	write_text("p.ini", crlf);
	merge(NULL, "read rename");
	text = file_text("p.ini");
	assert_only_adds(crlf, text);
	assert_contains(text, "\r\n[allow]\r\n");
	for (const char *c = text; (c = strchr(c, '\n')); c++)
		assert_int_equal(c[-1], '\r');
	free(text);
}

/* An ABI that the file admits by its own line only is a decision, too. */
static void test_abis(void **state)
{
	struct learned learned;
	char *text;

	(void)state;
	write_text("p.ini", HEAD "architectures = native\n[allow]\n"
				 "syscalls = read\n");
	learned = merge(NULL, "read waitpid@x86");
	assert_string_equal(learned.denied, "waitpid");
	free(learned.denied);
	write_text("p.ini", HEAD "[allow]\nsyscalls = read\n");
	learned = merge(NULL, "read waitpid@x86");
	assert_null(learned.denied);
	text = file_text("p.ini");
	assert_contains(text, "\n[policy]\narchitectures = x86_64 x86\n");
	free(text);
}

/* ------------------------------------------------------------------------- base */

static void test_base(void **state)
{
	static const char *const bases[] = {"base.ini"};
	struct learn_job job = {.bases = bases, .n_bases = 1};
	struct learned learned;
	struct policy *base, *policy;
	char *text;

	(void)state;
	write_text("base.ini", HEAD "kernel = 6.1\n[allow]\n"
			       "syscalls = @runtime execve\n"
			       "openat = if flags & O_WRITES == 0\n");
	base = must_load(NULL, NULL, NAMES("base.ini"));
	job.base = base;
	learned = learn_words("read execve openat:write-files", job);
	assert_int_equal(learned.calls, 3);
	assert_int_equal(learned.new_calls, 1);
	text = file_text("p.ini");
	assert_contains(text, "\n[policy]\ninclude = base.ini\n\n[allow]\n");
	assert_contains(text, "\n; else is as the included policy has it.  ");
	assert_null(strstr(text, "execve\n"));
	assert_null(strstr(text, "@runtime"));
	policy = load_text(text);
	assert_int_equal(ask(policy, "openat").action, ACTION_ALLOW);
	assert_int_equal(ask(policy, "execve").action, ACTION_ALLOW);
	policy_free(policy);
	policy_free(base);
	free(text);
}

static void test_refused(void **state)
{
	static const char *const bases[] = {"a;b.ini"};
	struct learn_job job = {.file = "p.ini", .bases = bases, .n_bases = 1};
	char *why = learn_includes(&job);

	(void)state;
	assert_string_equal(why, "no 'include' line of p.ini can name a;b.ini: "
				 "learn in its folder, from a file that stays and a "
				 "path without ';' "
				 "and '#'");
	free(why);
	free(job.includes[0]);
	free(job.includes);
}

/* What came to FILE while CMD ran is nobody's to write over. */
static void test_changed_meanwhile(void **state)
{
	static const char before[] = HEAD "[allow]\nsyscalls = read\n";
	struct place place;
	struct policy *old = load_text(before);
	struct learn_job job = {.file = "p.ini", .place = &place,
				.text = (char *)before, .old = old};
	struct learned result;
	struct seen seen = see("read write");
	char *why = place_find(&place, "p.ini"), *text;

	(void)state;
	assert_null(why);
	write_text("p.ini", "; mine\n");
	assert_int_equal(learn_policy(&job, &seen, &result, &why), -1);
	assert_string_equal(why, "p.ini could not be written: it was changed "
				 "meanwhile");
	free(why);
	place_free(&place);
	remove("p.ini");
	assert_null(place_find(&place, "p.ini"));
	write_text("p.ini", "; mine\n");
	job.text = NULL;
	assert_int_equal(learn_policy(&job, &seen, &result, &why), -1);
	free(why);
	text = file_text("p.ini");
	assert_text(text, "; mine\n");
	free(text);
	place_free(&place);
	policy_free(old);
	seen_release(&seen);
}

/* ------------------------------------------------------------------------ check */

/* Of a learned policy `check` says nothing that its head does not name. */
static void test_no_unnamed_hole(void **state)
{
	struct rng rng = {11};

	(void)state;
	for (int i = 0; i < 60; i++) {
		struct seen seen = {0};
		struct findings findings = {0};
		struct policy *policy;
		char *text;

		see_at_random(&rng, &seen);
		learn((struct learn_job){0}, &seen);
		text = file_text("p.ini");
		policy = load_text(text);
		check_find(policy, &findings);
		for (size_t f = 0; f < findings.n; f++) {
			powers named = 0;

			for (size_t c = 0; c < findings.items[f].calls.n; c++)
				named |= powers_of(
					findings.items[f].calls.items[c]);
			if (findings.items[f].severity != SEVERITY_HOLE)
				continue;
			for (int p = 0; p < POWER_COUNT; p++) {
				cleanup_free char *line = xasprintf(
					"\n;   %-16s %s\n",
					power_name((enum power)p),
					power_opens((enum power)p));

				if (named & POWER_SET(p) && strstr(text, line))
					named = ~(powers)0;
			}
			if (named != ~(powers)0)
				fail_msg("%s\n%s", findings.items[f].text,
					 text);
		}
		findings_free(&findings);
		policy_free(policy);
		free(text);
		seen_release(&seen);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_scratch(test_text),
		in_scratch(test_other_texts),
		in_scratch(test_same_bytes),
		in_scratch(test_allows_just_that),
		in_scratch(test_order_of_merges),
		in_scratch(test_untouched),
		in_scratch(test_by_hand),
		in_scratch(test_no_idle_line),
		in_scratch(test_line_of_other_abi),
		in_scratch(test_crlf),
		in_scratch(test_abis),
		in_scratch(test_base),
		in_scratch(test_refused),
		in_scratch(test_changed_meanwhile),
		in_scratch(test_no_unnamed_hole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
