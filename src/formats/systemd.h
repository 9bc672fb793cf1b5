/* The settings of a systemd unit that are system-call filters (systemd.exec(5)),
 * as the items of an INI file.
 *
 * systemd loads a filter for each setting, and the kernel takes the strictest
 * answer, between two errnos that of SystemCallFilter=, which is loaded last.
 * Groups are ours, which know newer calls; names that nobody knows are passed
 * over where they are allowed, as by systemd. */
#pragma once

#include <stdbool.h>

#include "base/diag.h"
#include "formats/ini.h"
#include "formats/oci.h"

/* A unit file, a drop-in, or what `systemctl cat` prints: it has [Service]. */
bool systemd_is_unit(const char *text);
/* As oci_read(). */
int systemd_read(struct ini_file *out, char *text, size_t n, const char *file,
		 enum abi_id machine, const struct container *container,
		 struct diags *diags);
