/* What `check` has to say of a policy: a list of findings, each with its
 * place, the calls it is about, a sentence and the mend. */
#ifndef SANDBOX_FINDING_H
#define SANDBOX_FINDING_H

#include "base/diag.h"
#include "formats/names.h"
#include "tables/power.h"

enum severity {
	SEVERITY_HOLE,  /* what the policy denies can be done all the same */
	SEVERITY_FAULT, /* programs break that the policy means to run */
	SEVERITY_NOTE,  /* worth a look, and harmless */
	SEVERITY_COUNT
};

extern const char *const severity_names[SEVERITY_COUNT];

enum finding_kind {
	FINDING_EQUIVALENT, /* another call does what is denied */
	FINDING_IO_URING,
	FINDING_REACH,      /* other processes, the kernel */
	FINDING_TERMINAL,   /* TIOCSTI, TIOCLINUX */
	FINDING_EXACT_FLAGS, /* == on a set of flags, in a denial */
	FINDING_READ_ONLY,  /* O_RDONLY with O_TRUNC or O_CREAT */
	FINDING_UNDONE,     /* a denial that an outer layer undoes */
	FINDING_LIFE,       /* no program can live without it */
	FINDING_FALLBACK,   /* libc would go on after ENOSYS only */
	FINDING_NO_EFFECT,
	FINDING_ABSENT,     /* a name that only other machines have */
	FINDING_SHADOWED,
	FINDING_SHARED,     /* members of an allowed and a denied group */
	FINDING_ERRNOS,     /* which of two errnos is the answer? */
	FINDING_FOREIGN,    /* what the settings leave to other ABIs */
	FINDING_TOO_LARGE,  /* conditions beyond what can be compared */
	FINDING_EXEC,       /* CMD's own exec needs a secret here */
	FINDING_COUNT
};

/* As in JSON: "equivalent", "io-uring" … */
extern const char *const finding_kind_names[FINDING_COUNT];

/* Without these powers the call may be allowed all the same; 0: it may not. */
extern const powers finding_without[FINDING_COUNT];

/* "openat, openat2 and creat"; of more than ten the first eight and "12
 * more".  malloc'd. */
char *calls_text(const struct calls *calls);

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
/* Holes first, then faults, then notes; each by file and line. */
void findings_sort(struct findings *findings);
size_t findings_count(const struct findings *findings, enum severity severity);
void findings_free(struct findings *findings);

#endif
