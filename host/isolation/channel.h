/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Posting to and waiting on the lanes of a wire: spin a while, then sleep in the kernel on the
 * lane's own word. Host and runner use the same.
 */
#ifndef ISOLATION_CHANNEL_H
#define ISOLATION_CHANNEL_H

#include "isolation/wire.h"

#define CHANNEL_SPINS_LEAST 50
#define CHANNEL_SPINS       4000 /* looks at the word before sleeping: some 30 to 100 µs */

/* A sealed memory file with the wire in it, mapped. Answers its descriptor; fails: -errno */
int channel_create(struct wire_channel **out);
/* Maps the one behind the descriptor. NULL: errno says why. */
struct wire_channel *channel_map(int descriptor);
void channel_unmap(struct wire_channel *channel);

int64_t channel_now_ns(void); /* monotonic */

/*
 * The body is in place: says so as message `number` of this lane, counted by who posts, and wakes
 * the other side if it sleeps.
 */
void channel_post(struct wire_lane *lane, uint32_t number, const struct wire_head *head,
                  _Atomic uint32_t *sleeps);

static inline void channel_pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#else
    atomic_signal_fence(memory_order_seq_cst);
#endif
}

/*
 * False when nothing came while it spun. How long that is adapts, up to `most` looks: where the
 * other side has no core of its own, spinning only keeps it from running.
 */
static inline bool channel_spin(const struct wire_lane *lane, uint32_t seen, uint32_t *spins,
                                uint32_t most)
{
    uint32_t i;
    for (i = 0; i < *spins; i++) {
        if (atomic_load_explicit(&lane->posted, memory_order_acquire) != seen) {
            *spins = *spins < most / 2 ? *spins * 2 : most;
            return true;
        }
        channel_pause();
    }
    *spins = *spins / 2 > CHANNEL_SPINS_LEAST ? *spins / 2
             : most > CHANNEL_SPINS_LEAST     ? CHANNEL_SPINS_LEAST
                                              : most;
    return false;
}

/* Sleeps until the word is another, at most that long. False: it still is `seen`. */
bool channel_sleep(struct wire_lane *lane, uint32_t seen, _Atomic uint32_t *sleeps,
                   int64_t most_ns);

#endif
