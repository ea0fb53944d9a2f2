/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every plugin shares with the host: scalars, status codes, errors, parameters, saved fields,
 * the state stream, and the two things the host reads before it trusts a plugin: the ELF note and
 * the entry. Plain C across the edge: fixed-width types, explicit padding, no enum, bool or long.
 */
#ifndef TURRET_CORE_H
#define TURRET_CORE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The plugin ABI this header describes. Major 0: may change until it is frozen as 1. */
#define TURRET_ABI_MAJOR 0
#define TURRET_ABI_MINOR 1

#if defined(__GNUC__)
#define TURRET_EXPORT       __attribute__((visibility("default")))
#define TURRET_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#error "Turret plugins need a compiler that knows GNU attributes (gcc or clang)"
#endif

#ifdef __cplusplus
#define TURRET_STATIC_ASSERT(cond, text) static_assert(cond, text)
#else
#define TURRET_STATIC_ASSERT(cond, text) _Static_assert(cond, text)
#endif

/* Nanoseconds since the Unix epoch, UTC. Durations are the difference of two of these. */
typedef int64_t turret_time_ns;
/* A price in units of the instrument's own 10^-price_scale. */
typedef int64_t turret_price;
/* A quantity in units of the instrument's own 10^-qty_scale; sign gives direction in a position. */
typedef int64_t turret_qty;
/* Cash in units of the currency's own 10^-scale (see turret_account). */
typedef int64_t turret_money;
/* An instrument known to this host; valid for the life of the plugin instance. 0 is none. */
typedef uint32_t turret_instrument;

/* Status: 0 or one of these. Each function says which it returns and what has not happened then. */
#define TURRET_OK        0
#define TURRET_EINVAL    (-1)  /* an argument is out of its stated range */
#define TURRET_ENOTFOUND (-2)  /* no such name, id or file */
#define TURRET_EEXIST    (-3)  /* that name or id is taken */
#define TURRET_ESTATE    (-4)  /* not allowed now: wrong thread, wrong state */
#define TURRET_ENOTSUP   (-5)  /* the other side did not advertise this */
#define TURRET_ELIMIT    (-6)  /* a stated limit is reached; nothing was done */
#define TURRET_EDENIED   (-7)  /* risk or policy said no; nothing was sent */
#define TURRET_EVERSION  (-8)  /* made for another version */
#define TURRET_ECORRUPT  (-9)  /* checksum or structure is wrong */
#define TURRET_EIO       (-10) /* the operating system or the wire failed */
#define TURRET_EFULL     (-11) /* no space on the disk or in the map */
#define TURRET_ENOMEM    (-12) /* no memory */
#define TURRET_ETIMEOUT  (-13) /* a deadline passed; nothing was sent */
#define TURRET_EUNKNOWN  (-14) /* sent, outcome not known: wait for on_order() */
#define TURRET_EFAULT    (-15) /* a plugin broke its contract */
#define TURRET_EBUSY     (-16) /* somebody else holds it */

/*
 * Where an error goes: the caller's, fixed size, never allocated. First failure wins: a function
 * that finds code != 0 leaves it. text is one line without a newline; it names the thing and value.
 */
struct turret_error {
    int32_t code;   /* TURRET_E…, 0 when nothing went wrong */
    int32_t detail; /* errno or the other library's code, 0 when there is none */
    char text[504];
};

/* Records a failure (first wins) and returns its code. err may be NULL. */
TURRET_PRINTF(3, 4)
static inline int turret_fail(struct turret_error *err, int code, const char *format, ...)
{
    if (err && err->code == 0) {
        va_list args;
        err->code = code;
        va_start(args, format);
        (void)vsnprintf(err->text, sizeof err->text, format, args);
        va_end(args);
    }
    return code;
}

/* The code recorded so far: what most start functions end with. */
static inline int turret_ok(const struct turret_error *err)
{
    return err ? err->code : TURRET_OK;
}

/* ---- parameters: one table serves config checking, `turret plugin info`, forms and search ---- */

#define TURRET_PARAM_TYPE_INT  1 /* i, within int32 */
#define TURRET_PARAM_TYPE_REAL 2 /* f, finite */
#define TURRET_PARAM_TYPE_BOOL 3 /* i, 0 or 1 */
#define TURRET_PARAM_TYPE_QTY                                                                      \
    4 /* decimal text in config; i, scaled by the first instrument's qty_scale */
