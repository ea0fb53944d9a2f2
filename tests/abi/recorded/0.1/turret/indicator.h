/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing an indicator. One bar in, one to four doubles out. All state lies in one flat block that
 * the host owns, saves and restores by bytes: no pointers in it, nothing allocated by the plugin.
 */
#ifndef TURRET_INDICATOR_H
#define TURRET_INDICATOR_H

#include <turret/core.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One bar as indicators see it: doubles, in whole currency and whole units. Always finite. */
struct turret_candle {
    double open, high, low, close, volume;
    turret_time_ns time; /* opening */
};

/* Columns of prices and volumes, for turret_indicator_type.columns. */
#define TURRET_COLUMN_OPEN   (1u << 0)
#define TURRET_COLUMN_HIGH   (1u << 1)
#define TURRET_COLUMN_LOW    (1u << 2)
#define TURRET_COLUMN_CLOSE  (1u << 3)
#define TURRET_COLUMN_VOLUME (1u << 4)

/*
 * Many bars in columns; every column has `count` elements, or is NULL when the indicator says that
 * it does not read it. Borrowed for the call.
 */
struct turret_block {
    uint32_t struct_size;
    uint32_t count; /* >= 1 */
    const double *open, *high, *low, *close, *volume;
    const turret_time_ns *time;
};

/*
 * An indicator's type. Static, read-only, lives as long as the plugin.
 *
 * Convention and source of the formula belong into `summary`, so that people can tell whose RSI
 * this is. when (all): core thread; nothing may block or allocate.
 */
struct turret_indicator_type {
    uint32_t struct_size;
    uint32_t output_count; /* 1…TURRET_OUTPUTS_MAX */
    const char *id;        /* "turret.sma"; strategies say sma(20) when the last part is unique */
    const char *version;
    const char *summary;             /* one line: what, convention, source */
    const char *const *output_names; /* output_count names */
    const struct turret_param *params;
    uint32_t param_count; /* positional arguments of name(a, b, …) follow this order */
    uint32_t state_schema;

    /* Bytes of state for these parameters (in table order), at most 16 MiB. Required. */
    uint64_t (*state_size)(const struct turret_param_value *params);
    /*
     * Prepares a zeroed state. Required.
     * fails:  EINVAL when the parameters contradict each other (text says which and why)
     */
    int32_t (*start)(void *state, const struct turret_param_value *params,
                     struct turret_error *err);
    /*
     * Bars that pass before the first for which update() answers 1: sma(20) says 19. Depends on the
     * parameters only. Required.
     */
    uint32_t (*lookback)(const struct turret_param_value *params);
    /*
     * Takes one bar. Required. Answers 1 and fills out[0…output_count), or 0 while warming up.
     * Once 1 it stays 1; out must be finite then, whatever the (finite) input was.
     */
    int32_t (*update)(void *state, const struct turret_candle *bar, double *out);
    /*
     * Takes many bars: out[o][i] for output o, bar i. Optional; must give the same bits as one
     * update() per bar. Answers how many leading bars were still warming up (their out is ignored).
     */
    int32_t (*update_block)(void *state, const struct turret_block *bars, double *const *out);
    uint32_t handover; /* TURRET_HANDOVER_…: how a newer build takes over */
    /*
     * TURRET_COLUMN_…: all that update_block() reads of a block; it gets NULL for the others, and
     * the host need not convert them. 0: all of them. The time is there in any case.
     */
    uint32_t columns;
};

/* The old build's state as it is, when schema and size are equal. */
#define TURRET_HANDOVER_STATE 0
/* A state of its own, computed again from stored bars. */
#define TURRET_HANDOVER_RECOMPUTE 1

static inline int32_t turret_arg_int(const struct turret_param_value *params, uint32_t index)
{
    return (int32_t)params[index].i;
}

static inline double turret_arg_real(const struct turret_param_value *params, uint32_t index)
{
    return params[index].f;
}

/* Makes this file a plugin that offers one indicator, whose block form reads all columns. */
#define TURRET_INDICATOR(id_text, version_text, summary_text, outputs, params, size_fn, start_fn,  \
                         lookback_fn, update_fn, block_fn)                                         \
    TURRET_INDICATOR_ON(0, id_text, version_text, summary_text, outputs, params, size_fn,          \
                        start_fn, lookback_fn, update_fn, block_fn)

/* The same for one that reads only these columns of a block, TURRET_COLUMN_…. */
#define TURRET_INDICATOR_ON(columns, id_text, version_text, summary_text, outputs, params,         \
                            size_fn, start_fn, lookback_fn, update_fn, block_fn)                   \
    static const struct turret_indicator_type turret_offered_indicator = {                         \
        (uint32_t)sizeof(struct turret_indicator_type),                                            \
        (uint32_t)(sizeof(outputs) / sizeof((outputs)[0])),                                        \
        id_text,                                                                                   \
        version_text,                                                                              \
        summary_text,                                                                              \
        outputs,                                                                                   \
        params,                                                                                    \
        (uint32_t)(sizeof(params) / sizeof((params)[0])),                                          \
        1,                                                                                         \
        size_fn,                                                                                   \
        start_fn,                                                                                  \
        lookback_fn,                                                                               \
        update_fn,                                                                                 \
        block_fn,                                                                                  \
        TURRET_HANDOVER_STATE,                                                                     \
        columns};                                                                                  \
    static const struct turret_offer turret_offers[] = {                                           \
        {TURRET_KIND_INDICATOR, 0, &turret_offered_indicator, NULL, NULL}};                        \
    TURRET_PLUGIN(id_text, version_text, TURRET_KIND_INDICATOR, turret_offers)

TURRET_STATIC_ASSERT(sizeof(struct turret_candle) == 48, "turret_candle");
TURRET_STATIC_ASSERT(offsetof(struct turret_candle, time) == 40, "turret_candle.time");
TURRET_STATIC_ASSERT(offsetof(struct turret_block, open) == 8, "turret_block.open");
TURRET_STATIC_ASSERT(offsetof(struct turret_indicator_type, id) == 8, "indicator_type.id");
TURRET_STATIC_ASSERT(offsetof(struct turret_indicator_type, params) == 40, "indicator_type.params");
TURRET_STATIC_ASSERT(offsetof(struct turret_indicator_type, state_size) == 56,
                     "indicator.state_size");
TURRET_STATIC_ASSERT(offsetof(struct turret_indicator_type, columns) == 100, "indicator.columns");
TURRET_STATIC_ASSERT(sizeof(struct turret_indicator_type) == 104, "turret_indicator_type");
TURRET_STATIC_ASSERT(sizeof(struct turret_block) == 56, "turret_block");

#ifdef __cplusplus
}
#endif

#endif
