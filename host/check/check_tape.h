/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A market for checks: bars that are the same for the same seed and scene. Ordinary ones walk
 * around 60.00; every hostile scene bends them in one way.
 */
#ifndef CHECK_CHECK_TAPE_H
#define CHECK_CHECK_TAPE_H

#include "check/check.h"

#include <turret/indicator.h>

#define TAPE_MINUTE      INT64_C(60000000000)
#define TAPE_START       INT64_C(1700006400000000000) /* 2023-11-15T00:00:00Z */
#define TAPE_PRICE_SCALE 2

enum check_scene {
    SCENE_ORDINARY,
    SCENE_FLAT,        /* the same price for ever */
    SCENE_GAP,         /* weeks without bars, prices that jump to a fifth and back */
    SCENE_DUPLICATE,   /* every bar twice */
    SCENE_BACKWARD,    /* times that run back */
    SCENE_SHUFFLED,    /* neighbours change places */
    SCENE_ZERO_VOLUME, /* nothing traded */
    SCENE_ABSURD,      /* from one unit to the largest price there is */
    SCENE_COUNT
};

struct check_tape {
    uint64_t random;
    enum check_scene scene;
    uint32_t count; /* bars given so far */
    turret_price close;
    struct turret_bar held; /* SHUFFLED: the one that comes next */
    bool holds;
};

void check_tape_begin(struct check_tape *tape, uint64_t seed, enum check_scene scene);
struct turret_bar check_tape_next(struct check_tape *tape, turret_instrument instrument);
/* The bar as indicators see it. */
struct turret_candle check_tape_candle(const struct turret_bar *bar);

#endif
