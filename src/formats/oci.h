/* The seccomp profiles of Docker and Podman, and that of an OCI config.json: as
 * the items of an INI file, whose place is not a line but one of `syscalls`.
 *
 * Between rules it is as in libseccomp, which runtimes use (its db_rule_add()):
 * for one call the first rule without a condition counts, beside it none with
 * one, and what answers like the default never.  Of rules with conditions
 * libseccomp mixes up those that overlap; here the stricter answer wins. */
#pragma once

#include "base/diag.h"
#include "formats/ini.h"
#include "tables/abi.h"

/* For whom `includes` and `excludes` are resolved. */
struct container {
	const char *caps;    /* names; NULL: what this process has in effect */
	const char *kernel;  /* "5.4"; NULL: the running one */
	struct diags *notes; /* gets what is read unlike a runtime; or NULL */
};

static inline bool oci_is_profile(const char *text)
{
	return text[strspn(text, " \t\r\n")] == '{';
}
/* As ini_read(), but text is not changed. */
int oci_read(struct ini_file *out, const char *text, size_t n,
	     const char *file, enum abi_id machine,
	     const struct container *container, struct diags *diags);
