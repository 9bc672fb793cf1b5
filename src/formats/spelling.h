/* What to write instead of a word that is not understood, for messages: each
 * is a clause, "did you mean 'pread64'?", malloc'd; NULL: nothing is known. */
#pragma once

/* The word with each letter made small or large (ctype.h); malloc'd. */
char *with_case(const char *word, int (*to)(int));

/* For a system call or a group: libc's pread, READ, __NR_read, "read",
 * read:EPERM, ~@clock … */
char *spelling_of_call(const char *word);

/* For a number or symbol of a condition: 0o6000, 4k, INT_MAX, af_unix … */
char *spelling_of_number(const char *word);
char *spelling_of_symbol(const char *word);

/* For the value of a call in a section: 'yes', 'IF …', 'fd == 3', '-EPERM' … */
char *spelling_of_value(const char *value, const char *section);

/* For a line without "key = value" in a section (NULL: before the first):
 * 'read', 'syscalls += read', 'read EPERM' … */
char *spelling_of_line(const char *line, const char *section);
