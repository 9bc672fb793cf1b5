/* A report as entries of systemd's journal (--report=journal): one for each row
 * of denied calls, found with `journalctl SYSCALL=openat`, and one of the sums.
 *
 * The protocol is systemd's own (systemd.io/JOURNAL_NATIVE_PROTOCOL): one datagram
 * is one entry, fields of NAME=VALUE lines, or of NAME, a length and bytes where a
 * value has a newline; an entry too large for a datagram goes as a sealed memfd.
 *
 * A row is written when it is new, again whenever its hits have grown tenfold
 * (so that a service's years cost a handful of entries), and at the end if they
 * have grown since.  The newest entry of a row has its sum. */
#pragma once

#include "base/kept_fds.h"
#include "report/run_info.h"
#include "tally/tally.h"

/* MESSAGE_ID= of the entries; in the man page. */
#define JOURNAL_ID_DENIED "ff3a9ddc21574bf1a0ed45eb20c3af0f"
#define JOURNAL_ID_ENDED "83333c0e7d874597bc3c78d4fb560821"
#define JOURNAL_ID_COUNTED "ace5294324dc480cbcaf550c81b76b09"

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

struct journal;

/* NULL with errno: nobody listens at that path, which is borrowed. */
struct journal *journal_open(const char *path);
/* Adds its descriptor; journal may be NULL. */
void journal_keep(const struct journal *journal, struct kept_fds *kept);
/* 0, or -1 with errno: something has not been written; the next call tries
 * again.  Only the last report of a run (run->is_last) waits for a busy
 * journal. */
int journal_write(struct journal *journal, const struct run_info *run,
		  struct tally *tally);
/* One entry of the text's fields, the same.  When the journal is busy, SEND_NOW
 * gives up at once (EAGAIN), the others after some seconds.  SEND_LAST waits until
 * all have been taken in: the journal looks up the sender's unit then, and cannot
 * when the sender has gone. */
enum journal_wait { SEND_NOW, SEND_WAITING, SEND_LAST };
int journal_send(const struct journal *journal, const char *entry, size_t n,
		 enum journal_wait wait);
void journal_close(struct journal *journal);
