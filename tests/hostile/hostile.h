/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A strategy that does nothing wrong, for plugins that add one thing that is. HOSTILE_NAME is the
 * file's name, set by the build. Every attack is bounded by itself: at most 50 processes, 1 GiB,
 * connections to the loopback address only.
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <turret/strategy.h>

#define HOSTILE_ID "hostile." HOSTILE_NAME

struct calm {
    int64_t bars;
    double more[4]; /* room for what an attack keeps */
};

static const struct turret_field calm_fields[] = {
    TURRET_FIELD_I64(1, struct calm, bars, "bars seen"),
};

static inline int32_t calm_start(struct turret_strategy *self, const struct turret_start *start,
                                 struct turret_error *err)
{
    (void)self;
    (void)start;
    return turret_ok(err);
}

static inline void calm_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct calm *s = turret_self(self);
    s->bars++;
    (void)turret_target(self, bar->instrument, s->bars / 7 % 2, "every seventh bar");
}

/* Offers a strategy with these callbacks; `more` are further members, at least one. */
#define HOSTILE_TYPE(start_fn, bar_fn, ...)                                                        \
    static const struct turret_strategy_type hostile_type = {                                      \
        .struct_size = (uint32_t)sizeof(struct turret_strategy_type),                              \
        .state_size = (uint32_t)sizeof(struct calm),                                               \
        .id = HOSTILE_ID,                                                                          \
        .version = "1.0.0",                                                                        \
        .summary = "does one thing that it must not",                                              \
        .on_start = start_fn,                                                                      \
        .on_bar = bar_fn,                                                                          \
        .state_schema = 1,                                                                         \
        __VA_ARGS__}

#define CALM_FIELDS .fields = calm_fields, .field_count = 1

#define HOSTILE_STRATEGY(start_fn, bar_fn, ...)                                                    \
    HOSTILE_TYPE(start_fn, bar_fn, __VA_ARGS__);                                                   \
    TURRET_STRATEGY_TYPE(HOSTILE_ID, "1.0.0", hostile_type)

/* The calm strategy with an entry that has init and deinit. */
#define HOSTILE_ENTRY(init_fn, deinit_fn)                                                          \
    HOSTILE_TYPE(calm_start, calm_bar, CALM_FIELDS);                                               \
    static const struct turret_offer hostile_offers[] = {                                          \
        {TURRET_KIND_STRATEGY, 0, NULL, &hostile_type, NULL}};                                     \
    __attribute__((section(TURRET_NOTE_SECTION), used,                                             \
                   aligned(4))) static const struct turret_elf_note hostile_note = {               \
        8,                                                                                         \
        (uint32_t)sizeof(struct turret_note),                                                      \
        TURRET_NOTE_TYPE,                                                                          \
        TURRET_NOTE_NAME,                                                                          \
        {(uint32_t)sizeof(struct turret_note), TURRET_ABI_MAJOR, TURRET_ABI_MINOR,                 \
         TURRET_KIND_STRATEGY, TURRET_FINGERPRINT_INIT, HOSTILE_ID, "1.0.0", ""}};                 \
    extern TURRET_EXPORT const struct turret_entry turret_entry;                                   \
    const struct turret_entry turret_entry = {(uint32_t)sizeof(struct turret_entry),               \
                                              TURRET_ABI_MAJOR,                                    \
                                              TURRET_ABI_MINOR,                                    \
                                              TURRET_FINGERPRINT_INIT,                             \
                                              HOSTILE_ID,                                          \
                                              "1.0.0",                                             \
                                              hostile_offers,                                      \
                                              1,                                                   \
                                              0,                                                   \
                                              init_fn,                                             \
                                              deinit_fn}

#endif