#define TURRET_PARAM_TYPE_TEXT                                                                     \
    5 /* text; choices in `unit` separated by '|' when it is not empty                             \
       */

struct turret_param {
    uint32_t id;   /* permanent: never reused for another meaning */
    uint32_t type; /* TURRET_PARAM_TYPE_… */
    const char *name;
    const char
        *default_text;     /* what applies when the config is silent, as the config would say it */
    double min, max, step; /* inclusive; step 0 = none; ignored for TEXT */
    const char *unit;      /* "bars", "%", "" …; for TEXT the choices */
    const char *help;      /* one line */
};

#define TURRET_PARAM_INT(id, name, def, min, max, unit, help)                                      \
    {                                                                                              \
        id, TURRET_PARAM_TYPE_INT, name, #def, min, max, 1, unit, help                             \
    }
#define TURRET_PARAM_REAL(id, name, def, min, max, unit, help)                                     \
    {                                                                                              \
        id, TURRET_PARAM_TYPE_REAL, name, #def, min, max, 0, unit, help                            \
    }
#define TURRET_PARAM_BOOL(id, name, def, help)                                                     \
    {                                                                                              \
        id, TURRET_PARAM_TYPE_BOOL, name, (def) ? "true" : "false", 0, 1, 1, "", help              \
    }
#define TURRET_PARAM_QTY(id, name, def, help)                                                      \
    {                                                                                              \
        id, TURRET_PARAM_TYPE_QTY, name, def, 0, 9e15, 0, "units", help                            \
    }
#define TURRET_PARAM_TEXT(id, name, def, choices, help)                                            \
    {                                                                                              \
        id, TURRET_PARAM_TYPE_TEXT, name, def, 0, 0, 0, choices, help                              \
    }

/* One parameter's value, checked by the host against the plugin's table. */
struct turret_param_value {
    uint32_t id, type;
    int64_t i;
    double f;
    const char *text; /* host's, lives as long as the instance; NULL unless TEXT */
};

/* ---- saved fields: what the host keeps, restores, migrates, shows and compares ---- */

#define TURRET_FIELD_TYPE_I64 1
#define TURRET_FIELD_TYPE_F64 2
#define TURRET_FIELD_TYPE_I32 3

struct turret_field {
    uint32_t id;   /* permanent */
    uint32_t type; /* TURRET_FIELD_TYPE_… */
    uint32_t offset;
    uint32_t count; /* consecutive elements; 1 for a scalar */
    const char *name;
    const char *help;
    double initial; /* before the first start, and in a state saved without this field */
};

/* Any field: `kind` is I64, F64 or I32; `initial` a number that the type holds exactly. */
#define TURRET_FIELD(id, kind, type, member, count, initial, help)                                 \
    {                                                                                              \
        id, TURRET_FIELD_TYPE_##kind, (uint32_t)offsetof(type, member), count, #member, help,      \
            initial                                                                                \
    }
#define TURRET_FIELD_I64(id, type, member, help) TURRET_FIELD(id, I64, type, member, 1, 0, help)
#define TURRET_FIELD_F64(id, type, member, help) TURRET_FIELD(id, F64, type, member, 1, 0, help)
#define TURRET_FIELD_I32(id, type, member, help) TURRET_FIELD(id, I32, type, member, 1, 0, help)

/*
 * Saved fields of one schema while a converter runs: values by permanent field id, index 0 for a
 * scalar. Integer fields are read as int, F64 ones as real.
 *
 * owns:  the host's; valid during the call
 * fails: ENOTFOUND no such field or index; EINVAL the field is of the other kind, or the value is
 *        out of its range
 */
struct turret_saved {
    uint32_t struct_size;
    uint32_t schema;
    void *context;
    int32_t (*get_int)(const struct turret_saved *saved, uint32_t field_id, uint32_t index,
                       int64_t *value);
    int32_t (*get_real)(const struct turret_saved *saved, uint32_t field_id, uint32_t index,
                        double *value);
    int32_t (*set_int)(struct turret_saved *saved, uint32_t field_id, uint32_t index,
                       int64_t value);
    int32_t (*set_real)(struct turret_saved *saved, uint32_t field_id, uint32_t index,
                        double value);
};

