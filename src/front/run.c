#include "front/run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/exitcode.h"
#include "base/util.h"
#include "filter/compile.h"
#include "filter/gate.h"
#include "filter/verify.h"
#include "front/monitor.h"
#include "front/policy.h"
#include "launch/launch.h"
#include "launch/supervise.h"
#include "watch/observers.h"

/* One run, in the order in which things come into being. */
struct run {
	const struct options *options;
	struct policy *policy;
	struct answers answers;
	struct gate gate;
	struct program program;
	struct report_file *file;
	struct tally *tally;
	struct run_info info;
};

static int refuse(char *why)
{
	fprintf(stderr, "sandbox: %s; the command was not started\n", why);
	free(why);
	return EXITCODE_SANDBOX;
}

/* -c without a policy: everything runs, on every ABI. */
static struct policy *count_policy(struct diags *diags)
{
	struct policy *policy = policy_new();
	struct layer *layer = policy_add_layer(policy, "-c");

	layer->settings[SET_DEFAULT] =
		(struct setting){ACTION_ALLOW, {layer->file, 0}};
	layer->settings[SET_FOREIGN] = layer->settings[SET_DEFAULT];
	layer->settings[SET_ARCHITECTURES] = (struct setting){
		1 << ABI_X86_64 | 1 << ABI_X86, {layer->file, 0}};
	if (policy_finish(policy, diags) < 0) {
		policy_free(policy);
		return NULL;
	}
	return policy;
}

static int load(struct run *r)
{
	const struct policy_request *request = &r->options->request;
	struct diags diags = DIAGS_INIT;
	bool has_policy = request->n || request->allow || request->deny;

	r->policy = has_policy ? front_policy(request, &diags)
			       : count_policy(&diags);
	diags_print(&diags, stderr);
	diags_free(&diags);
	if (!r->policy)
		return EXITCODE_SANDBOX;
	/* A pure count denies nothing that CMD could get round, and should see
	 * what CMD does without it. */
	if (r->options->trace && has_policy)
		r->policy->additions = ADD_NO_LISTENER | ADD_NO_UNTRACED;
	r->answers = (struct answers){
		.watch = r->options->trace ? WATCH_PTRACE : WATCH_NONE,
		.count = r->options->count,
	};
	return 0;
}

static int build(struct run *r)
{
	char *why;

	/* A counted exec would be one too many: CMD's own is counted once. */
	r->gate.calls = r->options->count ? GATE_EXECVE : 0;
	r->gate.calls |= gate_needed(r->policy);
	if (compile(r->policy, &r->answers, r->gate.calls, &r->program,
		    &why) < 0)
		return refuse(why);
	return 0;
}

static int open_report(struct run *r)
{
	char *why;

	if (!r->options->trace || (r->options->quiet &&
				   !r->options->report_given))
		return 0;
	r->file = report_file_open(r->options->report, &why);
	return r->file ? 0 : refuse(why);
}

/* The cookie's words are never 0: CMD starts with empty registers. */
static int draw_cookie(uint32_t cookie[4])
{
	do {
		if (getrandom(cookie, 4 * sizeof(*cookie), 0) !=
		    4 * (ssize_t)sizeof(*cookie))
			return -1;
	} while (!cookie[0] || !cookie[1] || !cookie[2] || !cookie[3]);
	return 0;
}

static int arm(void *ctx, struct program *program, uint32_t cookie[4])
{
	struct run *r = ctx;
	char *why = NULL;
	int result = -1;

	if (draw_cookie(r->gate.cookie) < 0)
		why = xasprintf("no random numbers: %s", strerror(errno));
	else if (gate_arm(program, &r->gate) < 0)
		why = xstrdup("the filter's gate is not where it should be");
	else if (verify(r->policy, &r->answers, &r->gate, program, &why) == 0)
		result = 0;
	if (result < 0)
		refuse(why);
	memcpy(cookie, r->gate.cookie, sizeof(r->gate.cookie));
	explicit_bzero(r->gate.cookie, sizeof(r->gate.cookie));
	return result;
}

