/* What the tests of the report share: a run, verdicts of every kind, hits by
 * this process or one of a chosen name, and a report as a string.  Include
 * cmocka.h first. */
#ifndef TEST_REPORT_FIXTURE_H
#define TEST_REPORT_FIXTURE_H

#include <linux/audit.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/util.h"
#include "model/policy.h"
#include "report/report.h"
#include "tally_denied.h"

static char *const command[] = {(char *)"/usr/sbin/nginx", (char *)"-g", NULL};
static const char *policies[] = {"policies/web.ini"};

static inline struct run_info a_run(void)
{
	return (struct run_info){
		.command = command,
		.policies = policies,
		.n_policies = 1,
		.policy_digest = "0123abcd",
		.mode = RUN_ENFORCE,
		.tracer = "ptrace",
		.pid = 812,
		.started = {1700000000, 123456789},
		.ended = true,
		.wait_status = 0,
		.duration_s = 2.13,
	};
}

static struct layer plain_layer;
static struct rule group_rule __attribute__((unused)) = {
	.action = ACTION_DENY,
	.group = "@open",
	.at = {"policies/web.ini", 14},
	.layer = &plain_layer,
};
static inline struct verdict by_rule(const struct rule *rule)
{
	bool is_final = rule->layer->settings[SET_FINAL].value;

	return (struct verdict){.action = rule->action, .err = 1,
				.kind = rule->group ? BY_GROUP : BY_RULE,
				.rule = rule, .at = rule->at,
				.final = is_final ? rule->layer : NULL};
}

static const struct verdict by_default __attribute__((unused)) = {
	.action = ACTION_DENY, .err = 1, .kind = BY_DEFAULT,
	.at = {"policies/web.ini", 2}};
static const struct verdict by_new __attribute__((unused)) = {
	.action = ACTION_DENY, .err = 38, .kind = BY_NEW,
	.at = {"policies/web.ini", 4}};
static const struct verdict by_foreign __attribute__((unused)) = {
	.action = ACTION_KILL, .kind = BY_FOREIGN};

static inline struct tally *new_tally(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	prctl(PR_SET_NAME, "nginx");
	return tally_new(now);
}

static inline void hit_by(struct tally *tally, pid_t tid, uint32_t nr,
		   struct verdict verdict, int times)
{
	struct event event = {.tid = tid,
			      .audit_arch = abis[ABI_NATIVE].audit_arch,
			      .nr = nr,
			      .ip = 0x10};

	for (int i = 0; i < times; i++)
		tally_denied(tally, &event, &verdict, false, NULL);
}

static inline void hit(struct tally *tally, uint32_t nr, struct verdict verdict,
		int times)
{
	hit_by(tally, getpid(), nr, verdict, times);
}

/* Inlined, gcc 12 takes the text for the variable that open_memstream fills. */
__attribute__((noinline, unused)) static char *
rendered(const char *format, const struct run_info *run, struct tally *tally)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	report_format_find(format)->write(out, run, tally);
	fclose(out);
	return text;
}

static inline void contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no \"%s\" in:\n%s", part, text);
}

static inline void lacks(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("\"%s\" in:\n%s", part, text);
}

static inline pid_t sleeper(const char *name)
{
	int ready[2];
	char c;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, name);
		if (write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static inline void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

#endif