/*
 * How a state of one schema becomes another's, when a field changed its meaning. A build says what
 * it can do in both directions: from older schemas to its own, and back from its own.
 *
 * when:  core thread, while builds are swapped; no instance runs. `to` already holds every field
 *        that both have under one id (converted when its type was widened), the others `initial`.
 * fails: any status with a text; the swap is refused, the old build goes on
 */
struct turret_convert {
    uint32_t from_schema, to_schema;
    int32_t (*convert)(const struct turret_saved *from, struct turret_saved *to,
                       struct turret_error *err);
};

/*
 * A stream of state, for plugins whose state has a shape of its own. Short reads and writes are
 * allowed: both return the bytes moved (0 at the end), or a negative status.
 *
 * when:   inside save() or load() only
 */
struct turret_stream {
    uint32_t struct_size;
    uint32_t schema; /* on load: the schema version the bytes were saved with */
    void *context;   /* the host's */
    int64_t (*read)(struct turret_stream *stream, void *to, uint64_t size_bytes);
    int64_t (*write)(struct turret_stream *stream, const void *from, uint64_t size_bytes);
};

/* ---- why a plugin starts or stops ---- */

#define TURRET_REASON_FIRST   1 /* start: never ran under this name before */
#define TURRET_REASON_RESTART 2 /* start: the daemon came back; saved fields are in place */
#define TURRET_REASON_PARAMS  3 /* both: parameters changed */
#define TURRET_REASON_SWAP_IN                                                                      \
    4 /* start: replaces an older build; converted fields are in place                             \
       */
#define TURRET_REASON_SWAP_OUT    5 /* stop: a newer build takes over */
#define TURRET_REASON_SHUTDOWN    6 /* stop: the daemon ends */
#define TURRET_REASON_QUARANTINED 7 /* stop: broke its contract */
#define TURRET_REASON_COMMAND     8 /* both: a person asked */

#define TURRET_LOG_ERROR  1
#define TURRET_LOG_WARN   2
#define TURRET_LOG_NOTICE 3
#define TURRET_LOG_DEBUG  4

/* ---- the ELF note: read before dlopen, so that a mismatch never runs a constructor ---- */

#define TURRET_NOTE_NAME    "Turret"
#define TURRET_NOTE_TYPE    1
#define TURRET_NOTE_SECTION ".note.turret"

#define TURRET_KIND_INDICATOR 1u
#define TURRET_KIND_STRATEGY  2u
#define TURRET_KIND_BROKER    4u

/*
 * How this plugin was compiled. The host compares it field by field and names the first that
 * differs. Sizes are those of structs that never grow.
 */
struct turret_fingerprint {
    uint16_t pointer_size;
    uint16_t int64_align;
    uint16_t double_align;
    uint16_t little_endian;
    uint16_t bar_size;
    uint16_t trade_size;
    uint16_t quote_size;
    uint16_t level_size;
    uint16_t slot_size;
    uint16_t param_size;
    uint16_t field_size;
    uint16_t error_size;
};

struct turret_note {
    uint32_t struct_size;
    uint16_t abi_major, abi_minor; /* the minor the plugin needs at least */
    uint32_t kinds;                /* TURRET_KIND_… or-ed */
    struct turret_fingerprint fingerprint;
    char id[48];      /* reverse-domain or vendor.name, [a-z0-9._-] */
    char version[24]; /* the plugin's own, shown to people */
    char needs[96];   /* required extensions "turret.x/1 turret.y/2", or "" */
};

/* The whole note section as it lies in the file; laid out as ELF wants it. */
struct turret_elf_note {
    uint32_t name_size, desc_size, type;
    char name[8];
    struct turret_note note;
};

/* ---- the entry: the one exported symbol, `turret_entry` ---- */

#define TURRET_ENTRY_SYMBOL "turret_entry"

struct turret_indicator_type;
struct turret_strategy_type;
struct turret_broker_type;

