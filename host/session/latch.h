/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kill switch's latch: a file of a fixed size in the store's directory, mapped by the daemon
 * and by `turret halt`. Setting it is one atomic store in a page that is there already, so that it
 * works on a full disk and while the daemon is stuck; the daemon looks at it right before anything
 * is sent. It stays set until a person resumes; a daemon that starts takes it over.
 */
#ifndef SESSION_LATCH_H
#define SESSION_LATCH_H

#include "ops/person.h"

#include <turret/core.h>

#include <stdbool.h>

#define LATCH_SLOTS 32 /* 0: everything; the others: a venue each */
#define LATCH_ALL   0u
#define LATCH_NONE  UINT32_MAX

#define LATCH_REASON (PERSON_REASON_MAX + 1)

struct latch;

/*
 * Maps "<store>/halt"; `create` makes it when it is missing, with its bytes on the disk.
 * fails: ENOTFOUND; EIO, EFULL; ECORRUPT it is none; ENOMEM
 */
int latch_open(struct latch **out, const char *store, bool create, struct turret_error *err);
void latch_close(struct latch *latch); /* NULL is allowed */

/* The slot of a venue; LATCH_NONE when it has none. */
uint32_t latch_find(const struct latch *latch, const char *venue);
/* The venue of a slot; "" for everything, and for a slot nobody has. */
void latch_name(const struct latch *latch, uint32_t slot, char name[32]);
/*
 * The daemon, before anything is sent: gives each venue a slot. What is set keeps its slot.
 * fails: ELIMIT more venues than slots
 */
int latch_name_venues(struct latch *latch, const char *const *venues, uint32_t count,
                      struct turret_error *err);

/*
 * Sets it, at once; reason: "" none, what is too long is cut. Where it is set already who, when and
 * why stay those of the first. What it answers is only whether that is on the disk, too.
 * fails: EIO it is set, and may not outlive a power cut
 */
int latch_set(struct latch *latch, uint32_t slot, const char *reason, struct turret_error *err);
/* 0: not set. Else a number that grows each time it is set. */
uint64_t latch_word(const struct latch *latch, uint32_t slot);

/* Who set it first, as KILLED is recorded. */
struct latch_mark {
    int64_t time; /* Unix time; 0: not known */
    char who[PERSON_NAME_MAX + 1], reason[64];
    bool told;  /* a reason was given */
    bool spent; /* a resume is on its way: it is of what was recorded */
};
/* False: it is not set; *mark is empty. */
bool latch_mark(const struct latch *latch, uint32_t slot, struct latch_mark *mark);
/* The daemon, which lifts what it recorded: who sets it from here on is the first. */
void latch_spend(struct latch *latch, uint32_t slot);
/* With its reason. False when it was set again since `word` was read: it stays set. */
bool latch_clear(struct latch *latch, uint32_t slot, uint64_t word);

/* From here on SIGUSR1 to this process sets the latch for everything; NULL: it is ignored. */
void latch_on_signal(struct latch *latch);

#endif
