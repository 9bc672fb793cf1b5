/* What `check` looks for in a policy without mistakes: denied calls whose
 * work others still do, what breaks programs, and rules that say nothing; and
 * the findings, each with its place, its calls, a sentence and the mend.
 *
 * Everything is judged by effect, through decide and diagrams, for every ABI
 * that the policy admits and this machine can run. */
#pragma once

#include "base/util.h"
#include "review/survey.h"

enum severity {
	SEVERITY_HOLE,  /* what the policy denies can be done all the same */
	SEVERITY_FAULT, /* programs break that the policy means to run */
	SEVERITY_NOTE,  /* worth a look, and harmless */
	SEVERITY_COUNT
};

extern const char *const severity_names[SEVERITY_COUNT];

/* Each with its name in JSON. */
#define FINDING_KINDS(F)                                                       \
	F(EQUIVALENT, "equivalent") /* another call does what is denied */     \
	F(IO_URING, "io-uring")                                                \
	F(REACH, "reach") /* other processes, the kernel */                    \
	F(TERMINAL, "terminal") /* TIOCSTI, TIOCLINUX */                       \
	F(EXACT_FLAGS, "exact-flags") /* == on a set of flags, in a denial */  \
	F(READ_ONLY, "read-only") /* O_RDONLY with O_TRUNC or O_CREAT */       \
	F(UNDONE, "undone") /* a denial that an outer layer undoes */          \
	F(LIFE, "life") /* no program can live without it */                   \
	F(FALLBACK, "fallback") /* libc would go on after ENOSYS only */       \
	F(NO_EFFECT, "no-effect")                                              \
	F(ABSENT, "absent") /* a name that only other machines have */         \
	F(SHADOWED, "shadowed")                                                \
	F(SHARED, "shared") /* members of an allowed and a denied group */     \
	F(QUIET, "quiet") /* of what is not denied by an errno */              \
	F(ERRNOS, "errnos") /* which of two errnos is the answer? */           \
	F(FOREIGN, "foreign") /* what the settings leave to other ABIs */      \
	F(TOO_LARGE, "too-large") /* conditions beyond what can be compared */ \
	F(EXEC, "exec") /* CMD's own exec needs a secret here */

#define FINDING_ID(id, name) FINDING_##id,
enum finding_kind { FINDING_KINDS(FINDING_ID) FINDING_COUNT };

extern const char *const finding_kind_names[FINDING_COUNT];

struct finding {
	enum finding_kind kind;
	enum severity severity;
	struct source at;        /* borrowed from the policy */
	struct calls calls; /* in the order in which they were found */
	char *text;              /* a sentence without its full stop */
	char *mend;              /* what to write or do; NULL: nothing */
};

struct findings {
	struct finding *items;
	size_t n, cap;
};

/* Takes the calls, text and mend.  What was said already, of another ABI, is
 * dropped: same kind, place and calls. */
void findings_add(struct findings *findings, struct finding finding);
size_t findings_count(const struct findings *findings, enum severity severity);
void findings_free(struct findings *findings);

/* Adds what it finds, sorted: holes first, then faults, then notes; each by file
 * and line. */
void check_find(const struct policy *policy, struct findings *findings);

/* What would come of allowing calls that a policy denies, for who proposes it.
 * Of these calls, allowed together: the holes that are not there without, each
 * naming those of them that open it.  What is left out is closed again, so the
 * others may then open another one: ask again.  A call is allowed as far as it
 * carries no power but those that `only` has for its row; NULL: outright. */
void opening_holes(const struct policy *policy, const struct calls *calls,
		   const powers *only, struct findings *holes);

/* Programs go on without the call when the policy answers it ENOSYS, with an
 * older call that runs: "after ENOSYS libc's statx, which ls and Qt use, goes
 * on to newfstatat".  malloc'd; NULL if that is not so. */
char *opening_fallback(const struct policy *policy, enum abi_id abi,
		       uint32_t call);

/* ------------------------------------------------- private to this room */

/* Adds a finding on these calls, which are taken; " (under x86)" is added to
 * the text on an ABI that is not the native one.  Copies mend. */
void review_add(struct survey *survey, enum finding_kind kind,
		enum severity severity, struct source at,
		struct calls calls, const char *mend, const char *text,
		...) printf_like(7, 8);

/* The parts.  These look at one ABI, survey->abi ... */
void review_ways(struct survey *survey);
void review_programs(struct survey *survey);
void review_arguments(struct survey *survey);
void review_meetings(struct survey *survey);
/* ... and these at all. */
void review_rules(struct survey *survey);
void review_foreign(struct survey *survey);