/* One thing a plugin offers. Exactly one pointer is set, the one `kind` names. */
struct turret_offer {
    uint32_t kind; /* TURRET_KIND_… */
    uint32_t reserved;
    const struct turret_indicator_type *indicator;
    const struct turret_strategy_type *strategy;
    const struct turret_broker_type *broker;
};

/*
 * What the host finds under `turret_entry`.
 *
 * when:   init once after dlopen, before anything else; deinit once before dlclose; both may be
 *         NULL. On a thread of the host's, while no instance of this build exists.
 * fails:  init may refuse with any status and a text; the plugin is then unloaded.
 */
struct turret_entry {
    uint32_t struct_size;
    uint16_t abi_major, abi_minor;
    struct turret_fingerprint fingerprint;
    const char *id;
    const char *version;
    const struct turret_offer *offers;
    uint32_t offer_count;
    uint32_t reserved;
    int32_t (*init)(struct turret_error *err);
    void (*deinit)(void);
};

#ifdef __cplusplus
#define TURRET_LINKAGE extern "C"
}
#else
#define TURRET_LINKAGE extern
#endif

#include <turret/market.h>

#define TURRET_FINGERPRINT_INIT                                                                    \
    {                                                                                              \
        (uint16_t)sizeof(void *), (uint16_t)offsetof(struct turret_align_i64, value),              \
            (uint16_t)offsetof(struct turret_align_f64, value),                                    \
            (uint16_t)(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__),                                 \
            (uint16_t)sizeof(struct turret_bar), (uint16_t)sizeof(struct turret_trade),            \
            (uint16_t)sizeof(struct turret_quote), (uint16_t)sizeof(struct turret_level),          \
            (uint16_t)sizeof(struct turret_slot), (uint16_t)sizeof(struct turret_param),           \
            (uint16_t)sizeof(struct turret_field), (uint16_t)sizeof(struct turret_error)           \
    }

struct turret_align_i64 {
    char first;
    int64_t value;
};
struct turret_align_f64 {
    char first;
    double value;
};

/*
 * Emits the note and the entry of a plugin that offers `offer_array` (an array of turret_offer).
 * Once per plugin, at file scope. TURRET_INDICATOR, TURRET_STRATEGY and TURRET_BROKER use it.
 */
#define TURRET_PLUGIN(id_text, version_text, kind_mask, offer_array)                               \
    __attribute__((section(TURRET_NOTE_SECTION), used,                                             \
                   aligned(4))) static const struct turret_elf_note turret_note_in_file = {        \
        8,                                                                                         \
        (uint32_t)sizeof(struct turret_note),                                                      \
        TURRET_NOTE_TYPE,                                                                          \
        TURRET_NOTE_NAME,                                                                          \
        {(uint32_t)sizeof(struct turret_note), TURRET_ABI_MAJOR, TURRET_ABI_MINOR, kind_mask,      \
         TURRET_FINGERPRINT_INIT, id_text, version_text, ""}};                                     \
    TURRET_LINKAGE TURRET_EXPORT const struct turret_entry turret_entry;                           \
    const struct turret_entry turret_entry = {                                                     \
        (uint32_t)sizeof(struct turret_entry),                                                     \
        TURRET_ABI_MAJOR,                                                                          \
        TURRET_ABI_MINOR,                                                                          \
        TURRET_FINGERPRINT_INIT,                                                                   \
        id_text,                                                                                   \
        version_text,                                                                              \
        offer_array,                                                                               \
        (uint32_t)(sizeof(offer_array) / sizeof((offer_array)[0])),                                \
        0,                                                                                         \
        NULL,                                                                                      \
        NULL}

TURRET_STATIC_ASSERT(sizeof(struct turret_error) == 512, "turret_error");
TURRET_STATIC_ASSERT(sizeof(struct turret_fingerprint) == 24, "turret_fingerprint");
TURRET_STATIC_ASSERT(sizeof(struct turret_note) == 204, "turret_note");
TURRET_STATIC_ASSERT(offsetof(struct turret_note, fingerprint) == 12, "turret_note.fingerprint");
TURRET_STATIC_ASSERT(offsetof(struct turret_note, id) == 36, "turret_note.id");
TURRET_STATIC_ASSERT(offsetof(struct turret_elf_note, note) == 20, "turret_elf_note.note");

#endif
