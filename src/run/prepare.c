#include "run/prepare.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/util.h"
#include "filter/compile.h"
#include "filter/verify.h"
#include "run/refuse.h"

static int compile_afresh(struct prepared *p)
{
	char *why;

	program_free(&p->program);
	p->is_proposal = false;
	if (compile(p->policy, &p->answers, p->gate.calls, &p->program,
		    &why) < 0)
		return refuse(why);
	return 0;
}

int prepare(struct prepared *p, bool use_cache)
{
	p->cache = use_cache ? cache_folder() : NULL;
	if (p->cache) {
		p->key = cache_key(p->policy, &p->answers, p->gate.calls);
		p->is_proposal = cache_load(p->cache, &p->key, &p->program);
	}
	return p->is_proposal ? 0 : compile_afresh(p);
}

/* The cookie's words are never 0: CMD starts with empty registers.  That chance
 * draws one twice is out of the question; a filter that only says that numbers
 * were drawn leaves them all 0, for ever. */
static int draw_cookie(uint32_t cookie[4])
{
	for (int tries = 0; tries < 2; tries++) {
		if (getrandom(cookie, 4 * sizeof(*cookie), 0) !=
		    4 * (ssize_t)sizeof(*cookie))
			return -1;
		if (cookie[0] && cookie[1] && cookie[2] && cookie[3])
			return 0;
	}
	errno = EIO;
	return -1;
}

static int arm_and_prove(struct prepared *p, struct program *program, char **why)
{
	uint32_t sign; /* unlike the cookie no secret */

	*why = NULL;
	if (draw_cookie(p->gate.cookie) < 0 ||
	    getrandom(&sign, sizeof(sign), 0) != sizeof(sign)) {
		*why = xasprintf("cannot get random numbers: %s", strerror(errno));
		return -1;
	}
	p->gate.sign = SIGN_FIRST + sign % (SIGN_LAST - SIGN_FIRST + 1);
	gate_arm(program, &p->gate);
	return verify(p->policy, &p->answers, &p->gate, program, why);
}

/* A proposal that is not what the policy says: whoever wrote it, it goes, and
 * the next start finds the right one in its place. */
static int replace_proposal(struct prepared *p, struct program *program,
			    char **why)
{
	explicit_bzero(p->gate.cookie, sizeof(p->gate.cookie));
	if (compile_afresh(p) < 0)
		return -1;
	if (p->program.n > program->cap) {
		*why = xstrdup("the filter is too long");
		return -1;
	}
	program->n = 0;
	program_append_all(program, p->program.insns, p->program.n);
	return arm_and_prove(p, program, why);
}

int prepared_arm(void *ctx, struct program *program, uint32_t cookie[4],
		 uint32_t *sign)
{
	struct prepared *p = ctx;
	char *why;
	int result = arm_and_prove(p, program, &why);

	if (result < 0 && p->is_proposal) {
		free(steal(why));
		result = replace_proposal(p, program, &why);
	}
	if (result < 0 && why)
		refuse(why);
	memcpy(cookie, p->gate.cookie, sizeof(p->gate.cookie));
	*sign = p->gate.sign;
	explicit_bzero(p->gate.cookie, sizeof(p->gate.cookie));
	/* before CMD can run: the process that waits for CMD writes no file any
	 * more (run/cage.h) */
	if (result == 0 && !p->is_proposal && p->cache)
		cache_store(p->cache, &p->key, &p->program);
	return result;
}

void prepared_release(struct prepared *p)
{
	program_free(&p->program);
	free(p->cache);
}
