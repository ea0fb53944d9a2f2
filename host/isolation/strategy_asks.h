/* SPDX-License-Identifier: Apache-2.0 */
/* An isolated strategy's instance, and the host's answers to what its code asks in a callback. */
#ifndef ISOLATION_STRATEGY_ASKS_H
#define ISOLATION_STRATEGY_ASKS_H

#include "isolation/runner.h"

struct strategy_bytes {
    unsigned char *at;
    size_t used, room;
};

struct instance {
    struct turret_strategy *self;
    const struct turret_strategy_type *type;
    struct runner *runner; /* NULL: lost, or not started */
    bool began;            /* on_stop() will be called */
    bool lost;             /* in this start */
    uint32_t fields_bytes; /* of all declared fields, packed */
    uint32_t intents;      /* taken in this callback */
    uint32_t slot_count;
    turret_indicator slots[WIRE_SLOTS];
    struct turret_slot shown[WIRE_SLOTS]; /* what the runner sees of them */
    /* plugins with save() and load() */
    bool has_saved;
    uint32_t saved_schema;
    struct strategy_bytes saved, writing;
    size_t read_at;
    char why[256]; /* its last check said no */
};

/* runner_ask_fn; context is the instance. Every number is checked, every text ended. */
void strategy_answer(void *context, const struct wire_head *ask, struct wire_head *reply);
/* The runner sees what has changed of the indicators' values. */
void strategy_show_slots(struct instance *instance, struct wire_channel *wire);

bool strategy_bytes_add(struct strategy_bytes *bytes, const void *from, size_t size);
void strategy_clean_text(char *text, size_t room);

static inline uint32_t strategy_field_bytes(const struct turret_field *field)
{
    return field->count * (field->type == TURRET_FIELD_TYPE_I32 ? 4u : 8u);
}

#endif