static unsigned earlier_filters(void)
{
	cleanup_file FILE *status = fopen("/proc/self/status", "re");
	unsigned n = 0;
	char line[128];

	while (status && fgets(line, sizeof(line), status))
		if (sscanf(line, "Seccomp_filters: %u", &n) == 1)
			break;
	return n;
}

static void describe(struct run *r)
{
	r->info = (struct run_info){
		.command = r->options->command,
		.policies = r->options->request.policies,
		.n_policies = r->options->request.n,
		.mode = r->options->count ? RUN_COUNT : RUN_ENFORCE,
		.tracer = observer_ptrace.name,
		.earlier_filters = earlier_filters(),
	};
	clock_gettime(CLOCK_REALTIME, &r->info.started);
	clock_gettime(CLOCK_MONOTONIC, &r->info.started_mono);
}

static void write_report(struct run *r)
{
	struct timespec now;
	char *why = NULL;

	clock_gettime(CLOCK_MONOTONIC, &now);
	r->info.duration_s =
		(double)(now.tv_sec - r->info.started_mono.tv_sec) +
		(double)(now.tv_nsec - r->info.started_mono.tv_nsec) / 1e9;
	if (r->file && report_file_write(r->file, r->options->format, &r->info,
					 r->tally, &why) < 0)
		fprintf(stderr, "sandbox: the report is lost: %s\n", why);
	free(why);
	report_file_close(r->file);
}

static int watch(struct run *r, const struct started *started)
{
	bool keep_fresh = r->file && report_file_refreshable(r->file);
	struct monitor monitor = {
		.policy = r->policy,
		.format = r->options->format,
		.file = keep_fresh ? r->file : NULL,
		.count = r->options->count,
		.verbose = r->options->quiet ? 0 : r->options->verbose,
		.run = &r->info,
	};
	struct sink sink = monitor_sink(&monitor);
	int status = started->wait_status;

	r->info.pid = started->pid;
	monitor.tally = r->tally = tally_new(r->info.started_mono);
	if (r->options->count && !started->ended)
		tally_count(r->tally, abis[ABI_NATIVE].audit_arch,
			    gate_calls[0].nr);
	if (!started->ended)
		status = observer_ptrace.run(started->pid, &sink);
	supervise_ended();
	r->info.ended = true;
	r->info.wait_status = status;
	write_report(r);
	decision_free(&monitor.decision);
	tally_free(r->tally);
	return status;
}

/* Without -t nobody sees why CMD failed: say how to. */
static void hint(const struct run *r, int status)
{
	if (r->options->quiet || !isatty(STDERR_FILENO) ||
	    (WIFEXITED(status) && WEXITSTATUS(status) == 0))
		return;
	fputs("sandbox: add -t to see which calls the policy denied\n", stderr);
}

static int start(struct run *r, struct started *started)
{
	struct launch launch = {
		.argv = r->options->command,
		.observer = r->options->trace ? &observer_ptrace : NULL,
		.close_fds = r->options->close_fds,
		.keep_privileges = r->policy->effective[SET_PRIVILEGES].value,
		.allow_speculation =
			r->policy->effective[SET_SPECULATION].value,
		.arm = arm,
		.ctx = r,
	};

	return launch_start(&launch, &r->program, started);
}

static void release(struct run *r)
{
	program_free(&r->program);
	policy_free(r->policy);
}

int run(const struct options *options)
{
	struct run r = {.options = options};
	struct started started;
	int status = load(&r);

	if (status == 0)
		status = build(&r);
	if (status == 0)
		status = open_report(&r);
	describe(&r);
	if (status == 0)
		status = start(&r, &started);
	if (status) {
		report_file_close(r.file);
		release(&r);
		return status;
	}
	supervise_start(started.pid, &started.mask);
	if (options->trace) {
		status = watch(&r, &started);
	} else {
		status = supervise_wait(started.pid);
		hint(&r, status);
	}
	release(&r);
	supervise_finish(status);
}
