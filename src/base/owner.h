/* Whom root believes: itself and the user who called sudo (SUDO_UID).
 *
 * Each answers for one thing on the way to a file: NULL, or the reason against
 * it (malloc'd): it belongs to somebody else, or others can write it (sticky
 * folders excepted). The same, whoever calls. */
#pragma once

#include <sys/stat.h>

char *owner_against_file(const char *path, const struct stat *st);
char *owner_against_folder(const char *path, const struct stat *st);
char *owner_against_link(const char *path, const struct stat *st);

/* What to do about such a reason, in brackets, or "". */
const char *owner_advice(const char *why);
